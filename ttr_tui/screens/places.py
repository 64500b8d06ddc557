"""The places of row 2, and the way there: every company's places stay as they were left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

    from ttr_tui.model import Company
    from ttr_tui.screens.frame import FrameScreen

COMPANIES, CONNECT, BULK_ADD, AUTHENTICATIONS, READINESS = range(5)


@dataclass(frozen=True, slots=True)
class Place:
    """A number key and the name of where it leads."""

    number: int
    name: str


PLACES = (
    Place(COMPANIES, "Companies"),
    Place(CONNECT, "Connect"),
    Place(BULK_ADD, "Bulk Add"),
    Place(AUTHENTICATIONS, "Authentications"),
    Place(READINESS, "Readiness"),
)


def place_screen(number: int, company: Company | None) -> FrameScreen[Any]:
    """Make the screen of a place; all but Companies belong to a company.

    Each is imported when it is first gone to: the first screen comes up sooner.
    """
    if number == COMPANIES or company is None:
        from ttr_tui.screens.companies import CompaniesScreen  # noqa: PLC0415 - as above

        return CompaniesScreen()
    if number == CONNECT:
        from ttr_tui.screens.connect import ConnectScreen  # noqa: PLC0415 - as above

        return ConnectScreen(company)
    if number == BULK_ADD:
        from ttr_tui.screens.bulk_add import BulkAddScreen  # noqa: PLC0415 - as above

        return BulkAddScreen(company)
    if number == AUTHENTICATIONS:
        from ttr_tui.screens.authentications import (  # noqa: PLC0415 - as above
            AuthenticationsScreen,
        )

        return AuthenticationsScreen(company)
    from ttr_tui.screens.readiness import ReadinessScreen  # noqa: PLC0415 - as above

    return ReadinessScreen(company)


def open_place(app: App[Any], number: int, company: Company | None = None) -> None:
    """Go to a place, from anywhere: what lies above the present place is cancelled first."""
    app.call_next(_go, app, number, company)


def leave_company(app: App[Any], company_id: str) -> None:
    """Go to Companies and drop the kept screens of a company that is gone or renamed."""
    app.call_next(_leave, app, company_id)


async def _leave(app: App[Any], company_id: str) -> None:
    await _go(app, COMPANIES, None)
    for place in PLACES:
        name = _name(place.number, company_id)
        if app.is_screen_installed(name):
            screen = app.get_screen(name)
            app.uninstall_screen(name)
            if screen.is_running:
                await screen.remove()


async def _go(app: App[Any], number: int, company: Company | None) -> None:
    name = _name(number, company.id if company is not None and number else "")
    if not app.is_screen_installed(name):
        app.install_screen(place_screen(number, company), name)
    while len(app.screen_stack) > 2:
        await app.screen.dismiss(None)
    if len(app.screen_stack) == 1:
        await app.push_screen(name)
    else:
        await app.switch_screen(name)


def _name(number: int, company_id: str) -> str:
    return f"{number}:{company_id}"
