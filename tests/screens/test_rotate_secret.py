"""The client secret is rotated from anywhere, and no letter of it is ever on the screen."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from pathlib import Path

from tests.installation import opened, write_env_file
from tests.office import Office
from tests.screens.seat import Seat, seated
from ttr_tui.model import Secret
from ttr_tui.sandbox import Sandbox
from ttr_tui.screens.rotate_secret import RotateSecretScreen
from ttr_tui.screens.session import Demo

ENDS = date.today() + timedelta(days=180)  # noqa: DTZ011 - any day to come


async def nobody(link: str, account: str) -> str:
    """Nobody follows a link here."""
    return link + account


async def open_by_palette(seat: Seat) -> None:
    """Find it by its name."""
    await seat.press("ctrl+p")
    await seat.type("Rotate secret")
    await seat.until("Prove a new client secret")
    await seat.press("enter")
    await seat.when(lambda: isinstance(seat.screen, RotateSecretScreen))


async def test_a_refused_secret_changes_nothing_and_a_proven_one_is_in_use(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Pasted or typed it is asterisks; enter goes on; what is left to do stands there then."""
    line = f"MS_GRAPH_CLIENT_SECRET={sandbox.client_secret}"
    file = write_env_file(sandbox, tmp_path / "office", line)
    before, seen = file.read_bytes(), ""
    async with opened(sandbox, file) as office:
        await office.add_company(name="Contoso Ltd")
        sandbox.tenants[0].grant_all()
        new = sandbox.add_secret()
        async with seated(office, demo=Demo(nobody, (), lambda: Secret(new))) as seat:
            await open_by_palette(seat)
            await seat.until("> New secret", "[ Cancel ]   [ Prove and use the new secret ]")
            assert seat.rows[3] == " Rotate the client secret"
            assert "its last day is not in the settings; it is a line of" in seat.rows[5]
            assert seat.rows[23] == (
                " enter go on   f2 make one at the tenant   tab next   esc cancel   ctrl+c quit"
            )
            assert " Proven at                                a tenant's domain" in seat.text
            await seat.press("tab", "enter")
            await seat.until("Paste the new secret: the column called Value.")

            wrong = secrets.token_urlsafe(30)
            await seat.paste(f"{wrong}\n")
            await seat.until("> New secret     " + "*" * len(wrong) + "\n")
            await seat.press("enter")
            await seat.type("soon\r")
            await seat.until("Write its last day as YYYY-MM-DD")
            await seat.type(f"\x15{ENDS}\r")
            await seat.until("Microsoft refuses the new client secret (AADSTS7000215).")
            assert "of this very app registration." in " ".join(seat.text.split())
            assert file.read_bytes() == before
            seen += seat.text + repr(seat.app.focused) + repr(list(seat.screen.walk_children()))

            await seat.press("f2", "enter")
            await seat.until("The new client secret is in use", "Contoso Ltd gave a token for it")
            assert f"It ends {ENDS}." in seat.text
            assert "Delete the former secret" in seat.text
            seen += seat.text
            assert not any(secret in seen for secret in (wrong, new, wrong[:8], new[:8]))
            assert new.encode() in file.read_bytes()
            await seat.press("escape")
            await seat.until("[0 Companies]")


async def test_where_it_cannot_be_rotated_the_screen_says_where(office: Office) -> None:
    """Nothing is asked for that could not be used."""
    async with seated(office) as seat:
        await open_by_palette(seat)
        await seat.until("Not from here", "comes from the process environment")
        assert "[ Cancel ]" not in seat.text
        assert seat.rows[23].strip() == "esc back"
