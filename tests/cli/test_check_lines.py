"""The lines and statuses of `check` and `forecast`, as a monitoring system reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.store.premises import company
from ttr_tui.cli import forecast
from ttr_tui.cli.check_lines import Examined, Round, below, complete, lines, record
from ttr_tui.cli.monitoring import ProbeOutput, Told, first_line, print_rows, status_of
from ttr_tui.errors import CompanyElsewhere, SettingsFaulty, StoreBroken
from ttr_tui.flows.forecast import Due, judged
from ttr_tui.model import (
    Authentication,
    AuthenticationKind,
    Check,
    Ending,
    EndingKind,
    Finding,
    Problem,
    Seen,
    Status,
    Verdict,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASS, WARNING, FAIL, UNKNOWN = Verdict.PASS, Verdict.WARNING, Verdict.FAIL, Verdict.UNKNOWN


def finding(check: Check, verdict: Verdict = PASS, seen: str = "seen") -> Finding:
    return Finding(check, verdict, seen, NOON)


def authentication(status: Status, reason: str = "") -> Authentication:
    kind = AuthenticationKind.OWN
    address = "dana@contoso.example"
    return Authentication(
        "id", "company", kind, address, "Dana", address, status, reason, NOON, NOON, 1, "key"
    )


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ([PASS, PASS], 0),
        ([PASS, WARNING, PASS], 1),
        ([WARNING, FAIL, UNKNOWN], 2),
        ([UNKNOWN, PASS], 3),
        ([UNKNOWN, WARNING], 1),
        ([UNKNOWN, FAIL], 2),
        ([], 3),
    ],
)
def test_the_worst_verdict_is_the_exit_status(verdicts: list[Verdict], status: int) -> None:
    """What is not known counts less than a warning, and more than what is well; nothing is 3."""
    assert status_of([Told(verdict, "") for verdict in verdicts]) == status


def test_the_first_line_says_all() -> None:
    """State, whom it is about, what needs a look by name, the counts as performance data."""
    told = [Told(FAIL, "redirect URLs"), Told(PASS, "client secret"), Told(WARNING, "env file")]
    assert first_line("Contoso Ltd", told, "all well") == (
        "TTR CRITICAL - Contoso Ltd: 1 fail (redirect URLs), 1 warning (env file)"
        " | fail=1 warning=1 unknown=0 pass=1"
    )
    assert first_line("Contoso Ltd", told[1:2], "all well") == (
        "TTR OK - Contoso Ltd: all well | fail=0 warning=0 unknown=0 pass=1"
    )


def test_the_same_of_several_companies_is_named_once() -> None:
    """Whose it is stands there only where it could be another's."""
    told = [
        *(Told(WARNING, "client secret", whose) for whose in ("Contoso", "Fabrikam")),
        Told(WARNING, "env file", "Fabrikam"),
        Told(WARNING, "backup never made"),
    ]
    assert "4 warnings (client secret of 2, Fabrikam env file, backup never made)" in first_line(
        "2 companies", told, ""
    )
    assert "3 warnings (client secret, env file, backup" in first_line("Fabrikam", told[1:], "")


def test_the_first_line_stays_short_and_in_one_piece() -> None:
    """Many are counted; a bar or a line break in a name begins nothing of its own."""
    told = [Told(WARNING, f"step {number}") for number in range(1200)]
    line = first_line("Con|toso\nTTR OK", told, "")
    assert line == (
        "TTR WARNING - Con/toso<0a>TTR OK: 1,200 warnings (step 0, step 1, step 2 and 1,197 more)"
        " | fail=0 warning=1200 unknown=0 pass=0"
    )


def test_no_line_below_it_begins_performance_data(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a registration, a company or an address is called: the details, too."""
    foreign = Seen("https://evil.example/|fail=0", WARNING, "not\n| ours")
    seen = replace(
        finding(Check.REDIRECTS, WARNING, "1 | foreign"), evidence=(foreign,), cure="a|b"
    )
    one = Examined(company("Con|toso"), (seen,))
    rows = [(*words, one.company.name) for words in lines(one)]
    print_rows(ProbeOutput(as_json=False), rows, below(one))
    said = capsys.readouterr().out
    assert "|" not in said
    assert len(said.splitlines()) == 3
    assert "https://evil.example//fail=0 - not<0a>/ ours" in said


def test_what_is_silent_is_not_known() -> None:
    """Every check has a line, in the guide's order, whichever answered first."""
    known = [finding(Check.POLLING), finding(Check.REGISTRATION)]
    full = complete(known, 50)
    assert [one.check for one in full] == list(Check)
    silent = [one for one in full if one.verdict is UNKNOWN]
    assert len(silent) == 7
    assert {one.seen for one in silent} == {"no answer within 50 s"}


def test_each_step_and_each_troubled_sign_in_has_a_line() -> None:
    """A refused Company Master fails; one agent of many is a warning."""
    refused = replace(
        authentication(Status.REFUSED, "The password was changed."),
        kind=AuthenticationKind.COMPANY_MASTER,
    )
    asked = Round(4999, (refused, authentication(Status.NO_MAILBOX)))
    examined = Examined(company(), (finding(Check.REDIRECTS, WARNING, "1 foreign"),), asked=asked)
    assert lines(examined) == [
        ("WARNING", "redirect URLs", "1 foreign"),
        ("FAIL", "authentications", "4,999 of 5,001 work"),
        (
            "FAIL",
            "authentication",
            "dana@contoso.example, Dana, refused: The password was changed.",
        ),
        ("WARNING", "authentication", "dana@contoso.example, Dana, no mailbox"),
    ]
    assert [one.verdict for one in examined.told()] == [WARNING, FAIL]
    assert below(examined) == [[], [], [], []]


@pytest.mark.parametrize(
    ("asked", "verdict", "seen"),
    [
        (Round(12), PASS, "12 of 12 work"),
        (Round(), PASS, "none is stored"),
        (Round(broken_off="no end within 5 s"), UNKNOWN, "no end within 5 s"),
        (Round(broken_off="Mail is missing", stopped=True), FAIL, "Mail is missing"),
        (Round(8, silent=2), UNKNOWN, "8 of 10 work, 2 gave no answer"),
        (Round(1, (authentication(Status.UNPROVEN),), 1), WARNING, "1 of 3 work, 1 gave no answer"),
        (Round(1, (authentication(Status.BLOCKED),)), WARNING, "1 of 2 work"),
    ],
)
def test_a_round_through_all_sign_ins(asked: Round, verdict: Verdict, seen: str) -> None:
    """Nothing is called well that was not asked."""
    assert (asked.verdict, asked.seen) == (verdict, seen)


def test_details_hold_the_evidence_and_the_cure() -> None:
    """What was seen, what it means, who mends it where; lines to copy are whole."""
    problem = Problem("ClientRefused", "Refused.", code="AADSTS7000222", trace_id="t-1")
    whole = replace(
        finding(Check.CLIENT_SECRET, FAIL),
        evidence=(Seen("8Q~", FAIL, "ended"), Seen("two more")),
        means="Everything stops.",
        who="an owner",
        cure="Make another one.",
        lines=("az ad app credential reset | jq",),
        link="https://entra.microsoft.com/x",
        problem=problem,
    )
    (told,) = below(Examined(company(), (whole,)))
    assert [line.split(maxsplit=1) for line in told] == [
        ["fail", "8Q~ - ended"],
        ["-", "two more"],
        ["means", "Everything stops."],
        ["who", "an owner"],
        ["cure", "Make another one."],
        ["copy", "az ad app credential reset | jq"],
        ["page", "https://entra.microsoft.com/x"],
        ["code", "AADSTS7000222"],
        ["trace", "id       t-1"],
    ]


def test_boxes_that_cannot_be_seen_change_no_status() -> None:
    """Ticked or unticked, both are well; in a customer's tenant nobody can see them."""
    unseen = finding(Check.AUTHENTICATION_SETTINGS, UNKNOWN)
    others = [finding(check) for check in Check if check is not unseen.check]
    assert status_of(Examined(company(), (*others, unseen)).told()) == 0
    assert status_of(Examined(company(), (replace(others[0], verdict=UNKNOWN), unseen)).told()) == 3
    assert first_line("Contoso Ltd", Examined(company(), (*others, unseen)).told(), "") == (
        "TTR OK - Contoso Ltd: 1 not known (authentication settings)"
        " | fail=0 warning=0 unknown=1 pass=8"
    )


def test_a_company_that_cannot_be_looked_at_is_not_known() -> None:
    """It says why; the others stand."""
    elsewhere = Examined(company(), problem=CompanyElsewhere("It belongs to another authority."))
    well = Examined(company("Fabrikam"), tuple(map(finding, Check)))
    document = record([elsewhere, well])
    assert (document["state"], document["status"]) == ("unknown", 3)
    assert [one["state"] for one in document["companies"]] == ["unknown", "ok"]
    assert document["companies"][0]["error"]["kind"] == "CompanyElsewhere"
    assert lines(elsewhere) == [("UNKNOWN", "company", "It belongs to another authority.")]


def test_settings_that_keep_the_store_shut_are_critical(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every fault is a line that a monitoring system shows; what else goes wrong is not known."""
    faults = ["env, line 3: TTR_DATA_DIR is no directory.", "env, line 4: TTR_KEY_FILE is public."]
    shut = SettingsFaulty("The store stays closed until 2 settings are mended.", faults, cure="Do.")
    assert ProbeOutput(as_json=False).refuse(shut) == 2
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "TTR CRITICAL - The store stays closed until 2 settings are mended.",
        f"FAIL     env file  {faults[0]}",
        f"FAIL     env file  {faults[1]}",
    ]
    assert told.err == "Do.\n"
    assert ProbeOutput(as_json=False).refuse(StoreBroken("It is | damaged.")) == 3
    assert capsys.readouterr().out == "TTR UNKNOWN - It is / damaged.\n"


def due(kind: EndingKind, days: float, subject: str = "", note: str = "") -> Due:
    return judged(Ending(kind, subject, NOON + timedelta(days=days), note), NOON)


@pytest.mark.parametrize(
    ("one", "off", "note"),
    [
        (due(EndingKind.CLIENT_SECRET, 18), "in 18 d", "within 30 days; as Graph says"),
        (due(EndingKind.CLIENT_SECRET, 0.5), "in 12 h", "within 1 day; as Graph says"),
        (due(EndingKind.CLIENT_SECRET, -3), "ended 3 d ago", "as Graph says"),
        (due(EndingKind.CLIENT_SECRET, 400), "in 400 d", "as Graph says"),
        (due(EndingKind.BACKUP, 3), "due in 3 d", "as Graph says"),
        (due(EndingKind.BACKUP, -3), "was due 3 d ago", "as Graph says"),
    ],
)
def test_a_line_of_the_forecast(one: Due, off: str, note: str) -> None:
    """What it is, when, how far off, and which notice was reached."""
    ending = replace(one.ending, note="as Graph says")
    row = forecast.row(replace(one, ending=ending), NOON)
    assert (row[1], row[2], row[4], row[5]) == (one.ending.kind.value, "-", off, note)


def test_what_has_no_date_says_so() -> None:
    """A dash, and the note that tells how to make it known."""
    ending = Ending(EndingKind.CLIENT_SECRET, "", None, "set TTR_CLIENT_SECRET_ENDS")
    row = forecast.row(judged(ending, NOON), NOON)
    assert row == ("UNKNOWN", "client secret", "-", "-", "-", "set TTR_CLIENT_SECRET_ENDS")
