"""Delete authentications: show what goes, write the intent, destroy keys, prove the erasure.

Four stages, each kept, so that a crash at any moment is resumed: planned; the ids of the keys that
are to die noted beside the store key; keys and tokens deleted in one transaction (unusable from
then on, however many hang on them), and the rows below them swept away, some thousands at a time;
the write-ahead log truncated with every reader gone (erased).
"""

from ttr_tui.flows.revocation.deleting import Revoked, carry_out, erase
from ttr_tui.flows.revocation.planning import FIRST, RevocationPlan, plan, plan_of

__all__ = ["FIRST", "RevocationPlan", "Revoked", "carry_out", "erase", "plan", "plan_of"]
