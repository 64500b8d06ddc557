"""The parts of a directory that are being read: whose turn it is, and which are too large."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.microsoft import partition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.microsoft.pages import Trail


ROUGHLY = 1.2
"""How much larger than its share a part may be before it is cut, which costs a page."""


@dataclass(eq=False)
class Standing:
    """One part and where it stands; `count` is how many users it holds, once Graph told it."""

    name: str
    trail: Trail
    link: str = ""
    read: int = 0
    count: int | None = None
    again: bool = False

    @property
    def start(self) -> str:
        """Where it goes on."""
        return self.link or partition.path_of(self.name)


class Parts:
    """Parts under way. The one with most left is read first, so that none is left over alone."""

    def __init__(self, expected: int | None, at_once: int) -> None:
        self._ready: list[Standing] = []
        self._under_way = 0
        self._news = asyncio.Condition()
        pages = math.ceil((expected or 0) / partition.LARGEST_PAGE)
        self._fair = max(1, math.ceil(pages / at_once * ROUGHLY))
        self.all = 0
        self.done = 0

    def add(self, part: Standing | None) -> None:
        """Add a part that is to be read, or one more that is read already (None)."""
        self.all += 1
        if part is None:
            self.done += 1
        else:
            self._ready.append(part)

    async def take(self) -> Standing | None:
        """Return the part whose turn it is, waiting for one; None when all are read."""
        async with self._news:
            await self._news.wait_for(lambda: self._ready or not self._under_way)
            if not self._ready:
                return None
            part = max(self._ready, key=_left)
            self._ready.remove(part)
            self._under_way += 1
            return part

    async def give_back(self, part: Standing) -> None:
        """Have a part that was taken go on, or be done when it has no link."""
        async with self._news:
            self._under_way -= 1
            if part.link:
                self._ready.append(part)
            else:
                self.done += 1
            self._news.notify_all()

    async def replace(self, others: Sequence[Standing]) -> None:
        """Have others read in the place of a part that was taken."""
        async with self._news:
            self._under_way -= 1
            self.all -= 1
            for other in others:
                self.add(other)
            self._news.notify_all()

    def instead_of(self, part: Standing) -> tuple[str, ...]:
        """Return what to read in place of a part that alone takes longer than all side by side.

        Nothing for one that is small enough, or that cannot be cut.
        """
        pages = math.ceil((part.count or 0) / partition.LARGEST_PAGE)
        return partition.cut(part.name) if pages > self._fair else ()


def _left(part: Standing) -> float:
    """Return how many users of a part are to be read; one that is not counted yet comes first."""
    return math.inf if part.count is None else part.count - part.read
