"""A tenant's directory and its local copy, for the length of one poll."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from ttr_tui.errors import TokenStale

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ttr_tui.access import Access
    from ttr_tui.microsoft import Microsoft
    from ttr_tui.model import Company, Secret
    from ttr_tui.store import DirectoryCopy

T = TypeVar("T")


class Source:
    """What is asked, and where the answers go; `counted` is Graph's last count of users."""

    def __init__(self, access: Access, company: Company, copy: DirectoryCopy) -> None:
        self.access = access
        self.company = company
        self.copy = copy
        self.counted: int | None = None
        self._token: Secret | None = None
        self._renewing = asyncio.Lock()

    @property
    def microsoft(self) -> Microsoft:
        """Return the way to Microsoft."""
        return self.access.microsoft

    async def ask(self, question: Callable[[Secret], Awaitable[T]]) -> T:
        """Return the answer to a request; a token that went stale is renewed, and asked with once.

        Several may ask at once: the token is renewed for all of them.
        """
        token = await self._alive(None)
        try:
            return await question(token)
        except TokenStale:
            return await question(await self._alive(token))

    async def _alive(self, stale: Secret | None) -> Secret:
        async with self._renewing:
            if self._token is stale or self._token is None:
                fresh = stale is not None
                self._token = await self.access.app_token(self.company, fresh=fresh)
            return self._token
