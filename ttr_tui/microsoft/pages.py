"""The pages of a collection: where the next one is before a page is parsed, and what ends them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ttr_tui.errors import AnswerBroken, ForeignHost, MicrosoftError
from ttr_tui.microsoft.endpoints import graph_url
from ttr_tui.microsoft.shapes import records

if TYPE_CHECKING:
    from ttr_tui.microsoft.wire import Answer

MOST_EMPTY_PAGES = 50

LARGE = 64 * 1024
"""Bytes from which an answer is parsed in a thread: a page of users, not a refusal."""

_NEXT = "@odata.nextLink"
_NEXT_NAME = f'"{_NEXT}"'.encode()
_NEXT_LINK = re.compile(rb'"@odata\.nextLink"\s*:\s*("(?:[^"\\]|\\.)*")')
_COUNT = re.compile(rb'"@odata\.count"\s*:\s*(\d{1,9})\b')


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a collection; `next_link` is empty on the last.

    `delta_link` is where changes go on, on the last page of a round of changes alone.
    """

    records: list[dict[str, Any]]
    next_link: str
    delta_link: str = ""


@dataclass(frozen=True, slots=True)
class PageText:
    """One page as it came, not parsed yet: the next one can be asked for before that is done.

    `count` is the number of entries in the whole collection, where Graph told it.
    """

    answer: Answer
    next_link: str
    count: int | None

    def parsed(self) -> Page:
        """Return the page; a thousand users take some milliseconds. Raises AnswerBroken."""
        page = page_of(self.answer.record())
        if page.next_link != self.next_link:
            raise _odd_page()
        return page

    async def read(self) -> Page:
        """Return the page, parsed in a thread when it is large. Raises AnswerBroken."""
        if len(self.answer.body) < LARGE:
            return self.parsed()
        return await asyncio.to_thread(self.parsed)


async def page_text(answer: Answer) -> PageText:
    """Return what an answer holds, with its next link found. Raises AnswerBroken.

    Within JSON a quote that belongs to a text is escaped, so a name that stands in quotes once and
    has a value is the link's. Anything less clear is parsed.
    """
    body = answer.body
    count = _COUNT.search(body, 0, 4096)
    number = int(count[1]) if count else None
    times = body.count(_NEXT_NAME)
    if not times:
        return PageText(answer, "", number)
    if times == 1 and (found := _NEXT_LINK.search(body)):
        link = json.loads(found[1].decode(errors="replace"), strict=False)
        return PageText(answer, str(link), number)
    page = page_of(await asyncio.to_thread(answer.record))
    return PageText(answer, page.next_link, number)


def page_of(body: Mapping[str, Any]) -> Page:
    """Return the page a body holds. Raises AnswerBroken."""
    value, link = body.get("value"), body.get(_NEXT) or ""
    delta = body.get("@odata.deltaLink") or ""
    if not isinstance(value, list) or not isinstance(link, str) or not isinstance(delta, str):
        raise _odd_page()
    return Page(records(value), link, delta)


class Trail:
    """The links of one collection that were followed, from `start` on."""

    def __init__(self, root: str, start: str) -> None:
        self._root = root
        self._seen = {start}
        self._empty = 0

    def fault(self, next_link: str) -> MicrosoftError | None:
        """Return why a next link is not followed; None when it is, or there is none."""
        if not next_link:
            return None
        if next_link in self._seen:
            return _endless("come back to a page that was read")
        self._seen.add(next_link)
        try:
            graph_url(self._root, next_link)
        except (ForeignHost, AnswerBroken) as fault:
            return fault
        return None

    def emptiness(self, entries: int, next_link: str) -> MicrosoftError | None:
        """Return what is wrong when too many pages in a row hold nobody and yet go on."""
        self._empty = 0 if entries else self._empty + 1
        if next_link and self._empty > MOST_EMPTY_PAGES:
            return _endless("go on without a single entry")
        return None


def _odd_page() -> AnswerBroken:
    return AnswerBroken(
        "Microsoft Graph sent a page that is not a list.",
        means="What was read before stays as it is.",
        cure="Try again.",
    )


def _endless(how: str) -> AnswerBroken:
    return AnswerBroken(
        f"The pages Microsoft Graph sends {how}.",
        means="Reading ended there; what was read stays as it is.",
        cure="Try again.",
    )
