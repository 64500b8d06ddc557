"""What is said of authentications, from plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.screens.shelf import address
from ttr_tui.flows.revocation import FIRST, RevocationPlan, plan_of
from ttr_tui.model import (
    Authentication,
    AuthenticationKind,
    Company,
    JournalEntry,
    Person,
    Status,
)
from ttr_tui.screens import authentications_words as words
from ttr_tui.screens.authentications_catalogue import Catalogue, sought
from ttr_tui.screens.authentications_deeds import ToDelete
from ttr_tui.screens.authentications_history import history
from ttr_tui.screens.authentications_left import message, still_granted, who_and_what
from ttr_tui.screens.authentications_question import asked
from ttr_tui.settings import read_settings
from ttr_tui.store.branches import Held
from ttr_tui.store.chosen import Chosen
from ttr_tui.widgets.lines import cells, plain, state

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONTOSO = Company(
    "c1",
    "Contoso Ltd",
    "contoso.com",
    "8a4f3c1e-5b21-4d6e-9c0f-7e21d4b8a913",
    "https://login.microsoftonline.com",
    "https://graph.microsoft.com",
    NOON,
)


def row(name: str, kind: AuthenticationKind = AuthenticationKind.CHILD) -> Authentication:
    who = Person(f"o-{name}", CONTOSO.tenant_id, f"s-{name}", name, address(name))
    child = kind is AuthenticationKind.CHILD
    return Authentication(
        id=f"id-{name}",
        company_id=CONTOSO.id,
        kind=kind,
        user_principal_name=address(name),
        name=name,
        address=address(name),
        status=Status.HEALTHY,
        status_reason="",
        status_since=NOON,
        since=NOON,
        generation=1,
        key_id="k",
        parent_id="id-Anna Weber" if child else None,
        person=None if child else who,
        last_used=NOON,
        expires_at=NOON + timedelta(days=90),
    )


HELD = Held(children=6, own=1, master=1)
MASTER = row("Anna Weber", AuthenticationKind.COMPANY_MASTER)


@pytest.mark.parametrize(
    ("status", "left", "said"),
    [
        (Status.HEALTHY, timedelta(days=90), "✓ healthy"),
        (Status.HEALTHY, timedelta(days=13), "! ends soon"),
        (Status.HEALTHY, timedelta(0), "✗ expired"),
        (Status.UNREADABLE, timedelta(days=13), "✗ unreadable"),
        (Status.REFUSED, timedelta(days=13), "✗ refused"),
    ],
)
def test_what_nobody_uses_ends(status: Status, left: timedelta, said: str) -> None:
    """Two weeks before its end it is to be looked at; what is refused or closed is that first."""
    own = row("Bea Lindqvist", AuthenticationKind.OWN)
    one = replace(own, status=status, expires_at=NOON + left)
    assert words.state_of(one, NOON) == said


def test_a_child_never_ends_soon_by_itself() -> None:
    """It ends as its parent does."""
    child = replace(row("Bea Lindqvist"), expires_at=NOON + timedelta(days=1))
    assert words.state_of(child, NOON) == "✓ healthy"
    assert words.ends(child, NOON) == "parent"


@pytest.mark.parametrize("shown", sorted(words.STATES.values()))
@pytest.mark.parametrize("used", ["never", "<1 min", "12 min", "3 h", "120 d"])
def test_every_state_fits_beside_every_time(shown: str, used: str) -> None:
    """Nothing runs into its neighbour, and the row ends within the screen."""
    line = words.tail(state(shown), used, "in 90 d")
    assert plain(line).split("  " if "  " in plain(line) else " ")
    assert f" {used} " in plain(line)
    assert cells(line) <= 27


def test_a_search_is_words_and_states() -> None:
    """Words are folded; a state is one word behind `state:`, or some letters of it."""
    assert sought("  ", NOON, ()) is None
    asked_for = sought("Łukasz Ås state:no-m", NOON, {3})
    assert asked_for is not None
    assert asked_for.words == ("lukasz", "as")
    assert asked_for.states == ("no mailbox",)
    assert asked_for.closed == {3}
    nothing = sought("state:nonsense", NOON, ())
    assert nothing is not None
    assert nothing.states == ()


def test_a_company_master_matches_by_its_words_and_state() -> None:
    """Its row is the head of its children."""
    catalogue = Catalogue(row("Anna Weber", AuthenticationKind.COMPANY_MASTER))
    for search, matches in (("anna", True), ("n2", False), ("anna state:block", False)):
        asked_for = sought(search, NOON, ())
        assert asked_for is not None
        assert catalogue.master_matches(asked_for) is matches


def planned_for(rows: list[Authentication]) -> RevocationPlan:
    """The plan of deleting these."""

    def those(kind: AuthenticationKind) -> tuple[str, ...]:
        return tuple(one.id for one in rows if one.kind is kind)

    chosen = Chosen(
        tuple(one.id for one in rows),
        next(iter(those(AuthenticationKind.COMPANY_MASTER)), None),
        those(AuthenticationKind.CHILD),
        those(AuthenticationKind.OWN),
        tuple(one.person.called for one in rows if one.person is not None),
    )
    return replace(plan_of(CONTOSO, HELD, chosen), first=tuple(rows[:FIRST]))


def test_who_is_not_in_view_stands_first_in_the_question() -> None:
    """Over five, the first four are named and the others counted."""
    own = row("Bea Lindqvist", AuthenticationKind.OWN)
    children = [row(f"Child N{number}") for number in range(6)]
    to_delete = ToDelete([own.id], [child.id for child in children])
    question = asked(to_delete, planned_for([own, *children]))
    rows = [plain(value) for value in question.paragraphs[0]]
    assert rows[1].startswith("Bea Lindqvist")
    assert rows[5] == "and 3 more (o shows all 7)"
    links = "Links that are out for them go, too."
    assert rows[6] == f"1 is not in view and stands first. There is no undo. {links}"


def test_the_message_has_ids_utc_and_the_link_alone() -> None:
    """What is sent to the administrator names the consent, the token and where each is ended."""
    link = "https://entra.microsoft.com/#app"
    planned = replace(planned_for([MASTER]), admin_center=link)
    lines = message(planned, NOON, read_settings({}))
    words_of_it = " ".join(lines)
    assert "Contoso Ltd were deleted from TTR at 2026-11-23 12:00:00Z." in words_of_it
    assert "Access tokens. By 2026-11-23 13:30:00Z" in words_of_it
    assert "token of Anna Weber. It ends by 2027-02-21" in words_of_it
    assert lines[-2] == ""
    assert lines[-1] == link


def test_the_consent_stays_while_others_work_through_it() -> None:
    """For a child, ending the consent would end its siblings too: that is said first."""
    planned = planned_for([row("Child N1")])
    told = " ".join(plain(line).strip() for line in who_and_what(planned))
    assert "Nothing while others work through the consent." in told
    assert "refresh token" not in " ".join(map(plain, still_granted(planned, NOON)))


def test_history_follows_a_company_through_its_names() -> None:
    """Lines under a former name count; those of other companies do not."""

    def entry(
        number: int, what: str, company: str, subject: str = "", detail: str = ""
    ) -> JournalEntry:
        return JournalEntry(number, NOON, "anna", "", what, company, subject, "done", detail)

    master = row("Anna Weber", AuthenticationKind.COMPANY_MASTER)
    entries = [
        entry(1, "company master stored", "Conto", "Company Master (a.weber@contoso.com)"),
        entry(2, "company master used", "Fabrikam", "O365 Agent Bulk Add"),
        entry(3, "company renamed", "Contoso Ltd", detail="formerly Conto"),
        entry(4, "company master used", "Contoso Ltd", "O365 Agent Bulk Add"),
        entry(5, "bulk add started", "Contoso Ltd", "run 1"),
        entry(6, "bulk add ended", "Contoso Ltd", "run 1"),
    ]
    assert [e.id for e in history(master, CONTOSO, entries)] == [1, 4]
    assert [e.id for e in history(row("Bea Lindqvist"), CONTOSO, entries)] == [5, 6]
