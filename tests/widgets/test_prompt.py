from __future__ import annotations

from textual import events

from tests.widgets.stage import drawn, staged
from ttr_tui.widgets.prompt import Prompt, PromptChanged, PromptSubmitted


async def test_what_is_typed_stands_in_the_field() -> None:
    """Letters, digits, space and all signs are text, also those that are keys elsewhere."""
    prompt = Prompt("Search", at=9, width=24)
    async with staged(prompt) as (stage, pilot):
        prompt.focus()
        await pilot.press("q", "space", "1", "slash", "question_mark", "colon", "d", "enter")
        assert prompt.value == "q 1/?:d"
        assert drawn(stage)[0] == "> Search q 1/?:d"
        assert [m.value for m in stage.said(PromptSubmitted) if isinstance(m, PromptSubmitted)] == [
            "q 1/?:d"
        ]


async def test_editing_keys_change_the_text_where_the_cursor_is() -> None:
    """Backspace, delete, arrows, home, end, a word, all before the cursor."""
    prompt = Prompt("Name")
    async with staged(prompt) as (stage, pilot):
        prompt.focus()
        await pilot.press(*"abc", "left", "X", "backspace", "home", "delete", "end", "d")
        assert prompt.value == "bcd"
        await pilot.press("space", *"two", "ctrl+w")
        assert prompt.value == "bcd "
        await pilot.press("ctrl+u")
        assert prompt.value == ""
        assert stage.said(PromptChanged)


async def test_a_paste_is_one_line_of_text_and_fires_no_key() -> None:
    """Line breaks become spaces; control and bidi characters are left out."""
    prompt = Prompt("Domain")
    async with staged(prompt) as (stage, pilot):
        prompt.focus()
        await pilot.pause()
        assert stage.focused is not None
        stage.focused.post_message(events.Paste("contoso\r\n.com\x1b\u202e q"))
        await pilot.pause()
        assert prompt.value == "contoso .com q"
        assert stage.said(PromptSubmitted) == []


async def test_text_longer_than_the_field_scrolls_with_the_cursor() -> None:
    """The cursor is always in the field, at both ends of the text."""
    prompt = Prompt("Name", width=10)
    async with staged(prompt) as (stage, pilot):
        prompt.focus()
        await pilot.press(*"abcdefghijklmno")
        field = stage.focused
        assert field is not None
        assert drawn(stage)[0].endswith("klmno")
        await pilot.press("home")
        assert drawn(stage)[0].endswith("abcdefghij")


async def test_wide_letters_move_the_cursor_by_two_cells() -> None:
    """The terminal's own cursor stands behind them."""
    prompt = Prompt("Name")
    async with staged(prompt) as (_, pilot):
        prompt.focus()
        await pilot.pause()
        prompt.value = "山田"
        assert prompt.query_one("Field").cursor_at() == (4, 0)  # type: ignore[attr-defined]  # by name


async def test_the_mark_stands_only_where_what_is_typed_goes() -> None:
    """`>` leaves a field together with the focus."""
    first, second = (
        Prompt("Name"),
        Prompt("Domain", placeholder="contoso.com", note="or its tenant id"),
    )
    async with staged(first, second) as (stage, pilot):
        first.focus()
        await pilot.press("tab")
        await pilot.pause()
        assert drawn(stage)[:2] == [
            " Name",
            "> Domain         contoso.com                              or its tenant id",
        ]
