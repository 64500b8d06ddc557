from __future__ import annotations

from tests.widgets.stage import drawn, staged
from ttr_tui.screens.bulk_add_box import SearchBox, chips_in


async def test_filters_are_completed_and_stand_behind_the_field() -> None:
    """Offered in brackets, taken with `right`, taken back with `backspace`."""
    box = SearchBox()
    async with staged(box) as (stage, pilot):
        box.fit(80)
        box.count = "38 of 12,987 match"
        box.learn("department", ["Sales EMEA", "Sales"])
        box.focus()
        await pilot.press(*"be de")
        await pilot.pause()
        assert drawn(stage)[0].startswith("> Search be de[partment:] ")
        await pilot.press("right", *"sal")
        await pilot.pause()
        assert drawn(stage)[0].startswith("> Search be department:sal[es] ")
        assert box.value == "department:sal be"
        await pilot.press("right")
        await pilot.pause()
        assert box.value == "department:Sales be"
        assert drawn(stage)[0] == (
            "> Search be                          [department:Sales]      38 of 12,987 match"
        )
        await pilot.press(*"kind:g ", "home", "backspace")
        await pilot.pause()
        assert list(box.chips) == ["department:Sales"]
        assert box.value == "department:Sales kind:guest be"
        await pilot.press("ctrl+u", "ctrl+u")
        assert not box.chips
        await pilot.press("ctrl+e", *"kind:robot ")
        assert not box.chips
        assert box.value == "kind:robot be"


def test_chips_that_do_not_fit_are_counted() -> None:
    """Never cut in half a word's length; quotes are left out."""
    filters = ['department:"North Sales"', "kind:guest", "agent:no"]
    assert chips_in(filters, 60) == "[department:North Sales] [kind:guest] [agent:no]"
    assert chips_in(filters, 40) == "[department:North Sales] [kind:guest] +1"
    assert chips_in(filters, 24) == "[department:North S~] +2"
    assert chips_in(filters, 16) == "+3"
    assert chips_in(filters, 1) == ""
