"""A paste is kept whole and drawn by its length; what no fingers typed is no command."""

from __future__ import annotations

import asyncio
import time

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot

from tests.screens.seat import key_of
from tests.widgets.stage import Stage, drawn, staged
from ttr_tui.pasted import LONGEST
from ttr_tui.widgets.paste_box import PasteBox, PasteSubmitted
from ttr_tui.widgets.paste_field import CLOSE
from ttr_tui.widgets.prompt import Prompt

ADDRESS = "https://portal.contoso.com/tools/store-bulk?code=" + "aB3_x" * 300
BY_HAND, AT_ONCE, SLOW_LINE = 0.12, 0.0005, 0.15


def keyed(letters: str, gap: float = AT_ONCE, *, began: float = 0.0) -> list[Key]:
    """Return the keys of some text, `gap` seconds between them."""
    keys = [key_of(letter) for letter in letters]
    began = began or time.monotonic()
    for index, key in enumerate(keys):
        key.time = began + index * gap
    return keys


async def type_in(stage: Stage, pilot: Pilot[None], keys: list[Key]) -> None:
    """Press them, and wait until it is sure that nothing follows."""
    for key in keys:
        stage.post_message(key)
    await pilot.pause()
    await asyncio.sleep(3 * CLOSE)
    await pilot.pause()


def submitted(stage: Stage) -> list[str]:
    return [m.text for m in stage.said(PasteSubmitted) if isinstance(m, PasteSubmitted)]


async def test_it_stands_as_a_prompt_does() -> None:
    """Label in column 2, field and note in column 18, `>` where the keys go."""
    box = PasteBox()
    async with staged(Prompt("Name"), box) as (stage, pilot):
        assert drawn(stage)[1:3] == [
            " Paste",
            "                 the address the browser ended on, its code, or an AADSTS number",
        ]
        box.focus()
        await pilot.pause()
        assert drawn(stage)[1] == "> Paste"
        assert box.is_focused
        strip = stage.screen._compositor.render_strips()[1]
        underlined = [s.text for s in strip if s.style and s.style.underline]
        assert "".join(underlined) == " " * 62


async def test_a_typed_number_can_be_read_edited_and_entered() -> None:
    """Every letter is text; backspace, ctrl+u; `enter` enters it once."""
    box = PasteBox()
    async with staged(box) as (stage, pilot):
        box.focus()
        await type_in(stage, pilot, keyed("wrong", BY_HAND))
        await pilot.press("ctrl+u")
        await type_in(stage, pilot, keyed("AADSTS5001q", BY_HAND))
        await pilot.press("backspace", "delete", "left", "1")
        assert drawn(stage)[0] == "> Paste          AADSTS50011"
        await type_in(stage, pilot, keyed("\r", BY_HAND))
        assert submitted(stage) == ["AADSTS50011"]
        box.clear()
        await pilot.pause()
        assert drawn(stage)[0] == "> Paste"


async def test_keys_pressed_fast_are_still_somebodys() -> None:
    """A laggy line hands over a number and its `enter` together."""
    box = PasteBox()
    async with staged(box) as (stage, pilot):
        box.focus()
        await type_in(stage, pilot, keyed("AADSTS50011\r"))
        assert submitted(stage) == ["AADSTS50011"]


async def test_a_bracketed_paste_is_kept_whole_and_not_drawn() -> None:
    """Line breaks too; its length and its host are said, in one drawing."""
    box = PasteBox()
    async with staged(box) as (stage, pilot):
        box.focus()
        await pilot.pause()
        assert stage.focused is not None
        wrapped = f"{ADDRESS[:800]}\n  {ADDRESS[800:]}\r\n"
        stage.focused.post_message(Paste(wrapped))
        await pilot.pause()
        assert box.text == wrapped
        assert submitted(stage) == []
        assert drawn(stage)[:2] == [
            "> Paste          1,554 characters, enter reads them",
            "                 they begin with portal.contoso.com; ctrl+u clears them",
        ]
        await type_in(stage, pilot, keyed("\r", BY_HAND))
        assert submitted(stage) == [wrapped]


async def test_a_paste_from_elsewhere_brings_the_keys_along() -> None:
    """`take_paste` appends, as a terminal may hand a paste over in pieces."""
    box = PasteBox()
    async with staged(PasteBox("Other"), box) as (stage, pilot):
        box.take_paste(ADDRESS[:500])
        box.take_paste(ADDRESS[500:])
        await pilot.pause()
        assert box.is_focused
        assert box.text == ADDRESS
        await pilot.press("backspace")
        assert box.text == ""
        assert drawn(stage)[2] == "> Paste"


@pytest.mark.parametrize("ending", ["", "\r"])
async def test_a_paste_that_comes_as_keys_enters_nothing(ending: str) -> None:
    """Its line breaks, tabs and escapes are no keys; a person's `enter` behind it is one."""
    lines = "\r".join(ADDRESS[i : i + 76] for i in range(0, len(ADDRESS), 76))
    flood = f"Sign in\rto\t\x1b{lines}{ending}"
    box = PasteBox()
    async with staged(box) as (stage, pilot):
        box.focus()
        keys = keyed(flood)
        await type_in(stage, pilot, keys)
        assert submitted(stage) == []
        assert box.is_focused
        assert "".join(box.text.split()) == f"Signinto{ADDRESS}"
        await type_in(stage, pilot, keyed("\r", began=keys[-1].time + 0.5))
        assert "".join("".join(submitted(stage)).split()) == f"Signinto{ADDRESS}"


async def test_a_slow_line_may_pause_within_a_paste() -> None:
    """Behind many keys at once the next ones belong to them, also after a while."""
    box = PasteBox()
    async with staged(box) as (stage, pilot):
        box.focus()
        first = keyed(ADDRESS[:200] + "\r")
        rest = keyed("\r" + ADDRESS[200:], began=first[-1].time + SLOW_LINE)
        await type_in(stage, pilot, first + rest)
        assert submitted(stage) == []
        assert box.text == f"{ADDRESS[:200]}\n\n{ADDRESS[200:]}"


async def test_more_than_is_ever_read_is_counted_and_not_kept() -> None:
    """Enough is kept for it to be refused."""
    box = PasteBox()
    async with staged(box) as (stage, pilot):
        box.take_paste("a" * (3 * LONGEST))
        box.take_paste("b")
        await pilot.pause()
        assert "3,145,729 characters" in drawn(stage)[0]
        assert len(box.text) == LONGEST + 1
        await pilot.press("ctrl+u")
        assert box.text == ""
