"""Poll a tenant's directory into the local copy, after the Company Master's token was accepted."""

from __future__ import annotations

from ttr_tui.flows.polling.opening import Opened, open_bulk_add
from ttr_tui.flows.polling.polling import SPLIT_FROM, poll
from ttr_tui.flows.polling.progress import PollProgress, Reading

__all__ = ["SPLIT_FROM", "Opened", "PollProgress", "Reading", "open_bulk_add", "poll"]
