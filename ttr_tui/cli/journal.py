"""`ttr-tui journal`: who did what, when, from where, and how it ended."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from ttr_tui.cli.opening import DONE, carry_out
from ttr_tui.cli.options import json_option
from ttr_tui.cli.records import journal_record
from ttr_tui.model import now
from ttr_tui.text import stamp

if TYPE_CHECKING:
    from ttr_tui.cli.output import Output
    from ttr_tui.model import JournalEntry
    from ttr_tui.runtime import Runtime

HEADS = ("When", "Who", "Outcome", "Company", "What")
_UNITS = {"min": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType[datetime]):
    """A local date or time, `2026-11-23T15:41`, or how long ago, `30min`, `2h`, `5d`."""

    name = "when"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment that was written; fail with what can be written instead."""
        if isinstance(value, datetime):
            return value
        ago = re.fullmatch(r"(\d{1,6}) ?(min|h|d)", value.strip())
        try:
            if ago:
                return now() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
            return datetime.fromisoformat(value).astimezone()
        except (ValueError, OverflowError):
            self.fail("write 2026-11-23, 2026-11-23T15:41, 30min, 2h or 5d", param, ctx)


@click.command(name="journal")
@click.option("--since", type=Moment(), help="A local date or time, or how long ago: 2h, 5d.")
@json_option
@click.pass_context
def command(context: click.Context, since: datetime | None, as_json: bool) -> None:
    """Show who did what, when, from where, and how it ended."""

    async def work(runtime: Runtime, out: Output) -> int:
        entries = await runtime.store.journal.since(since)
        if out.as_json:
            out.record({"entries": [journal_record(entry) for entry in entries]})
        elif entries:
            out.table(HEADS, [_row(entry) for entry in entries])
        else:
            out.say("The journal holds nothing for this time.")
        return DONE

    carry_out(context, work, as_json=as_json)


def _row(entry: JournalEntry) -> tuple[str, ...]:
    who = f"{entry.who} from {entry.origin}" if entry.origin else entry.who
    what = ": ".join(part for part in (entry.what, entry.subject, entry.detail) if part)
    return stamp(entry.at, seconds=True), who, entry.outcome, entry.company_name, what
