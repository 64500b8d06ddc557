"""Read the whole directory: in parts at once where it is large, else page after page.

Parts are trusted only when they add up: what was seen is as many users as Graph counts.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from ttr_tui.errors import AnswerBroken, GraphRefused, PermissionMissing, TokenStale
from ttr_tui.flows.polling.changing import read_changes
from ttr_tui.flows.polling.progress import Reading
from ttr_tui.flows.polling.walking import AT_ONCE, PartBroken, Walk
from ttr_tui.microsoft import changes, directory, partition
from ttr_tui.model import now
from ttr_tui.store import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.flows.polling.progress import Pace
    from ttr_tui.flows.polling.source import Source
    from ttr_tui.store import Unfinished

log = logging.getLogger(__name__)


async def read_whole(source: Source, pace: Pace, split_from: int) -> bool:
    """Read every user from the first page; return whether the copy is complete by it.

    False when another process began a newer poll: then that one completes the copy. A link to
    changes is taken before anything is read, and followed before the copy counts as complete.
    """
    began = now()
    link, expected, counts = await asyncio.gather(
        _link_from_now_on(source), count(source), _part_counts(source)
    )
    split = bool(link and counts) and expected is not None and expected >= split_from
    names = partition.balanced(counts, AT_ONCE) if split else (partition.WHOLE,)
    parts = tuple(Part(name) for name in names)
    await source.copy.begin_poll(expected, parts, (link, began) if link else None)
    return await _read(source, pace, parts, expected)


async def go_on(source: Source, pace: Pace, unfinished: Unfinished) -> bool:
    """Go on with a poll that broke, each part from where it stood; as `read_whole`."""
    return await _read(source, pace, unfinished.parts, unfinished.expected)


async def _read(source: Source, pace: Pace, parts: Sequence[Part], expected: int | None) -> bool:
    split = any(part.name for part in parts)
    pace.begins(
        Reading.PARTS if split else Reading.WHOLE, sum(part.read for part in parts), expected
    )
    try:
        await Walk(source, pace, expected).over(parts)
        trusted = await _up_to_date(source, expected) or not split
    except PartBroken as broken:
        if not split and not broken.begun:
            raise broken.refusal from None
        log.info("The directory was not read to its end: %s", broken.refusal.code)
        trusted = False
    except AnswerBroken as broken:
        if not split:
            raise
        log.info("A part of the directory was not read: %s", broken.happened)
        trusted = False
    if not trusted:
        await _read_plainly(source, pace, expected)
    link = await source.copy.delta()
    return await source.copy.finish_poll(now(), link[0] if link else "")


async def _up_to_date(source: Source, expected: int | None) -> bool:
    """Follow what changed meanwhile; tell whether who was seen is as many as Graph counts.

    Its count lags behind those who come and go while it is read: any number between the count
    before and the one after will do, and no other.
    """
    link = await source.copy.delta()
    if link is None:
        return False
    _, counted = await asyncio.gather(read_changes(source, link[0]), count(source))
    seen = await source.copy.seen()
    counts = [number for number in (expected, counted) if number is not None]
    adds_up = counted is not None and min(counts) <= seen <= max(counts)
    if not adds_up:
        log.info("Of the directory %s users were seen, Microsoft counts %s", seen, counts)
    return adds_up


async def _read_plainly(source: Source, pace: Pace, expected: int | None) -> None:
    """Read page after page, from the first; what the parts brought is replaced where it differs."""
    whole = (Part(partition.WHOLE),)
    await source.copy.begin_poll(expected, whole)
    pace.begins(Reading.WHOLE, 0, expected)
    try:
        await Walk(source, pace, expected).over(whole)
    except PartBroken as broken:
        raise broken.refusal from None
    await _up_to_date(source, expected)


async def _link_from_now_on(source: Source) -> str:
    """Return where changes will be told, or nothing where Graph does not tell them."""
    try:
        return await source.ask(lambda t: changes.link_from_now_on(source.microsoft, t))
    except (PermissionMissing, TokenStale):
        raise
    except (GraphRefused, AnswerBroken):
        return ""


async def _part_counts(source: Source) -> dict[str, int]:
    """Return how many users each of the smallest parts holds; nothing where Graph does not say."""
    try:
        counts = await source.ask(
            lambda t: directory.part_counts(source.microsoft, t, partition.STARTS)
        )
    except (PermissionMissing, TokenStale):
        raise
    except (GraphRefused, AnswerBroken):
        return {}
    return counts if len(counts) == len(partition.STARTS) else {}


async def count(source: Source) -> int | None:
    """Return how many users Graph counts, None where it does not say: that is no failure."""
    source.counted = None
    try:
        source.counted = await source.ask(lambda t: directory.told_count(source.microsoft, t))
    except (PermissionMissing, TokenStale):
        raise
    except (GraphRefused, AnswerBroken):
        pass
    return source.counted
