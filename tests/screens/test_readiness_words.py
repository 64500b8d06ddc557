"""What readiness' screens say, from values; no screen and no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ttr_tui.errors import ENTRA_ADMINISTRATOR
from ttr_tui.flows.forecast import Due, judged
from ttr_tui.model import (
    Check,
    Company,
    Ending,
    EndingKind,
    Finding,
    Problem,
    Seen,
    Verdict,
)
from ttr_tui.screens import company_dates, readiness_words
from ttr_tui.screens.readiness_page import evidence, step_lines, what_is_copied
from ttr_tui.screens.readiness_report import report, step
from ttr_tui.screens.readiness_rows import ENDS, rows
from ttr_tui.screens.readiness_sight import Sight
from ttr_tui.widgets.lines import plain
from ttr_tui.works import Work, WorkKind

NOW = datetime(2026, 11, 23, 15, 41, 7, tzinfo=UTC)
PORTAL = "https://portal.contoso.com/"
STORE_BULK = f"{PORTAL}tools/agents/msgraph-store-bulk"
REDIRECTS = Finding(
    Check.REDIRECTS,
    Verdict.FAIL,
    "4 of 5 registered, 1 foreign",
    NOW,
    (
        Seen("web.redirectUris of the registration, byte for byte:"),
        Seen(f"{PORTAL}msgraph-auth", Verdict.PASS),
        Seen(STORE_BULK, Verdict.FAIL, "missing"),
        Seen(f"{STORE_BULK}/", Verdict.WARNING, "not ours"),
    ),
    means="Signing in a Company Master ends on Microsoft's own page with AADSTS50011.",
    who=ENTRA_ADMINISTRATOR,
    cure="Entra admin center > App registrations > TTR > Authentication > Web: add this line.",
    lines=(STORE_BULK,),
    link="https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
)
REFUSED = Finding(
    Check.PERMISSIONS,
    Verdict.UNKNOWN,
    "Graph refused the list of grants (403)",
    NOW,
    who=ENTRA_ADMINISTRATOR,
    problem=Problem(
        "PermissionMissing",
        "Graph answered 403.",
        code="Authorization_RequestDenied",
        correlation_id="b1f6d0c2",
    ),
)


def company(name: str = "Contoso Ltd") -> Company:
    return Company(f"id {name}", name, "contoso.com", "8a4f3c1e", "login.example", "https://g", NOW)


def sight(*findings: Finding, running: bool = False, **more: object) -> Sight:
    seen = Sight(company())
    seen.work = Work(WorkKind.POLL, "id", progress=findings)
    for name, value in more.items():
        setattr(seen, name, value)
    if running:
        seen.work = replace(seen.work, task=_Running())  # type: ignore[arg-type]  # only `done`
    return seen


class _Running:
    def done(self) -> bool:
        return False


def ending(kind: EndingKind, days: float, subject: str = "", note: str = "") -> Due:
    return judged(Ending(kind, subject, NOW + timedelta(days=days), note), NOW)


def shown(lines: Sequence[object]) -> list[str]:
    return [plain(line).rstrip() for line in lines]  # type: ignore[arg-type]  # lines of a page


def test_each_row_has_its_place_and_nothing_is_pass_before_it_was_seen() -> None:
    """What an earlier check found is told as such, and colours nothing."""
    before = replace(REDIRECTS, check=Check.REGISTRATION, verdict=Verdict.PASS)
    told = sight(REDIRECTS, running=True, before={Check.REGISTRATION: before}, due=())
    listed = [[plain(cell).strip() for cell in row.cells] for row in rows(told)]
    assert [one[0] for one in listed if len(one) > 1] == [
        "1 App registration",
        "2 Redirect URLs",
        "3 Authentication settings",
        "4 API permissions",
        "5 Client secret",
        "6 The administrator",
        "7 Env file",
        "The domain can be polled",
        "A mailbox, without body",
        "What ends next",
    ]
    assert listed[0][1] == "» checking"
    assert listed[0][2].startswith("before: pass, 2026-11-23 ")
    assert listed[1][1:] == ["✗ fail", "4 of 5 registered, 1 foreign"]
    assert listed[-1][1:] == ["- none", "nothing stored here has a date"]
    assert "✓" not in str(listed)
    assert rows(told)[-1].key == ENDS


def test_a_check_that_was_not_made_says_why() -> None:
    """A company whose settings name other hosts: nothing was asked."""
    from ttr_tui.errors import CompanyElsewhere  # noqa: PLC0415 - beside its use

    told = sight()
    assert told.work is not None
    told.work.problem = CompanyElsewhere("It belongs to another host.")
    listed = [[plain(cell) for cell in row.cells] for row in rows(told) if row.key == Check.POLLING]
    assert listed == [["The domain can be polled", "? not known", "It belongs to another host."]]


def test_the_counts_name_the_worst_first_and_leave_out_what_is_well() -> None:
    """Passes are not counted."""
    warning = replace(REDIRECTS, verdict=Verdict.WARNING)
    fine = replace(REDIRECTS, verdict=Verdict.PASS)
    assert readiness_words.counted([fine, REFUSED, warning, REDIRECTS]) == (
        "1 fail, 1 warning, 1 not known yet"
    )
    assert readiness_words.counted([fine]) == ""


def test_who_still_asks_is_counted_steps_before_proofs() -> None:
    """More than ten seconds without an answer are said."""
    steps = list(Check)[:7]
    assert readiness_words.asking(steps[:6]) == "Checking: 1 of 7 steps still asks"
    assert readiness_words.asking(steps[:2], 12.4) == (
        "Checking: 5 of 7 steps still ask, no answer for 12 s"
    )
    assert readiness_words.asking(list(Check)) == "Checking: all have answered"
    assert readiness_words.asking([*steps, Check.POLLING]) == (
        "Checking: 1 of 2 proofs by use still asks"
    )


def test_an_opened_step_is_drawn_as_one_reads_it() -> None:
    """Notes stand in line; the line to be copied begins in column 1, alone."""
    lines = shown(step_lines(REDIRECTS, company(), 80, earlier=False))
    at = next(line for line in lines if line.startswith(" Seen "))
    assert at[11:].strip(":0123456789 ").startswith("web.redirectUris")
    assert f"   ✗ {STORE_BULK}   missing" in lines
    assert f"   ! {STORE_BULK}/  not ours" in lines
    assert lines[-2:] == ["", STORE_BULK]
    assert any(line.startswith(" Who can act     ") for line in lines)
    assert what_is_copied(REDIRECTS) == "URL"
    assert all(len(line) <= 80 for line in lines)


def test_what_does_not_fit_a_row_is_never_cut() -> None:
    """A long line of evidence goes on below, its note too; a long URL is not shown at all."""
    long = "https://portal.contoso.com/" + "x" * 90
    drawn = shown(evidence((Seen(long, Verdict.FAIL, "missing"),), 80))
    assert "".join(drawn[:-1]).replace(" ", "") == f"✗{long}"
    assert drawn[-1].strip() == "missing"
    short = (Seen("licence", Verdict.PASS, "assigned"), Seen("a role", Verdict.PASS, "x" * 66))
    assert shown(evidence((*short, Seen("no note")), 80)) == [
        "   ✓ licence  assigned",
        f"   ✓ a role  {'x' * 66}",
        "     no note",
    ]
    lines = shown(step_lines(replace(REDIRECTS, lines=(long,)), company(), 80, earlier=False))
    assert lines[-1] == " A line of 117 characters; u prints it whole, alone on its line."


def test_a_refusal_is_shown_with_what_microsoft_names_it_by() -> None:
    """Why it is not known, and the message to who can act with its identifiers."""
    lines = shown(step_lines(REFUSED, company(), 80, earlier=False))
    assert " Why not known   Graph refused the list of grants (403)" in lines
    assert " In the way      Graph answered 403 (Authorization_RequestDenied)." in lines
    assert "   Correlation id: b1f6d0c2" in lines
    assert "   Company:        Contoso Ltd (contoso.com)" in lines
    alone = shown(step_lines(replace(REFUSED, who=""), company(), 80, earlier=False))
    assert " Correlation id  b1f6d0c2" in alone
    assert "Message to send" not in " ".join(alone)


def test_what_came_from_outside_is_text() -> None:
    """On the screen and in the report: no escape sequence, no bidi override."""
    hostile = Seen("https://evil\x1b[2J\u202e", Verdict.WARNING, "\x1b]0;x\x07")
    told = replace(REDIRECTS, seen="\x1b[31m", evidence=(hostile,), lines=("a\x1bb",))
    words = "\n".join([*shown(step_lines(told, company(), 80, earlier=False)), *step(told)])
    assert not any(sign in words for sign in "\x1b\u202e\x07")
    assert "<1b>[2J<U+202E>" in words


def test_the_report_has_every_check_and_every_date() -> None:
    """Times in UTC; what was not seen is said to be so."""
    due = (ending(EndingKind.CLIENT_SECRET, 18.2, note="as read"),)
    lines = report(sight(REDIRECTS, due=due, before={}), NOW)
    assert lines[:3] == [
        "Readiness of Contoso Ltd, contoso.com",
        "Tenant 8a4f3c1e, 2026-11-23 15:41:07Z",
        "1 fail",
    ]
    assert "fail       2 Redirect URLs: 4 of 5 registered, 1 foreign" in lines
    assert STORE_BULK in lines
    assert "not known  A mailbox, without body: nobody answered" in lines
    assert lines[-2:] == [
        "What ends next",
        "warning    2026-12-11  client secret, in 18 d, as read",
    ]


def test_what_ends_next_is_what_needs_a_look_first() -> None:
    """Not a link that runs out sooner."""
    link = ending(EndingKind.INVITATION, 1.0, "invitation, Abebe")
    secret = ending(EndingKind.CLIENT_SECRET, 18.2)
    assert readiness_words.due_state((link, secret)) == "! warning"
    assert readiness_words.due_words((link, secret)) == "client secret, 2026-12-11"
    assert readiness_words.due_words((secret,)) == "first: client secret, 2026-12-11"
    undated = Due(Ending(EndingKind.BACKUP, "", None, "none was ever made"), Verdict.UNKNOWN, None)
    assert readiness_words.due_words((undated,)) == "backup: none was ever made"
    late = Ending(EndingKind.BACKUP, "", NOW - timedelta(minutes=12), "")
    assert readiness_words.in_time(late, NOW) == "due 12 min ago"


def test_the_banner_tells_first_what_stops_everything() -> None:
    """Once, however many companies share it; a dead sign-in is told by its state."""
    one, two = company("Adventure Works"), company("Fabrikam GmbH")
    secret = ending(EndingKind.CLIENT_SECRET, 18.2)
    soon = ending(EndingKind.AUTHENTICATION, 2.0, "a.weber@fabrikam.de")
    dead = ending(EndingKind.AUTHENTICATION, -2.0, "gone@fabrikam.de")
    due = {one.id: (secret,), two.id: (dead, soon, secret)}
    assert plain(company_dates.banner([one, two], due, NOW)) == (
        "! the client secret, 2026-12-11, in 18 d, and 1 more. 4 shows them."
    )
    assert plain(company_dates.banner([one, two], {two.id: (dead, soon)}, NOW)) == (
        "! Fabrikam GmbH: authentication, 2026-11-25, in 2 d. 4 shows it."
    )
    assert company_dates.banner([one], {one.id: (dead,)}, NOW) == ""
    assert company_dates.banner([one], {one.id: (secret,)}, NOW) == ""
    assert plain(company_dates.ends_next(due[two.id], NOW)) == (
        "! the client secret, 2026-12-11, in 18 d"
    )
