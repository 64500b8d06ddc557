"""What a monitoring system is told: its exit statuses, a first line that says all, then the rest.

The statuses and the form of the first line are those of the Monitoring Plugins guidelines
(https://www.monitoring-plugins.org/doc/guidelines.html, "Plugin Output" and "Return Codes").
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ttr_tui.cli.output import Output
from ttr_tui.cli.records import error_record
from ttr_tui.errors import SettingsFaulty
from ttr_tui.model import Check, Verdict
from ttr_tui.text import cells, clean, number

if TYPE_CHECKING:
    from ttr_tui.errors import TtrError

OK, WARNING, CRITICAL, UNKNOWN = range(4)

STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
"""The words of the exit statuses, by their number."""

STATUS: Mapping[Verdict, int] = {
    Verdict.FAIL: CRITICAL,
    Verdict.WARNING: WARNING,
    Verdict.UNKNOWN: UNKNOWN,
    Verdict.PASS: OK,
}
"""Each verdict's exit status, the worst first, in the order of the Monitoring Plugins' own
`max_state_alt`: what is not known counts less than what is known to need a look."""

WORDS: Mapping[Verdict, str] = {
    Verdict.FAIL: "FAIL",
    Verdict.WARNING: "WARNING",
    Verdict.UNKNOWN: "UNKNOWN",
    Verdict.PASS: "PASS",
}

_COUNTED = {Verdict.FAIL: "fail", Verdict.WARNING: "warning", Verdict.UNKNOWN: "not known"}
_WORD = max(map(len, WORDS.values()))
NAMED = 3
"""How many of one verdict the first line names; the rest is counted."""

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was looked at: its verdict, what it is called, whose it is.

    `counts`: whether its verdict says anything of how things stand.
    """

    verdict: Verdict
    name: str
    whose: str = ""
    counts: bool = True


def status_of(told: Iterable[Told]) -> int:
    """Return the exit status of the worst verdict; of none at all, that nothing is known."""
    seen = {one.verdict for one in told if one.counts}
    return next((status for verdict, status in STATUS.items() if verdict in seen), UNKNOWN)


def first_line(about: str, told: Sequence[Told], well: str) -> str:
    """Return the line a monitoring system shows: state, what it is about, what needs a look.

    `well` is said when nothing does. Behind the bar stand the counts as performance data.
    """
    verdicts = [one.verdict for one in told]
    state = STATES[status_of(told)]
    parts = [_part(told, verdict) for verdict in STATUS if verdict is not Verdict.PASS]
    said = ", ".join(filter(None, parts)) or well
    counts = " ".join(f"{WORDS[verdict].lower()}={verdicts.count(verdict)}" for verdict in STATUS)
    return f"TTR {state} - {without_bars(f'{about}: {said}')} | {counts}"


def _part(told: Sequence[Told], verdict: Verdict) -> str:
    """Return how many have a verdict, and the names of the first.

    The same thing of several companies is named once; whose it is only where there are others.
    """
    count = sum(one.verdict is verdict for one in told)
    if not count:
        return ""
    companies = {one.whose for one in told if one.whose}
    named: dict[str, list[str]] = {}
    for one in told:
        if one.verdict is verdict:
            named.setdefault(one.name, []).append(one.whose if len(companies) > 1 else "")
    names = [_named(name, whose) for name, whose in named.items()]
    more = len(names) - NAMED
    also = f" and {number(more)} more" if more > 0 else ""
    plural = "s" if verdict is Verdict.WARNING and count > 1 else ""
    return f"{number(count)} {_COUNTED[verdict]}{plural} ({', '.join(names[:NAMED])}{also})"


def _named(name: str, whose: Sequence[str]) -> str:
    if len(whose) > 1:
        return f"{name} of {number(len(whose))}"
    return f"{whose[0]} {name}" if whose[0] else name


def without_bars(written: str) -> str:
    """Return text without the character behind which performance data begin."""
    return clean(written).replace("|", "/")


def print_rows(
    out: Output, rows: Sequence[Sequence[str]], below: Sequence[Sequence[str]] = ()
) -> None:
    """Print rows in columns, below each one its lines of `below`, if there are any."""
    shown = [[without_bars(cell) for cell in row] for row in rows]
    widths = [max(map(cells, column)) for column in zip(*shown, strict=True)]
    widths[:1] = [max(width, _WORD) for width in widths[:1]]
    for place, row in enumerate(shown):
        out.columns(row, widths)
        for line in below[place] if below else ():
            out.line(f"    {without_bars(line)}")


class ProbeOutput(Output):
    """Prints for a command that a monitoring system runs: an error is a first line, too."""

    def refuse(self, problem: TtrError) -> int:
        """Say what went wrong; return that nothing is known, or critical for faulty settings."""
        faults = problem.faults if isinstance(problem, SettingsFaulty) else ()
        status = CRITICAL if faults else UNKNOWN
        state = STATES[status]
        if self.as_json:
            self.tell(problem)
            error = error_record(problem)
            self.record({"state": state.lower(), "status": status, "error": error})
            return status
        self.line(f"TTR {state} - {without_bars(problem.happened)}")
        print_rows(self, [(WORDS[Verdict.FAIL], Check.ENV_FILE.value, one) for one in faults])
        if problem.means or problem.cure:
            self.say(f"{problem.means} {problem.cure}".strip())
        return status


class ProbeMisused(click.UsageError):
    """Wrong use of a command that a monitoring system runs."""

    exit_code = UNKNOWN


class Probe(click.Command):
    """A command whose wrong use is exit status 3: 2 would say that something is broken."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the command's own words; wrong ones are told as such."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as wrong:
            raise ProbeMisused(wrong.format_message(), wrong.ctx) from wrong

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a fault of ours in it says nothing of what was to be looked at."""
        sys.excepthook = partial(_end_unknown, sys.excepthook)
        return super().invoke(ctx)


def _end_unknown(report: Callable[..., Any], *crash: Any) -> None:
    """Report a crash and end as not known: Python's own status, 1, would be a warning."""
    report(*crash)
    sys.stdout.write(f"TTR {STATES[UNKNOWN]} - a fault of ours ended this; stderr tells where\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(UNKNOWN)


def company_option(command: Decorated) -> Decorated:
    """Give a command the argument COMPANY, and all of them without it."""
    return click.argument("company", required=False)(command)
