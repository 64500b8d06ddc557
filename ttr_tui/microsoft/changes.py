"""What changed in a directory since a link was handed out (facts section 6.3)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ttr_tui.errors import AnswerBroken, GraphRefused, Unreachable
from ttr_tui.microsoft.batch import MOST_ITEMS, BatchAnswer, BatchItem
from ttr_tui.microsoft.directory_user import FIELDS, users_in
from ttr_tui.microsoft.pages import page_of
from ttr_tui.microsoft.shapes import text

if TYPE_CHECKING:
    from ttr_tui.microsoft import Microsoft
    from ttr_tui.microsoft.pages import Trail
    from ttr_tui.model import DirectoryUser, Secret

LASTS = timedelta(days=7)
"""How long Microsoft keeps what a link to changes stands for."""

_FROM_NOW_ON = f"/users/delta?$deltatoken=latest&$select={FIELDS}"

_OVER = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired", "fullsyncrequired"})
_NO_SUCH_LINK = frozenset({400, 404, 410})


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One page of changes: users as they are now, and the object ids of who is no longer there.

    `unclear` are the ids of users of whom not all is said, or both that they are there and that
    they are not. `next_link` goes on; empty on the last page, where `delta_link` is where the next
    round begins.
    """

    users: list[DirectoryUser]
    removed: list[str]
    unclear: list[str]
    next_link: str
    delta_link: str


async def link_from_now_on(ms: Microsoft, token: Secret) -> str:
    """Return the link under which everything that changes from now on will be told.

    Raises what `Graph.get` raises; ForeignHost for a link that leads elsewhere.
    """
    page = page_of(await ms.graph.get(_FROM_NOW_ON, token))
    if not page.delta_link:
        raise AnswerBroken(
            "Microsoft Graph sent no link to the changes of the directory.", cure="Try again."
        )
    ms.graph.require_ours(page.delta_link)
    return page.delta_link


async def change_page(ms: Microsoft, token: Secret, link: str, trail: Trail) -> ChangePage:
    """Return one page of what changed since a link was handed out.

    `trail` is that of the whole round (`Graph.trail`). The same user may come several times, on one
    page or another. Raises what `Graph.get` raises (`is_over` tells whether a refusal means that
    the link is too old), AnswerBroken for pages without end or without a link to what comes next,
    and ForeignHost when one leads elsewhere.
    """
    page = page_of(await ms.graph.get(link, token))
    fault = trail.fault(page.next_link) or trail.emptiness(len(page.records), page.next_link)
    if fault is not None:
        raise fault
    if page.delta_link:
        ms.graph.require_ours(page.delta_link)
    elif not page.next_link:
        raise AnswerBroken(
            "The changes Microsoft Graph tells end without a link to the next ones.",
            means="What was read stays as it is.",
            cure="Try again.",
        )
    return await asyncio.to_thread(_changes, page.records, page.next_link, page.delta_link)


def _changes(records: Sequence[Mapping[str, Any]], next_link: str, delta_link: str) -> ChangePage:
    # Of a user who comes twice the last entry counts; nothing is promised about an order of who is
    # there and who is not.
    named = {text(record, "id"): record for record in records if text(record, "id")}
    left = {text(record, "id") for record in records if "@removed" in record}
    stays = {text(record, "id") for record in records if "@removed" not in record}
    unclear = {i for i, record in named.items() if _is_unclear(record)} | (left & stays)
    certain = {i: record for i, record in named.items() if i not in unclear}
    removed = [i for i, record in certain.items() if "@removed" in record]
    whole = [record for record in certain.values() if "@removed" not in record]
    return ChangePage(users_in(whole), removed, sorted(unclear - {""}), next_link, delta_link)


def _is_unclear(record: Mapping[str, Any]) -> bool:
    """Tell whether an entry is neither of a user who left nor says what every user has."""
    return "@removed" not in record and "userPrincipalName" not in record


async def users_as_they_are(
    ms: Microsoft, token: Secret, object_ids: Sequence[str]
) -> tuple[list[DirectoryUser], list[str]]:
    """Return those of `object_ids` who are in the directory, and the ids of those who are not.

    Raises Unreachable when one could not be asked for, and what `Graph.batch` raises.
    """
    users: list[DirectoryUser] = []
    gone: list[str] = []
    for start in range(0, len(object_ids), MOST_ITEMS):
        asked = object_ids[start : start + MOST_ITEMS]
        items = [BatchItem(i, f"/users/{i}?$select={FIELDS}") for i in asked]
        answers = await ms.graph.batch(items, token)
        for object_id in asked:
            answer = answers.get(object_id, BatchAnswer(0))
            if answer.status == 404:
                gone.append(object_id)
            elif answer.status == 200:
                users += users_in([answer.body])
            else:
                raise Unreachable(
                    f"Microsoft Graph answers for one user with status {answer.status}.",
                    means="What was read stays as it is.",
                    cure="Try again later.",
                )
    return users, gone


def is_over(refusal: GraphRefused) -> bool:
    """Tell whether a refused link to changes is good for nothing: everything is read anew then.

    410 and some codes say so; a link Graph no longer understands at all is no better.
    """
    return refusal.status in _NO_SUCH_LINK or refusal.code.lower() in _OVER
