"""A client secret that another program of ours rotated: taken over without a restart."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

from ttr_tui.access.notes import ROTATED_NOTE
from ttr_tui.errors import NotWritten, StoreError
from ttr_tui.logs import hide
from ttr_tui.model import Secret
from ttr_tui.settings.names import CLIENT_SECRET
from ttr_tui.settings.registration import secret_faults
from ttr_tui.settings.writing import value_in

if TYPE_CHECKING:
    from ttr_tui.access import Access

WATCH_AGAIN = 5.0
"""Seconds after which a store that could not be read is watched again."""


async def follow(access: Access) -> None:
    """Take over, until cancelled, what another program of ours puts in the secret's place.

    Trouble of the store is waited out. What was rotated since the settings were read counts too.
    """
    seen = ""
    while True:
        with suppress(StoreError):
            seen = await _look(access, seen)
            async for _ in access.store.watch():
                seen = await _look(access, seen)
            return
        await asyncio.sleep(WATCH_AGAIN)


async def _look(access: Access, seen: str) -> str:
    told = await access.store.note(ROTATED_NOTE)
    if told != seen:
        _take_over(access, told.partition(" ")[2])
    return told


def _take_over(access: Access, ends: str) -> None:
    """Use the secret that stands in the settings' file by now; one from elsewhere stays in use."""
    place, settings = access.settings.secret_place, access.settings
    if place is None or place.file is None or place.credential or settings.registration is None:
        return
    try:
        written = value_in(place.file, "" if place.alone else CLIENT_SECRET)
    except NotWritten:
        return
    secret = Secret(written)
    if secret != settings.registration.client_secret and not secret_faults(written):
        hide(secret)
        access.use_secret(secret, date.fromisoformat(ends) if ends else None)
