"""`ttr-tui forecast`: everything with a date, soonest first, for people and for monitoring."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from ttr_tui.cli.monitoring import (
    STATES,
    WORDS,
    Probe,
    ProbeOutput,
    Told,
    company_option,
    first_line,
    print_rows,
    status_of,
)
from ttr_tui.cli.opening import carry_out
from ttr_tui.cli.options import json_option
from ttr_tui.cli.records import due_record
from ttr_tui.model import EndingKind, Verdict, now
from ttr_tui.text import ago, number, plural, stamp, until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ttr_tui.cli.output import Output
    from ttr_tui.flows.forecast import Due
    from ttr_tui.model import Company, Ending
    from ttr_tui.runtime import Runtime

    Line = tuple[Company | None, Due]

SHARED = "all companies"
"""Whom a line concerns that belongs to the installation."""

OVERDUE = {EndingKind.BACKUP, EndingKind.KEEP_ALIVE}
"""What is to be done anew by its date, and does not end then."""


@click.command(name="forecast", cls=Probe)
@company_option
@click.option(
    "--warn",
    metavar="DAYS",
    type=click.IntRange(0, 36_500),
    help="Warn that many days before an end, whatever it is that ends.",
)
@json_option
@click.pass_context
def command(context: click.Context, company: str | None, warn: int | None, as_json: bool) -> None:
    """List what ends and when, of a company or of all.

    Client secret, certificates, sign-ins, invitations, backup, keep-alive: soonest first, below a
    first line that says all. Needs no network: what check saw last is what is known.

    Exit status for monitoring: 0 all is well, 1 a warning, 2 something has ended, 3 a date is not
    known; the worst counts, in the order 2, 1, 3, 0. Wrong use and errors are 3.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        listed, about = await _listed(runtime, company, warn)
        moment = now()
        told = [
            Told(due.verdict, _called(due, moment), of.name if of else "") for of, due in listed
        ]
        status = status_of(told)
        if out.as_json:
            records = [due_record(due, of) for of, due in listed]
            out.record({"state": STATES[status].lower(), "status": status, "due": records})
        else:
            out.line(first_line(about, told, _well(listed, moment)))
            rows = [row(due, moment) for _, due in listed]
            if company is None:
                whose = [of.name if of else SHARED for of, _ in listed]
                rows = [(word, one, *rest) for one, (word, *rest) in zip(whose, rows, strict=True)]
            print_rows(out, rows)
        return status

    carry_out(context, work, as_json=as_json, printer=ProbeOutput)


async def _listed(
    runtime: Runtime, company: str | None, warn: int | None
) -> tuple[list[Line], str]:
    """Return everything with a date with its company, soonest first, and whom it is about."""
    from ttr_tui.flows import forecast  # noqa: PLC0415 - help needs no store

    companies = runtime.store.companies
    chosen = [await companies.find(company)] if company else await companies.list()
    lines: list[Line] = [
        (None, due) for due in await forecast.of_installation(runtime.access, warn)
    ]
    for one in chosen:
        lines += [(one, due) for due in await forecast.of_company(runtime.access, one, warn)]
    lines.sort(key=lambda line: forecast.when(line[1]))
    about = chosen[0].name if len(chosen) == 1 else plural(len(chosen), "company")
    return lines, about


def row(due: Due, moment: datetime) -> tuple[str, ...]:
    """Return a line: verdict, what it is, which, when, how far off, and a word on it."""
    ending = due.ending
    day = stamp(ending.at) if ending.at else "-"
    notice = f"within {plural(due.level, 'day')}" if due.level else ""
    note = "; ".join(filter(None, (notice, ending.note)))
    kind = ending.kind.value
    return WORDS[due.verdict], kind, ending.subject or "-", day, far(ending, moment) or "-", note


def far(ending: Ending, moment: datetime) -> str:
    """Return how far off an end is: `in 18 d`, `ended 3 d ago`; nothing without a date."""
    if ending.at is None:
        return ""
    due = ending.kind in OVERDUE
    if ending.at > moment:
        return ("due " if due else "") + f"in {_days(until(ending.at, moment), ending.at - moment)}"
    since = _days(ago(ending.at, moment), moment - ending.at)
    return f"{'was due' if due else 'ended'} {since} ago"


def _days(told: str, left: timedelta) -> str:
    """Return a length of time; days also where `told` is a date, which stands beside it."""
    return told if " " in told else f"{number(left // timedelta(days=1))} d"


def _called(due: Due, moment: datetime) -> str:
    """Return what the first line says of one of them: what, which, how far off."""
    ending = due.ending
    which = ending.subject if ending.kind is EndingKind.AUTHENTICATION else ""
    undated = "" if due.verdict is Verdict.UNKNOWN else ending.note.partition(";")[0]
    told = far(ending, moment) or undated
    return " ".join(filter(None, (ending.kind.value, which, told)))


def _well(listed: Sequence[Line], moment: datetime) -> str:
    """Return what ends next, when nothing needs a look."""
    dated = [due.ending for _, due in listed if due.ending.at is not None]
    if not dated:
        return "nothing has a date"
    return f"next is {dated[0].kind} {far(dated[0], moment)}"
