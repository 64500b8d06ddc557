"""Whose turn it is: work that one process at a time does for the whole store."""

from __future__ import annotations

from collections.abc import Callable

from ttr_tui.store.database import Database

_NOTE = "turn of {}"


class Turns:
    """Turns by name; `owner` is this process, `live` tells whether another one is still there."""

    def __init__(self, db: Database, owner: str, live: Callable[[str], bool]) -> None:
        self._db = db
        self._owner = owner
        self._live = live

    async def take(self, name: str) -> bool:
        """Take the turn, or keep it; return False while a living process has it.

        It is kept until it is given back or this process ends, however it ends.
        """
        if await self._holder(name) == self._owner:
            return True
        async with self._db.transaction() as tx:
            note = _NOTE.format(name)
            row = await tx.row("SELECT value FROM notes WHERE name = ?", (note,))
            if row is not None and row["value"] != self._owner and self._live(row["value"]):
                return False
            await tx.execute(
                "INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", (note, self._owner)
            )
        return True

    async def give_back(self, name: str) -> None:
        """Let another process have the turn; nothing happens when it is not ours."""
        if await self._holder(name) != self._owner:
            return
        async with self._db.transaction() as tx:
            await tx.execute(
                "DELETE FROM notes WHERE name = ? AND value = ?", (_NOTE.format(name), self._owner)
            )

    async def _holder(self, name: str) -> str:
        row = await self._db.row("SELECT value FROM notes WHERE name = ?", (_NOTE.format(name),))
        return "" if row is None else str(row["value"])
