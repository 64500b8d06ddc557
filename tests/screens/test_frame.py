from __future__ import annotations

import asyncio

import pytest
from textual.app import ComposeResult

from tests.office import Office, open_office
from tests.screens.seat import UTF8, Seat, seated
from ttr_tui.errors import ENTRA_ADMINISTRATOR, Evidence, Refused, SignInDenied
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint, key_row
from ttr_tui.widgets.columns import Column
from ttr_tui.widgets.lines import plain, state
from ttr_tui.widgets.prompt import Prompt
from ttr_tui.widgets.rows import Row, Rows
from ttr_tui.works import WorkKind


class Sample(FrameScreen[None]):
    """A screen with a search box and a list."""

    help_here = ("b does nothing at all.",)

    def compose_body(self) -> ComposeResult:
        yield Prompt("Search", at=9, width=24)
        rows = Rows([Column("Name", 20)])
        rows.set_rows([Row((f"user {n}",)) for n in range(40)])
        yield rows


async def sample(seat: Seat) -> Sample:
    screen = Sample()
    await seat.app.push_screen(screen)
    screen.title_text = "A sample"
    screen.fact = state("✓ as it should be")
    screen.status_left, screen.status_right = "left", "right"
    screen.keys = (KeyHint("a", "act"), KeyHint("esc", "back"))
    await seat.pilot.pause()
    return screen


async def test_head_and_foot_stand_in_their_rows(office: Office) -> None:
    """Rows 1-4 and the last three never move; what is at the right ends in column 79."""
    async with seated(office) as seat:
        screen = await sample(seat)
        rows = seat.rows
        assert len(rows) == 24
        assert rows[0].startswith(f" ttr-tui on {seat.app.session.host}   SaaS")
        assert rows[0].endswith(f"not Microsoft: {office.runtime.settings.not_microsoft}")
        assert rows[1] == "[0 Companies]  1 Connect   2 Bulk Add   3 Authentications   4 Readiness"
        assert rows[3] == " A sample" + "✓ as it should be".rjust(70)
        assert rows[21] == ""
        assert rows[22] == " left" + "right".rjust(74)
        assert rows[23] == " a act   esc back" + "? help".rjust(62)
        screen.message = "A sentence."
        await seat.pilot.pause()
        assert seat.rows[21] == " A sentence."


async def test_a_bigger_terminal_gives_its_rows_to_the_body(office: Office) -> None:
    """The last three stay the last three."""
    async with seated(office, size=(120, 36)) as seat:
        await sample(seat)
        rows = seat.rows
        assert (rows[3][-17:], rows[34][-5:], rows[35][-6:]) == (
            "✓ as it should be",
            "right",
            "? help",
        )
        assert rows[32] == "   user 26"


async def test_a_terminal_too_small_says_so_and_comes_back(office: Office) -> None:
    """Only leaving works meanwhile; the focus is where it was afterwards."""
    async with seated(office) as seat:
        await sample(seat)
        await seat.press("down")
        await seat.pilot.resize_terminal(72, 20)
        await seat.pilot.pause()
        assert (
            seat.rows[0] == " ttr-tui needs 80 columns and 24 lines; this terminal has 72 and 20."
        )
        assert "".join(seat.rows[1:]) == ""
        await seat.press("down", "escape")
        await seat.pilot.resize_terminal(80, 24)
        await seat.pilot.pause()
        assert seat.rows[7] == ">  user 1"


async def test_what_was_said_goes_with_the_next_key(office: Office) -> None:
    """What stands for as long as it is true stays."""
    async with seated(office) as seat:
        screen = await sample(seat)
        screen.message = "It is raining."
        screen.say("Sent to the terminal.")
        await seat.pilot.pause()
        assert seat.rows[21] == " Sent to the terminal."
        await seat.press("down")
        assert seat.rows[21] == " It is raining."


async def test_keys_typed_ahead_of_the_screen_go_where_the_focus_will_be(office: Office) -> None:
    """A name typed right after `tab` is text, not commands: `q` would quit."""
    async with seated(office) as seat:
        screen = await sample(seat)
        await seat.type("\tqd1?x")
        assert screen.query_one(Prompt).value == "qd1?x"
        assert seat.screen is screen


async def test_the_terminals_cursor_stands_where_the_keys_go(office: Office) -> None:
    """On the `>` of a list, in a field on the text, else on the title."""
    async with seated(office) as seat:
        screen = await sample(seat)
        await seat.press("down", "down")
        assert seat.app.cursor_position == (0, 8)
        await seat.press("tab", "a", "b")
        assert seat.app.cursor_position == (11, 4)
        screen.set_focus(None)
        assert seat.app.cursor_position == (1, 3)


async def test_help_is_written_for_the_screen_it_was_called_from(office: Office) -> None:
    """Its own keys stand under Here; `esc` goes back to it."""
    async with seated(office) as seat:
        screen = await sample(seat)
        await seat.press("question_mark")
        await seat.until("Help: A sample", "Here", "b does nothing at all.", "Shapes  ✓ good")
        await seat.press("escape")
        assert seat.screen is screen


async def test_quitting_asks_only_while_work_runs(office: Office) -> None:
    """And says what becomes of the work; the focus is on Cancel."""
    async with seated(office) as seat:
        hold = asyncio.Event()

        async def journey(_report: object) -> None:
            await hold.wait()

        office.runtime.works.start(WorkKind.BULK_ADD, "nobody", journey, subject="1")
        await sample(seat)
        await seat.press("q")
        await seat.until(
            "Quit while 1 piece of work is under way?",
            "what is done is kept, and the rest",
            ">[ Cancel ]",
        )
        await seat.press("enter")
        await seat.until("A sample")
        hold.set()
        await seat.when(lambda: not office.runtime.works.running)
        await seat.press("q")
        assert seat.app._exit


async def test_a_short_refusal_stands_in_row_22(office: Office) -> None:
    """With its shape, until the next key."""
    async with seated(office) as seat:
        screen = await sample(seat)
        screen.report(Refused("Nobody is selected.", cure="Select users first."))
        await seat.pilot.pause()
        assert seat.rows[21] == " ✗ Nobody is selected. Select users first."


async def test_a_refusal_by_microsoft_is_explained_on_a_screen_of_its_own(office: Office) -> None:
    """What happened, who can act, what to do, and the message with the ids."""
    async with seated(office) as seat:
        screen = await sample(seat)
        problem = SignInDenied(
            "A policy blocked Anna [bold]Weber\x1b[2J.",
            means="Nothing was stored.",
            who=ENTRA_ADMINISTRATOR,
            cure="Find this sign-in by its correlation id.",
            evidence=Evidence("AADSTS53003", "b1f6d0c2-9a57-4e1b-8d34-6c0e5f7a2913"),
        )
        screen.report(problem)
        await seat.until("Microsoft refused this sign-in", "Message to send")
        assert seat.rows[3].endswith("AADSTS53003")
        assert " What happened   A policy blocked Anna [bold]Weber<1b>[2J." in seat.rows
        assert " Who can act     the Entra administrator, not you" in seat.rows
        assert "   Correlation id: b1f6d0c2-9a57-4e1b-8d34-6c0e5f7a2913" in seat.rows
        await seat.press("escape")
        assert seat.screen is screen


async def test_a_change_by_another_program_is_shown_within_two_seconds(office: Office) -> None:
    """The two share a store, not a process's memory."""
    folder = office.runtime.settings.data_dir.parent
    async with seated(office) as seat:
        await seat.until("No company yet.")
        port = office.runtime.settings.listen[1]
        async with open_office(office.sandbox, folder, port=port) as other:
            await other.add_company(name="Fabrikam GmbH")
            async with asyncio.timeout(2):
                await seat.until(">  Fabrikam GmbH", "1 company")


async def test_a_fault_of_ours_ends_the_app_without_printing_values(office: Office) -> None:
    """Textual would print every local variable, tokens included."""
    secret = "eyJ0eXAi-not-to-be-seen"

    def burst() -> None:
        raise ZeroDivisionError(secret)

    seat_app = None
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the app ends while it is left
        async with seated(office) as seat:
            seat_app = seat.app
            seat.app.call_later(burst)
            await seat.pilot.pause()
    assert seat_app is not None
    assert isinstance(seat_app.crash, ZeroDivisionError)
    assert not seat_app._exit_renderables


@pytest.mark.parametrize("term", ["linux", "xterm-256color"])
async def test_shapes_are_ascii_where_the_terminal_may_lack_them(office: Office, term: str) -> None:
    """By TERM; and by a command of the palette."""
    async with seated(office, environ={**UTF8, "TERM": term}) as seat:
        await sample(seat)
        assert ("+ as it should be" in seat.text) is (term == "linux")
        seat.app.action_ascii()
        await seat.pilot.pause()
        assert ("+ as it should be" in seat.text) is (term != "linux")


async def test_no_color_leaves_every_state_readable(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shapes and words say it; nothing crashes on a segment without a colour."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with seated(office) as seat:
        await sample(seat)
        await seat.press("down")
        assert "✓ as it should be" in seat.text
        strips = seat.screen._compositor.render_strips()
        colours = {
            s.style.color.name for strip in strips for s in strip if s.style and s.style.color
        }
        assert colours <= {"default"}


def test_hints_that_do_not_fit_are_left_out() -> None:
    """Those with the highest rank first; `? help` keeps its place."""
    hints = [
        KeyHint(key, "a rather long word", rank)
        for key, rank in zip("abcd", (0, 2, 0, 1), strict=True)
    ]
    row = plain(key_row(hints, 80))
    assert row.rstrip() == (
        " a a rather long word  c a rather long word  d a rather long word        ? help"
    )
    few = plain(key_row([KeyHint("enter", "press"), KeyHint("esc", "cancel")], 80))
    assert few.startswith(" enter press   esc cancel  ")
