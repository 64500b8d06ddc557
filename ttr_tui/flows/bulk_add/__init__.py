"""Chosen users become agents: plan, start, carry on, retry, stop; one outcome per user.

A run is journalled before its first request. Each mailbox is asked once through `$batch`, twenty
at a time and four batches at once (`asking`); who answers becomes an agent whose authentication is
a child of the Company Master. Agents, children and outcomes of what was answered within half a
second are one transaction, so that a crash loses nothing and running again adds nobody twice.
"""

from ttr_tui.flows.bulk_add.asking import RunProgress
from ttr_tui.flows.bulk_add.planning import AddPlan, Picked, picked, plan, windows
from ttr_tui.flows.bulk_add.running import carry_on
from ttr_tui.flows.bulk_add.starting import retry, start, stop
from ttr_tui.flows.bulk_add.taken import who_cannot

__all__ = [
    "AddPlan",
    "Picked",
    "RunProgress",
    "carry_on",
    "picked",
    "plan",
    "retry",
    "start",
    "stop",
    "who_cannot",
    "windows",
]
