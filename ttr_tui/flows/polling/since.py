"""Since when what: kept in the store, because it outlives a poll."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ttr_tui.model import now

if TYPE_CHECKING:
    from ttr_tui.flows.polling.source import Source

WHOLE_EVERY = timedelta(days=7)
"""How often everybody is read anew, whatever the changes told."""

DIFFERS_FOR_GOOD = timedelta(minutes=15)
"""How long Graph's count, which lags, may differ from the copy's before everybody is read anew."""


class Since:
    """When everybody was read, and since when Graph counts others than the copy holds.

    A difference that reading everybody did not end is Graph's own, and no reason to do so again.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._store = source.access.store
        self._name = f"directory of {source.company.id}"

    async def recent(self) -> bool:
        """Tell whether everybody was read not too long ago."""
        at = await self._moment("read whole")
        return at is not None and now() - at < WHOLE_EVERY

    async def read_whole(self) -> None:
        """Keep that everybody was read just now, and how Graph's count differs all the same."""
        difference = await self._difference()
        await self._keep(
            {
                "read whole": now().isoformat(),
                "differs": "",
                "differs by": "" if difference is None else str(difference),
            }
        )

    async def differs_for_good(self) -> bool:
        """Keep whether the numbers differ now; tell whether they have done so for long enough."""
        difference, since = await self._difference(), await self._moment("differs")
        settled = await self._store.note(f"{self._name} differs by") or "0"
        differs = difference is not None and str(difference) not in {"0", settled}
        if differs != (since is not None):
            await self._keep({"differs": now().isoformat() if differs else ""})
        return differs and since is not None and now() - since >= DIFFERS_FOR_GOOD

    async def _difference(self) -> int | None:
        """Return how many users more Graph counted last than the copy holds; None: not told."""
        counted = self._source.counted
        return None if counted is None else counted - (await self._source.copy.state()).count

    async def _moment(self, what: str) -> datetime | None:
        text = await self._store.note(f"{self._name} {what}")
        return datetime.fromisoformat(text) if text else None

    async def _keep(self, notes: dict[str, str]) -> None:
        async with self._store.transaction() as tx:
            for what, value in notes.items():
                await self._store.set_note(tx, f"{self._name} {what}", value)
