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
        self._total = expected or 0
        self._fair = max(1, math.ceil(self._total / partition.LARGEST_PAGE / at_once))
        self._counts: dict[str, int | None] = {}
        self.all = 0
        self.done = 0

    def add(self, part: Standing | None) -> None:
        """Add a part that is to be read, or one more that is read already (None)."""
        self.all += 1
        if part is None:
            self.done += 1
        else:
            self._ready.append(part)
            self._counts[part.name] = part.count

    async def take(self) -> Standing | None:
        """Return the part whose turn it is, waiting for one; None when all are read."""
        async with self._news:
            await self._news.wait_for(lambda: self._ready or not self._under_way)
            if not self._ready:
                return None
            guess = self._guess()
            part = max(self._ready, key=lambda one: self._left(one, guess))
            self._ready.remove(part)
            self._under_way += 1
            return part

    async def give_back(self, part: Standing) -> None:
        """Have a part that was taken go on, or be done when it has no link."""
        async with self._news:
            self._under_way -= 1
            self._counts[part.name] = part.count
            if part.link:
                self._ready.append(part)
            else:
                self.done += 1
            self._news.notify_all()

    async def replace(self, part: Standing, others: Sequence[Standing]) -> None:
        """Have others read in the place of a part that was taken."""
        async with self._news:
            self._under_way -= 1
            self.all -= 1
            self._counts.pop(part.name, None)
            for other in others:
                self.add(other)
            self._news.notify_all()

    def instead_of(self, part: Standing) -> tuple[str, ...]:
        """Return what to read in place of a part that alone takes longer than all side by side.

        Nothing for one that is small enough, or that cannot be cut.
        """
        pages = math.ceil((part.count or 0) / partition.LARGEST_PAGE)
        return partition.cut(part.name) if pages > self._fair else ()

    def _guess(self) -> float:
        """Return how many users there may be for each unit of likely share not counted yet."""
        counted = sum(count for count in self._counts.values() if count is not None)
        uncounted = [name for name, count in self._counts.items() if count is None]
        return max(0, self._total - counted) / (sum(map(partition.likely_share, uncounted)) or 1.0)

    def _left(self, part: Standing, guess: float) -> float:
        if part.count is not None:
            return part.count - part.read
        return partition.likely_share(part.name) * guess
