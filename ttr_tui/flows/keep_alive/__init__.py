"""Keep stored sign-ins alive, and ask for every authentication when somebody wants to know now."""

from __future__ import annotations

from ttr_tui.flows.keep_alive.asking import Asked, ask_all
from ttr_tui.flows.keep_alive.due import due, due_at
from ttr_tui.flows.keep_alive.keeper import Keeper, last_look

__all__ = ["Asked", "Keeper", "ask_all", "due", "due_at", "last_look"]
