"""Sign in: a start link, Microsoft's page, who came, the operator's word, the store.

One journey for the four flows with a code: the Company Master, an agent now, an invitation, a
re-authentication. The browser's answer is redeemed at once. Where the person was pinned before and
the browser is the one that pressed the button, the sign-in is stored; else its tokens wait sealed
on the attempt, used for nothing but the identity check, until the operator confirms who came.
Refused, withdrawn or after a day they are erased.

Its steps, in order: `beginning` (links and requests), `arriving` (the answer), `deciding` (the
operator's word), `storing` (what is stored, and its first refresh).
"""

from ttr_tui.flows.sign_in.arriving import Arrived, complete
from ttr_tui.flows.sign_in.beginning import begin, begin_again, begin_agent, press
from ttr_tui.flows.sign_in.deciding import confirm, refuse
from ttr_tui.flows.sign_in.storing import taken_over

__all__ = [
    "Arrived",
    "begin",
    "begin_again",
    "begin_agent",
    "complete",
    "confirm",
    "press",
    "refuse",
    "taken_over",
]
