"""What `ttr-tui check` says of a company: one line for each step, its details, its record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.cli.monitoring import STATES, WORDS, Told, status_of
from ttr_tui.cli.records import (
    Record,
    authentication_record,
    company_record,
    error_record,
    finding_record,
)
from ttr_tui.model import AuthenticationKind, Check, Finding, Status, Verdict, now
from ttr_tui.text import number, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ttr_tui.errors import TtrError
    from ttr_tui.model import Authentication, Company, Seen

AUTHENTICATIONS = "authentications"
"""What the line of `--all` is called."""


_SEVERITY = (Verdict.PASS, Verdict.UNKNOWN, Verdict.WARNING, Verdict.FAIL)


@dataclass(frozen=True, slots=True)
class Round:
    """What became of asking for every authentication: how many work, and which do not.

    `silent` counts those of which nothing was learned; `broken_off` says why it did not come to its
    end, `stopped` whether that is what Microsoft refuses to all of them.
    """

    healthy: int = 0
    troubled: tuple[Authentication, ...] = ()
    silent: int = 0
    broken_off: str = ""
    stopped: bool = False

    @property
    def verdict(self) -> Verdict:
        """What is known of all of them together: the worst of it."""
        verdicts = [Verdict.PASS, *map(trouble, self.troubled)]
        if self.stopped:
            verdicts.append(Verdict.FAIL)
        if self.silent or self.broken_off:
            verdicts.append(Verdict.UNKNOWN)
        return max(verdicts, key=_SEVERITY.index)

    @property
    def seen(self) -> str:
        """How many were asked, and what came of it, as one line."""
        total = self.healthy + len(self.troubled) + self.silent
        works = f"{number(self.healthy)} of {number(total)} work" if total else ""
        silent = f"{number(self.silent)} gave no answer" if self.silent else ""
        none = "none is stored" if not total and not self.broken_off else ""
        return ", ".join(filter(None, (works, silent, none, self.broken_off)))


@dataclass(frozen=True, slots=True)
class Examined:
    """What is known of one company; `problem` is what kept it from being looked at."""

    company: Company
    findings: tuple[Finding, ...] = ()
    problem: TtrError | None = None
    asked: Round | None = None

    def told(self) -> list[Told]:
        """Return everything that was looked at, in the order of the lines."""
        whose = self.company.name
        told = [Told(one.verdict, one.check, whose, _counts(one)) for one in self.findings]
        if self.problem is not None:
            told.append(Told(Verdict.UNKNOWN, self.problem.happened, whose))
        if self.asked is not None:
            told.append(Told(self.asked.verdict, AUTHENTICATIONS, whose))
        return told


def _counts(finding: Finding) -> bool:
    """Tell whether a finding says anything of how the company stands.

    Ticked or unticked, both are well: where the boxes cannot be seen (a customer's tenant does not
    list our registration) nothing is missing.
    """
    either_way = finding.check is Check.AUTHENTICATION_SETTINGS
    return not (either_way and finding.verdict is Verdict.UNKNOWN)


def complete(findings: Iterable[Finding], seconds: int) -> tuple[Finding, ...]:
    """Return a finding for every check, in their order; what is silent still is not known."""
    known = {finding.check: finding for finding in findings}
    silent = f"no answer within {seconds} s"
    return tuple(
        known.get(check) or Finding(check, Verdict.UNKNOWN, silent, now()) for check in Check
    )


def trouble(authentication: Authentication) -> Verdict:
    """Return what an authentication that is not healthy means.

    Without its Company Master a company stands still; one agent of many, as somebody who left, is
    to be looked at.
    """
    master = authentication.kind is AuthenticationKind.COMPANY_MASTER
    perhaps = authentication.status is Status.UNPROVEN
    return Verdict.FAIL if master and not perhaps else Verdict.WARNING


def lines(examined: Examined) -> list[tuple[str, str, str]]:
    """Return a company's lines: the verdict's word, what was looked at, what was seen."""
    rows = [(WORDS[one.verdict], one.check.value, one.seen) for one in examined.findings]
    if examined.problem is not None:
        rows.append((WORDS[Verdict.UNKNOWN], "company", examined.problem.sentence()))
    asked = examined.asked
    if asked is not None:
        rows.append((WORDS[asked.verdict], AUTHENTICATIONS, asked.seen))
        rows += [_trouble_line(one) for one in asked.troubled]
    return rows


def below(examined: Examined) -> list[list[str]]:
    """Return what `--details` prints below each of `lines`."""
    told = [[f"{label:<14} {value}" for label, value in details(one)] for one in examined.findings]
    return told + [[] for _ in lines(examined)[len(told) :]]


def _trouble_line(one: Authentication) -> tuple[str, str, str]:
    called = ", ".join(dict.fromkeys(filter(None, (one.user_principal_name, one.name))))
    reason = f": {one.status_reason}" if one.status_reason else ""
    return WORDS[trouble(one)], "authentication", f"{called}, {one.status}{reason}"


def details(finding: Finding) -> list[tuple[str, str]]:
    """Return what stands behind a finding, as labels and values; `copy` lines are whole."""
    told = [(one.verdict.value if one.verdict else "-", _evidence(one)) for one in finding.evidence]
    problem = finding.problem
    refusal = []
    if problem is not None:
        refusal = [
            ("code", problem.code),
            ("correlation id", problem.correlation_id),
            ("trace id", problem.trace_id),
            ("time", problem.timestamp),
        ]
    rest = [
        ("means", finding.means),
        ("who", finding.who if finding.cure else ""),
        ("cure", finding.cure),
        *(("copy", line) for line in finding.lines),
        ("page", finding.link),
    ]
    return [(label, value) for label, value in (*told, *rest, *refusal) if value]


def _evidence(one: Seen) -> str:
    return f"{one.text} - {one.note.removesuffix('.')}" if one.note else one.text


def record(examined: Sequence[Examined]) -> Record:
    """Return all of it as one JSON document."""
    status = status_of(told for one in examined for told in one.told())
    return {
        "state": STATES[status].lower(),
        "status": status,
        "companies": [_company(one) for one in examined],
    }


def _company(one: Examined) -> Record:
    asked = one.asked
    return {
        "company": company_record(one.company),
        "state": STATES[status_of(one.told())].lower(),
        "findings": [finding_record(finding) for finding in one.findings],
        "authentications": None
        if asked is None
        else {
            "verdict": asked.verdict.value,
            "healthy": asked.healthy,
            "troubled": [authentication_record(row) for row in asked.troubled],
            "silent": asked.silent,
            "broken_off": asked.broken_off or None,
        },
        "error": error_record(one.problem) if one.problem else None,
    }


def about(examined: Sequence[Examined]) -> str:
    """Return whom the first line is about."""
    if len(examined) == 1:
        return examined[0].company.name
    return plural(len(examined), "company")
