"""What the page of an authentication says of refusals and of its administrator, from values."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.screens.test_authentications_words import CONTOSO, NOON, row
from ttr_tui.errors import ENTRA_ADMINISTRATOR
from ttr_tui.model import AuthenticationKind, Check, Finding, Problem, Status, Verdict
from ttr_tui.screens.authentications_facts import Known, facts
from ttr_tui.widgets.lines import plain

MASTER = row("Anna Weber", AuthenticationKind.COMPANY_MASTER)
LATER = NOON + timedelta(hours=1)
REFUSAL = Problem(
    "SignInNeeded",
    "The sessions of a.weber were revoked.",
    who=ENTRA_ADMINISTRATOR,
    cure="Sign in again with a new link.",
    code="AADSTS50173",
    correlation_id="b1f6d0c2-9a57",
    timestamp="2026-11-23 11:59:00Z",
)


def told(known: Known) -> list[str]:
    return [plain(line).rstrip() for line in facts(known)]


def test_a_refusal_is_told_whole_and_once() -> None:
    """Its class, when it is tried again, Microsoft's identifiers; the sentence is not repeated."""
    refused = replace(
        MASTER,
        status=Status.REFUSED,
        status_reason=f"{REFUSAL.happened} {REFUSAL.cure}",
        refusal=REFUSAL,
        refusal_class="sign in again",
        refusals=3,
        next_try_at=LATER,
    )
    lines = told(Known(refused, CONTOSO, refused, {}, NOON))
    words = " ".join(line.strip() for line in lines)
    assert "The sessions of a.weber were revoked (AADSTS50173), 3 times in a row" in words
    assert " What ends it    signing in again ends it" in lines
    assert " What to do      Sign in again with a new link." in lines
    assert "in 1 h, by keep-alive" in words
    assert " Microsoft's ids correlation id  b1f6d0c2-9a57" in lines
    assert words.count("were revoked") == 1


def test_what_is_accepted_tells_of_no_refusal() -> None:
    """Nothing stands in the way of a healthy one."""
    assert "refusal" not in " ".join(told(Known(MASTER, CONTOSO, MASTER, {}, NOON)))


def test_role_and_licence_stand_as_readiness_saw_them() -> None:
    """With their time, and never for another sign-in than the one they were seen of."""
    seen = Finding(Check.ADMINISTRATOR, Verdict.PASS, "licensed", LATER)
    known = Known(MASTER, CONTOSO, MASTER, {}, NOON, administrator=seen)

    def line() -> str:
        return next(one for one in told(known) if one.startswith(" Role, licence"))

    assert line().startswith(" Role, licence   ✓ as readiness saw them 2026-11-23 ")
    assert line().endswith("(4 opens it)")
    known.administrator = replace(seen, verdict=Verdict.WARNING, seen="no licence.")
    assert ": no licence (4" in line()
    known.administrator = replace(seen, checked_at=NOON - timedelta(days=1))
    assert line() == " Role, licence   ? not checked since this sign-in: 4 checks them"
    known.administrator = None
    assert line() == " Role, licence   ? not checked yet: 4 checks them"
