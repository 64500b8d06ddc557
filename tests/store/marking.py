"""A selection by object id, as a copy of a directory keeps it."""

from __future__ import annotations

from collections.abc import Collection

from ttr_tui.store.directory_copy import DirectoryCopy


async def mark(copy: DirectoryCopy, object_ids: Collection[str]) -> None:
    """Make those of `object_ids` who are in the copy its selection."""
    await copy.keep_marks(await copy.addresses.marks_of(object_ids))


async def marked(copy: DirectoryCopy) -> set[str]:
    """Return who is selected, without who left."""
    return set(await copy.object_ids_of((await copy.marks()).rids))
