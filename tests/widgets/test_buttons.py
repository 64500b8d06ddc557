from __future__ import annotations

from tests.widgets.stage import drawn, staged
from ttr_tui.widgets.buttons import ButtonPressed, Buttons, Choice


async def test_buttons_are_drawn_as_they_stand_and_tab_goes_round() -> None:
    """`>` before the one with the focus, three cells between them."""
    buttons = Buttons([Choice("cancel", "Cancel"), Choice("add", "Add 11 agents")])
    async with staged(buttons) as (stage, pilot):
        await pilot.pause()
        assert drawn(stage)[0] == "                >[ Cancel ]   [ Add 11 agents ]"
        await pilot.press("tab", "enter")
        assert drawn(stage)[0] == "                 [ Cancel ]  >[ Add 11 agents ]"
        assert [m.name for m in stage.said(ButtonPressed) if isinstance(m, ButtonPressed)] == [
            "add"
        ]


async def test_a_closed_button_is_drawn_in_round_brackets_and_passed_over() -> None:
    """Until it is freed."""
    buttons = Buttons([Choice("cancel", "Cancel"), Choice("go", "Delete 3", enabled=False)])
    async with staged(buttons) as (stage, pilot):
        await pilot.press("tab", "tab")
        assert drawn(stage)[0] == "                >[ Cancel ]   ( Delete 3 )"
        buttons.enable("go", True)
        buttons.reword("go", "Delete 13")
        await pilot.press("tab")
        await pilot.pause()
        assert drawn(stage)[0] == "                 [ Cancel ]  >[ Delete 13 ]"


async def test_vertical_buttons_stand_below_each_other() -> None:
    """And the arrows go from one to the next."""
    buttons = Buttons([Choice("a", "Show"), Choice("b", "Back")], vertical=True)
    async with staged(buttons) as (stage, pilot):
        await pilot.press("down")
        assert drawn(stage)[:2] == ["                 [ Show ]", "                >[ Back ]"]
