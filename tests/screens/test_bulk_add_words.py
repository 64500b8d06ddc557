from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta

import pytest

from ttr_tui.errors import (
    ClientRefused,
    ConsentNeeded,
    ForeignHost,
    SignInNeeded,
    TtrError,
    Unreachable,
)
from ttr_tui.flows.bulk_add import RunProgress
from ttr_tui.flows.polling import Opened, PollProgress, Reading
from ttr_tui.model import DirectoryUser, Outcome, Run, RunItem, UserKind
from ttr_tui.screens.bulk_add_columns import columns, user_row
from ttr_tui.screens.bulk_add_ended import Ended, took
from ttr_tui.screens.bulk_add_opening import APP_REFUSED, LED_AWAY, REFUSED, Opening
from ttr_tui.screens.bulk_add_panel import Beside, Chosen, panel_lines
from ttr_tui.screens.bulk_add_progress import progress_lines
from ttr_tui.screens.bulk_add_words import (
    hidden_row,
    list_keys,
    nobody_listed,
    reading,
    was_read,
)
from ttr_tui.screens.keys import key_row
from ttr_tui.store.directory_copy import CopyState, Matches
from ttr_tui.widgets.columns import Grid
from ttr_tui.widgets.lines import cells, plain

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HIDDEN = {UserKind.GUEST: 214, UserKind.DISABLED: 1, UserKind.NO_LICENCE: 1103}


def user(name: str, **told: object) -> DirectoryUser:
    kind = told.get("kind", UserKind.MEMBER)
    assert isinstance(kind, UserKind)
    return DirectoryUser("id", name, "upn", "a@b.example", "Sales", "Clerk", kind)


def test_reading_tells_how_far_how_fast_and_how_long() -> None:
    """Never a number that is not known; silence is told after ten seconds."""
    told = PollProgress(12_987, 50_318, 4_100.0)
    assert reading(told, 0, NOON) == "reading 12,987 of 50,318, 4,100 a second, 9 s left"
    assert reading(told, 12, NOON) == "reading 12,987 of 50,318, no answer for 12 s"
    assert reading(PollProgress(999, None, 0), 0, NOON) == "reading 999 so far"
    assert reading(None, 11, NOON) == "asking for the first users, no answer for 11 s"
    waits = PollProgress(1, 2, 1, waiting_until=NOON + timedelta(seconds=9))
    assert reading(waits, 30, NOON).startswith("1 of 2, paused by Microsoft until ")
    parts = PollProgress(12_987, 100_000, 4_100.0, how=Reading.PARTS, parts=18, parts_done=8)
    assert reading(parts, 0, NOON) == "12,987 of 100,000, 4,100 a second, 8 of 18 parts read"
    changed = PollProgress(120, None, 900.0, how=Reading.CHANGES)
    assert reading(changed, 0, NOON) == "reading what changed, 120 so far, 900 a second"


def test_a_copy_that_is_not_whole_is_never_called_read() -> None:
    """Complete only after a complete poll; its age begins to be told after a minute."""
    part = CopyState(None, complete=False, count=999, expected=5000, next_link="x", read=999)
    assert was_read(part, NOON) == "999 of 5,000 read, not all"
    assert was_read(None, NOON) == "nothing read yet"
    whole = CopyState(NOON, complete=True, count=5000, expected=None, next_link="", read=5000)
    assert (
        was_read(whole, NOON + timedelta(seconds=59))[:27]
        == "read 5,000 of 5,000 at " + (f"{NOON.astimezone():%H:%M}"[:4])
    )
    assert was_read(whole, NOON + timedelta(seconds=61)).endswith(", 1 min ago")


def test_hidden_kinds_are_counted_with_the_key_that_shows_them() -> None:
    """Singulars are singular; with nobody hidden there is no key to show them."""
    row = plain(hidden_row(HIDDEN, 80, shown=False))
    assert row.startswith(" Hidden  214 guests, 1 disabled, 1,103 without a mailbox licence  ")
    assert row.endswith(". shows them ")
    assert cells(row) == 80
    assert plain(hidden_row(HIDDEN, 80, shown=True)).endswith(". hides them ")
    assert plain(hidden_row({}, 80, shown=False)) == " Hidden  nobody"


def test_an_empty_list_says_who_would_be_here() -> None:
    """And the key; while reading goes on, only "so far"."""
    found = Matches(array("I"), {UserKind.GUEST: 3}, 50)
    assert nobody_listed("bex", found, shown=False, complete=True) == (
        'No user matches "bex". 3 do among the hidden: . shows them.'
    )
    assert nobody_listed("bex", found, shown=True, complete=False) == (
        'No user matches "bex" so far.'
    )
    nobody = Matches(array("I"), {}, 0)
    assert nobody_listed("", nobody, shown=False, complete=False) == "No user is read yet."


def test_unreachable_is_no_refusal_and_asks_again_by_itself() -> None:
    """Silence keeps asking, later and later; a refusal names the key that ends it."""
    opening = Opening()
    opening.ask(NOON)
    silent = Opened(problem=Unreachable("graph.example gave no answer in time."))
    assert opening.answered(silent, NOON) == 60
    assert plain(opening.message(NOON)) == (
        "✗ graph.example gave no answer in time. You can select, not add."
    )
    assert "; is the network or proxy up?" in opening.status(NOON)
    assert plain(opening.fact(NOON - timedelta(hours=2), NOON)).endswith(", 2 h old")
    opening.ask(NOON)
    assert opening.answered(silent, NOON) == 120
    assert opening.answered(Opened(problem=SignInNeeded("Microsoft refused.")), NOON) is None
    assert plain(opening.message(NOON)) == opening.why_not() == REFUSED
    assert not opening.accepted
    assert opening.answered(Opened(accepted_at=NOON), NOON) is None
    assert opening.accepted
    assert opening.message(NOON) == ""


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (
            ClientRefused("The client secret has expired; every company waits for a new one."),
            "✗ The client secret has expired; adding waits.",
        ),
        (
            ConsentNeeded("The tenant has not consented to the app, or withdrew it."),
            "✗ The tenant has not consented to the app, or withdrew it; adding waits.",
        ),
        (ClientRefused(f"The app is {'very ' * 20}wrong."), APP_REFUSED),
        (ForeignHost("An answer leads to elsewhere.example."), LED_AWAY),
    ],
)
def test_signing_in_again_is_asked_for_where_it_mends_something(
    problem: TtrError, said: str
) -> None:
    """A refusal that is not about the Company Master says what it is about."""
    opening = Opening()
    opening.answered(Opened(problem=problem), NOON)
    assert plain(opening.message(NOON)) == opening.why_not() == said


def test_columns_fit_80_cells_and_grow_with_the_terminal() -> None:
    """The places of the drawing at 80; titles from 100, beside the panel only from 150."""
    grid = Grid(columns(80), 80)
    heads = plain(grid.heads())
    places = [heads.index(h) for h in ("Name", "Address", "Department", "Kind", "Agent")]
    assert places == [3, 25, 53, 66, 75]
    wide = plain(Grid(columns(120), 89).heads())
    assert [wide.index(h) for h in ("Address", "Department", "Kind", "Agent")] == [29, 60, 75, 84]
    assert [any(c.head == "Title" for c in columns(w)) for w in (99, 100, 120, 150)] == [
        False,
        True,
        False,
        True,
    ]
    row = user_row(user("Lea", kind=UserKind.NO_LICENCE), 1, titles=False)
    assert "no licence" in plain(grid.row(row.cells))


def test_the_panel_shares_its_rows_between_both_halves_and_the_facts() -> None:
    """Whoever does not fit is counted; the facts stand at the bottom."""
    names = [f"User {n}" for n in range(30)]
    beside = Beside(Chosen(100, names), Chosen(3, names[:3]), user("Robert Achterberg"))
    lines = [plain(line) for line in panel_lines(beside, 27)]
    assert len(lines) == 27
    assert lines[:3] == ["Selected (103)", "Not in view (100)", "  User 0"]
    assert "  and 89 more: o shows all" in lines
    assert lines[lines.index("In view (3)") + 1 :][:3] == ["  User 0", "  User 1", "  User 2"]
    assert lines[-7:-5] == ["At the cursor", "Robert Achterberg"]
    assert plain(panel_lines(Beside(), 10)[0]) == "Selected (0)"


def run_of(**counts: int) -> Run:
    told = {Outcome[name.upper()]: count for name, count in counts.items()}
    return Run(417, "c", "p", NOON, "anna", NOON + timedelta(seconds=58), counts=told)


def test_progress_keeps_every_count_in_its_place() -> None:
    """Also those that are 0; a pause takes two rows that are blank without one."""
    run = run_of(added=1222, already=2, no_mailbox=9, blocked=4, failed=3, waiting=760)
    paused = RunProgress(run, 41.0, NOON + timedelta(seconds=8))
    rows = [plain(row) for row in progress_lines(run, paused, NOON)]
    assert rows[1].endswith("]  62 %")
    assert cells(rows[1]) == 80
    assert rows[2] == " 1,240 of 2,000, 41 a second, 19 s left"
    assert rows[4] == "     1,222   ✓ added"
    assert rows[9] == "       760   » waiting"
    assert rows[11].startswith(" Microsoft asked for a pause and goes on at ")
    going = [plain(row) for row in progress_lines(run, RunProgress(run, 41.0), NOON)]
    assert len(going) == len(rows)
    assert going[11:13] == ["", ""]


def test_an_outcome_counts_sorts_and_narrows() -> None:
    """What needs somebody stands first; a search needs every word."""
    ended = Ended(run_of(added=1, already=1, blocked=1, failed=1))
    ended.know(
        [
            RunItem("1", "Zoe", "zoe@x.example", Outcome.BLOCKED),
            RunItem("2", "Ärne", "arne@x.example", Outcome.ALREADY),
            RunItem("3", "Bea", "bea@x.example", Outcome.FAILED),
        ]
    )
    assert [item.name for item in ended.shown] == ["Zoe", "Bea", "Ärne"]
    assert plain(ended.counts_line()) == " ✓ 1 added   - 1 agent already   ✗ 1 blocked   ✗ 1 failed"
    assert ended.status() == "3 not added: 1 agent already, 2 with a reason"
    assert ended.retries() == "retry 1 failed"
    ended.select_all("all")
    assert ended.selected == {"1", "3"}
    assert ended.retries() == "retry 2 selected"
    ended.narrow("x.example ARN")
    assert [item.name for item in ended.shown] == ["Ärne"]
    assert took(ended.run).endswith(", 58 s")


def test_the_keys_of_the_list_fit_80_columns_with_the_main_one() -> None:
    """`enter add 12` and `o selection` stay; what has another way goes first."""
    row = plain(key_row(list_keys(50_318, 12, "read again"), 80))
    assert row.startswith(" space select  a all 50,318  o selection  / search  enter add 12  ")
    few = plain(key_row(list_keys(38, 12, ""), 80))
    assert few.startswith(" space select  v range  a all 38  o selection  / search  enter add 12  ")
    many = plain(key_row(list_keys(100_000, 100_000, ""), 80))
    assert "enter add 100,000" in many
    wide = plain(key_row(list_keys(38, 12, "read again"), 120))
    assert all(word in wide for word in ("i invert", "n none", ". hidden", "esc back"))
    beside = plain(key_row(list_keys(38, 12, "", beside=True), 120))
    assert "s sort" in beside
    assert "o selection" not in beside
