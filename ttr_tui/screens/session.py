"""What all screens share: the open runtime, and what rows 1, 2 and 22 show of the store.

The app owns the one `Session`, reloads it after each change of the store and then publishes
`changed`; `worked` tells that running work of this process got further. Screens read it as
`self.session`.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttr_tui.model import Alarm, Attempt, Company, Outcome, Secret, Status
from ttr_tui.widgets.progress import percent

if TYPE_CHECKING:
    from textual.signal import Signal

    from ttr_tui.flows.forecast import Due
    from ttr_tui.runtime import Runtime
    from ttr_tui.store import CompanySummary

Person = Callable[[str, str], Awaitable[str]]
"""Follows a start link as a person of the sandbox would, who signs in with a user principal name
(empty: as the administrator); returns the last page's text."""


@dataclass(frozen=True)
class Demo:
    """What only the demo has: the sandbox's people, its tenants' domains, and a new client secret
    of its registration.
    """

    person: Person
    tenants: Sequence[str] = ()
    new_secret: Callable[[], Secret] | None = None


NEEDS_YOU = (Status.REFUSED, Status.EXPIRED, Status.UNREADABLE)


@dataclass
class Session:
    """Shared by the screens of one app.

    `demo` is None outside of it. `over_ssh` is true also under tmux and screen, which
    hide who is attached. `alarms` and `due` (what has a date) are by company id. `percent_running`
    is how far all open bulk-add runs are, or None.
    """

    runtime: Runtime
    environ: Mapping[str, str]
    demo: Demo | None = None
    host: str = field(default_factory=lambda: os.uname().nodename.split(".")[0])
    changed: Signal[None] = field(init=False)
    worked: Signal[None] = field(init=False)
    loaded: bool = False
    summaries: list[CompanySummary] = field(default_factory=list)
    waiting: list[Attempt] = field(default_factory=list)
    alarms: dict[str, list[Alarm]] = field(default_factory=dict)
    due: dict[str, Sequence[Due]] = field(default_factory=dict)
    percent_running: int | None = None

    @property
    def over_ssh(self) -> bool:
        """Whether the terminal is far away, or may be."""
        return any(self.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "TMUX", "STY"))

    @property
    def redraw_pause(self) -> float:
        """Seconds between two drawings of the same progress: four a second, over SSH one."""
        return 1.0 if self.over_ssh else 0.25

    async def reload(self) -> None:
        """Load what rows 1, 2 and 22 of every screen show."""
        store = self.runtime.store
        self.summaries = await store.companies.summaries()
        self.waiting = [
            attempt
            for summary in self.summaries
            for attempt in await store.attempts.open_of(summary.company.id)
            if attempt.person is not None
        ]
        self.alarms = {}
        for alarm in await store.alarms.list():
            self.alarms.setdefault(alarm.company_id, []).append(alarm)
        runs = await store.runs.open_runs()
        total = sum(sum(run.counts.values()) for run in runs)
        left = sum(run.counts.get(Outcome.WAITING, 0) for run in runs)
        self.percent_running = percent(total - left, total) if runs else None
        self.loaded = True

    async def reload_due(self) -> None:
        """Load what has a date, for every company; only the list of companies shows it."""
        from ttr_tui.flows import forecast  # noqa: PLC0415 - the first frame needs none of it

        access = self.runtime.access
        shared = await forecast.of_installation(access)
        due: dict[str, Sequence[Due]] = {}
        for summary in self.summaries:
            its = await forecast.of_company(access, summary.company)
            due[summary.company.id] = forecast.in_order([*shared, *its])
        self.due = due

    def in_trouble(self) -> list[CompanySummary]:
        """Return the companies that need somebody, by name."""
        return [
            summary
            for summary in self.summaries
            if (summary.master is not None and summary.master.status in NEEDS_YOU)
            or summary.company.id in self.alarms
        ]

    def company(self, company_id: str) -> Company | None:
        """Return a company as last loaded, or None when it is no more."""
        for summary in self.summaries:
            if summary.company.id == company_id:
                return summary.company
        return None
