from __future__ import annotations

from datetime import timedelta

from tests.office import Office
from tests.screens.seat import Seat, seated
from tests.screens.shelf import company_of
from ttr_tui.model import now
from ttr_tui.screens.qr import QrScreen, link_rows
from ttr_tui.widgets.lines import Span, plain
from ttr_tui.widgets.qr import qr_rows

LINK = "https://portal.contoso.com/tools/agents/msgraph-store-bulk/7K2MQX4P9D"
FOR_WHOM = (
    "For a Privileged Role Administrator or Global Administrator. The phone must reach "
    "portal.contoso.com."
)


async def shown(seat: Seat, office: Office, link: str = LINK) -> QrScreen:
    screen = QrScreen(
        company_of(office, "Contoso Ltd"),
        "Sign in the Company Master",
        link,
        FOR_WHOM,
        expires_at=now() + timedelta(hours=23, minutes=30),
        waiting="» waiting for the browser",
    )
    await seat.app.push_screen(screen)
    await seat.pilot.pause()
    return screen


async def test_the_code_takes_rows_2_to_22_with_the_words_beside_it(office: Office) -> None:
    """Row 1 stays and tells whose link it is; rows 23 and 24 as everywhere."""
    async with seated(office) as seat:
        await shown(seat, office)
        rows = seat.rows
        assert rows[0].startswith(" Contoso Ltd   contoso.com   SaaS")
        code = qr_rows(LINK)
        assert code is not None
        drawn = [row.text for row in code if isinstance(row, Span)]
        assert [row[:41].ljust(41) for row in rows[1:22]] == drawn
        assert [row[44:] for row in rows[1:19]] == [
            "",
            "Sign in the Company Master",
            "of Contoso Ltd, contoso.com",
            "",
            "Scan it, or type:",
            "",
            "https://portal.contoso.com/",
            "tools/agents/msgraph-store-bulk/",
            "7K2MQX4P9D",
            "",
            "For a Privileged Role Administrator",
            "or Global Administrator. The phone",
            "must reach portal.contoso.com.",
            "",
            "i swaps light and dark if the phone",
            "does not see the code.",
            "",
            "",
        ]
        assert rows[22].startswith(" » waiting for the browser")
        assert "link 23 h left, until 20" in rows[22]
        keys = " esc back to the link   c copy   u plain link   i swap light and dark    ? help"
        assert rows[23] == keys
        assert seat.app.cursor_position == (44, 2)


async def test_keys_copy_invert_and_go_back(office: Office) -> None:
    """What was said stands beside the code, since row 22 belongs to it."""
    async with seated(office) as seat:
        screen = await shown(seat, office)
        await seat.press("c")
        assert seat.app.clipboard == LINK
        assert seat.rows[18][44:] == "Sent to the terminal. Not in your"
        assert seat.rows[19][44:] == "clipboard? u prints it."
        styles = [_style(seat)]
        await seat.press("i")
        styles.append(_style(seat))
        assert styles == ["#000000 on #ffffff", "#ffffff on #000000"]
        assert seat.rows[18][44:] == ""
        screen.status_left = "came back"
        await seat.until("came back")
        await seat.press("escape")
        assert not isinstance(seat.screen, QrScreen)


async def test_a_link_too_long_for_a_code_can_still_be_typed(office: Office) -> None:
    """It says what its code needs, and draws it when there is that much."""
    link = LINK.replace("tools", "tools" + "/more" * 8)
    async with seated(office) as seat:
        await shown(seat, office, link)
        assert "Type:" in seat.text
        assert "84 columns and 26" in seat.text
        assert "i swap" not in seat.rows[23]
        await seat.pilot.resize_terminal(84, 26)
        await seat.until("Scan it, or type:", "i swap")
        await seat.pilot.resize_terminal(79, 24)
        await seat.until("ttr-tui needs 80 columns")
        assert "█" not in seat.text


def _style(seat: Seat) -> str:
    strip = seat.screen._compositor.render_strips()[1]
    style = next(iter(strip)).style
    assert style is not None
    return str(style)


def test_a_link_is_broken_behind_slashes_alone() -> None:
    """Its host and its code stand alone; nothing is lost."""
    for link in (LINK, "http://localhost:8400/tools/x/7K2MQX4P9D", "https://h/7K2MQX4P9D"):
        rows = [plain(row) for row in link_rows(link, 35)]
        assert "".join(rows) == link
        assert rows[-1] == "7K2MQX4P9D"
        assert all(row.endswith("/") for row in rows[:-1])
    long = [plain(row) for row in link_rows("https://h/" + "x" * 80 + "/7K2MQX4P9D", 35)]
    assert max(map(len, long)) == 35
