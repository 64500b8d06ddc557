"""Groups of a tenant: found by what they are called, and who is in them (facts section 6.4)."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ttr_tui.errors import GraphRefused
from ttr_tui.microsoft.shapes import records, text, texts
from ttr_tui.model import Secret

if TYPE_CHECKING:
    from ttr_tui.microsoft import Microsoft

_FIELDS = "id,displayName,mail,groupTypes,visibility"
_OBJECT_ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_NOBODY_BY_THAT_KEY = frozenset({400, 404})
_HIDDEN = "hiddenmembership"
_LONGEST_NAME = 256
"""Characters of a group's name (the directory's own limit)."""

MOST_LIKE_IT = 10


@dataclass(frozen=True, slots=True)
class DirectoryGroup:
    """A group; `mail` is empty for most security groups.

    `dynamic`: a rule says who is in it; `hidden`: who is in it is told to members alone.
    """

    id: str
    name: str
    mail: str
    dynamic: bool
    hidden: bool


async def find_groups(ms: Microsoft, token: Secret, called: str) -> list[DirectoryGroup]:
    """Return the groups of that name, address or object id; several may share a name.

    Case does not count. Nobody's name is an empty list. Raises what `Graph.get` raises.
    """
    wanted = called.strip()
    if not wanted or len(wanted) > _LONGEST_NAME:
        return []
    if _OBJECT_ID.fullmatch(wanted):
        return await _by_id(ms, token, wanted)
    quoted = wanted.replace("'", "''")
    terms = [f"displayName eq '{quoted}'"]
    if "@" in wanted:
        terms.append(f"mail eq '{quoted}'")
    path = f"/groups?$filter={quote(' or '.join(terms), safe='')}&$select={_FIELDS}"
    found: dict[str, DirectoryGroup] = {}
    async with aclosing(ms.graph.pages(path, token)) as pages:
        async for page in pages:
            found.update((group.id, group) for group in map(_group, page.records) if group.id)
    return list(found.values())


async def groups_like(ms: Microsoft, token: Secret, called: str) -> list[DirectoryGroup]:
    """Return up to ten groups with these words in their name, or words that begin so.

    Raises what `Graph.get` raises; a refused search finds none.
    """
    words = " ".join(re.findall(r"\w+", called[:_LONGEST_NAME]))
    if not words:
        return []
    search = quote(f'"displayName:{words}"', safe="")
    path = f"/groups?$search={search}&$count=true&$top={MOST_LIKE_IT}&$select={_FIELDS}"
    try:
        body = await ms.graph.get(path, token, advanced=True)
    except GraphRefused as refusal:
        if refusal.status not in _NOBODY_BY_THAT_KEY:
            raise
        return []
    return [group for group in map(_group, records(body.get("value"))) if group.id]


async def member_ids(
    ms: Microsoft, token: Secret, group_id: str
) -> AsyncGenerator[list[str], None]:
    """Yield, page by page, the object ids of the users in a group and in the groups within it.

    Members that are no users are left out by the cast, which makes it an advanced query (facts
    section 6.2). Where the membership is hidden there are none, or a PermissionMissing. Raises
    what `Graph.pages` raises.
    """
    path = (
        f"/groups/{quote(group_id, safe='')}/transitiveMembers/microsoft.graph.user"
        "?$select=id&$top=999&$count=true"
    )
    async with aclosing(ms.graph.pages(path, token, advanced=True)) as pages:
        async for page in pages:
            yield [found for one in page.records if (found := text(one, "id"))]


async def _by_id(ms: Microsoft, token: Secret, group_id: str) -> list[DirectoryGroup]:
    try:
        body = await ms.graph.get(f"/groups/{group_id.lower()}?$select={_FIELDS}", token)
    except GraphRefused as refusal:
        if refusal.status not in _NOBODY_BY_THAT_KEY:
            raise
        return []
    found = _group(body)
    return [found] if found.id else []


def _group(record: Mapping[str, Any]) -> DirectoryGroup:
    kinds = {kind.lower() for kind in texts(record.get("groupTypes"))}
    return DirectoryGroup(
        id=text(record, "id"),
        name=text(record, "displayName"),
        mail=text(record, "mail"),
        dynamic="dynamicmembership" in kinds,
        hidden=text(record, "visibility").lower() == _HIDDEN,
    )
