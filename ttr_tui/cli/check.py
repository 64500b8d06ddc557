"""`ttr-tui check`: the set-up steps and the proofs by use, for people and for monitoring."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from ttr_tui.cli.check_lines import about, below, lines, record
from ttr_tui.cli.examining import Examination
from ttr_tui.cli.monitoring import (
    Probe,
    ProbeOutput,
    company_option,
    first_line,
    print_rows,
    status_of,
)
from ttr_tui.cli.opening import carry_out
from ttr_tui.cli.options import json_option
from ttr_tui.errors import Refused
from ttr_tui.text import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.cli.check_lines import Examined
    from ttr_tui.cli.output import Output
    from ttr_tui.runtime import Runtime

PATIENCE = 25
"""Seconds for all of it. A monitoring system gives up after 60, and a token request that is under
way by then is seen through for 30 at most: what it brings must not be lost."""


class Terms(TypedDict):
    """How it was asked for on the command line."""

    every: bool
    service: bool
    details: bool
    timeout: int


@click.command(name="check", cls=Probe)
@company_option
@click.option("--all", "every", is_flag=True, help="Ask for every authentication now, too.")
@click.option("--service", is_flag=True, help="Do not answer for ttr-tui serve: it has to run.")
@click.option("--details", is_flag=True, help="Print evidence, cures and pages below each line.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.IntRange(1, 86_400),
    default=PATIENCE,
    show_default=True,
    help="What did not answer by then is not known.",
)
@json_option
@click.pass_context
def command(
    context: click.Context, company: str | None, as_json: bool, **terms: Unpack[Terms]
) -> None:
    """Check the set-up of a company, or of all, live.

    The seven steps of the set-up, then the proofs by use: one line each, below a first line that
    says all. It changes nothing at Microsoft. The redirect URLs are answered meanwhile, unless
    --service says that ttr-tui serve has to.

    Exit status for monitoring: 0 all is well, 1 a warning, 2 something fails, 3 something is not
    known; the worst counts, in the order 2, 1, 3, 0. Wrong use and errors are 3.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        companies = runtime.store.companies
        chosen = [await companies.find(company)] if company else await companies.list()
        tell = out.pace if sys.stderr.isatty() else _nobody
        examined = await Examination(runtime, terms["timeout"], terms["every"], tell).of(chosen)
        if not examined:
            return _without_company(runtime)
        if out.as_json:
            out.record(record(examined))
        else:
            _print(out, examined, named=company is None, whole=terms["details"])
        return status_of(told for one in examined for told in one.told())

    serve = not terms["service"]
    carry_out(context, work, as_json=as_json, serve=serve, printer=ProbeOutput)


def _nobody(sentence: str) -> None:
    """Tell nobody of progress: a monitoring system mistakes it for the answer."""
    del sentence


def _without_company(runtime: Runtime) -> int:
    """Say what is known before there is a company: whether the settings are in order."""
    runtime.settings.require_microsoft()
    raise Refused(
        "There is no company yet.",
        means="The settings hold no fault; nothing else can be checked.",
        cure="ttr-tui companies add NAME DOMAIN adds one.",
    )


def _print(out: Output, examined: Sequence[Examined], *, named: bool, whole: bool) -> None:
    """Print the first line, then one for each step; `named` says of which company each is."""
    told = [seen for one in examined for seen in one.told()]
    out.line(first_line(about(examined), told, f"all {number(len(told))} checks pass"))
    rows: list[tuple[str, ...]] = []
    for one in examined:
        for word, step, seen in lines(one):
            rows.append((word, one.company.name, step, seen) if named else (word, step, seen))
    print_rows(out, rows, [lines for one in examined for lines in below(one)] if whole else ())
