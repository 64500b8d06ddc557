"""Read what changed since a link was handed out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ttr_tui.errors import GraphRefused, PermissionMissing, TokenStale
from ttr_tui.microsoft import changes
from ttr_tui.model import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttr_tui.flows.polling.source import Source
    from ttr_tui.microsoft.changes import ChangePage
    from ttr_tui.model import DirectoryUser

LINK_LASTS = changes.LASTS - timedelta(hours=1)
"""Age from which a link to changes is not tried: it could end while it is followed."""


async def read_changes(
    source: Source, link: str, on_page: Callable[[int], None] = lambda _entries: None
) -> bool:
    """Bring the copy up to date from a link to changes; False when the link is too old.

    `on_page` hears how many entries each page has.
    A round that breaks off is read again from its beginning the next time: entries that come twice
    do no harm.
    """
    try:
        await _read_round(source, link, on_page)
    except (PermissionMissing, TokenStale):
        raise
    except GraphRefused as refusal:
        if not changes.is_over(refusal):
            raise
        await source.copy.forget_delta()
        return False
    return True


async def _read_round(source: Source, link: str, on_page: Callable[[int], None]) -> None:
    trail = source.microsoft.graph.trail(link)
    there: set[str] = set()
    gone: set[str] = set()
    unclear: set[str] = set()
    at = link
    while True:
        here = at
        page = await source.ask(
            lambda token: changes.change_page(source.microsoft, token, here, trail)  # noqa: B023 - called at once
        )
        there.update(user.object_id for user in page.users)
        gone.update(page.removed)
        unclear.update(page.unclear)
        if page.delta_link:
            break
        await source.copy.put_changes(page.users, page.removed, link, None)
        on_page(len(page.users) + len(page.removed))
        at = page.next_link
    # Nothing is promised about the order: of who is there and gone in one round, Graph is asked.
    users, removed = await _certain(source, page, unclear | (there & gone))
    await source.copy.put_changes(users, removed, page.delta_link, now())
    on_page(len(users) + len(removed))


async def _certain(
    source: Source, page: ChangePage, doubtful: set[str]
) -> tuple[list[DirectoryUser], list[str]]:
    """Return the last page's entries, with those who are in doubt as Graph has them now."""
    if not doubtful:
        return page.users, page.removed
    found, missing = await source.ask(
        lambda token: changes.users_as_they_are(source.microsoft, token, sorted(doubtful))
    )
    users = [user for user in page.users if user.object_id not in doubtful]
    removed = [object_id for object_id in page.removed if object_id not in doubtful]
    return users + found, removed + missing
