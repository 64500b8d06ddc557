"""What is granted or requested beyond the six permissions: each by its name, as far as known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.microsoft.endpoints import GRAPH_APP_ID
from ttr_tui.microsoft.permissions import KNOWN_NAMES, SIGN_IN_ITSELF
from ttr_tui.model import PERMISSIONS, PermissionType, Seen, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ttr_tui.flows.readiness.scene import Scene
    from ttr_tui.microsoft.grants import Granted
    from ttr_tui.microsoft.principal import GraphPrincipal

Key = tuple[str, PermissionType]

EXCHANGE_FULL_ACCESS = "dc890d15-9560-4a4c-9b7f-a736ec74ec40"
"""Exchange Online's own permission for every mailbox, as an application permission."""

_BROADER = (
    ("Mail.ReadWrite", "reads, changes and deletes mail, bodies included"),
    ("Mail.ReadBasic", "reads the mail of more mailboxes than needed"),
    ("Mail.Read", "reads bodies and attachments"),
    ("Mail.Send", "sends mail in other people's names"),
    ("MailboxSettings.ReadWrite", "changes mailbox settings, forwarding included"),
    ("full_access_as_app", "reads, changes and deletes everything in every mailbox"),
)

_NEEDED = {(one.id, one.type) for one in PERMISSIONS} | {
    (one.name, one.type) for one in PERMISSIONS if one.type is PermissionType.DELEGATED
}


async def look(scene: Scene) -> list[Seen]:
    """Return a warning for each permission beyond the six; raises what the reads raise."""
    granted, graph = await scene.granted(), await scene.graph()
    found: dict[str, list[str]] = {}
    for text, how in (*_granted(granted, graph), *await _requested(scene, graph)):
        found.setdefault(text, []).append(how)
    return [
        Seen(text, Verdict.WARNING, "; ".join([*dict.fromkeys(how), *_meaning(text)]))
        for text, how in found.items()
    ]


async def mail_permissions(scene: Scene) -> list[str]:
    """Return the names of granted permissions that show more of a mailbox than the needed one."""
    granted, graph = await scene.granted(), await scene.graph()
    return list(dict.fromkeys(text for text, _ in _granted(granted, graph) if _meaning(text)))


def _granted(granted: Granted, graph: GraphPrincipal) -> Iterator[tuple[str, str]]:
    for role in granted.roles:
        key = (role.id, PermissionType.APPLICATION)
        if role.resource_id == graph.id:
            if key not in _NEEDED:
                yield _called(graph, key), "granted"
        else:
            name = "full_access_as_app" if role.id == EXCHANGE_FULL_ACCESS else role.id
            yield f"application {name} of {role.resource or role.resource_id}", "granted"
    for given in granted.scopes:
        of_graph = given.resource_id == graph.id
        how = "granted by a single user" if given.person_id else "granted"
        for name in given.scopes:
            usual = (name, PermissionType.DELEGATED) in _NEEDED or name in SIGN_IN_ITSELF
            if of_graph and not usual:
                yield f"delegated {name}", how
            elif not of_graph and name not in SIGN_IN_ITSELF:
                yield f"delegated {name} of resource {given.resource_id}", how


async def _requested(scene: Scene, graph: GraphPrincipal) -> list[tuple[str, str]]:
    read = (await scene.registered()).application
    found = []
    for one in read.requested if read is not None else ():
        key = (one.id, one.type)
        if one.resource_app_id != GRAPH_APP_ID:
            text = f"{one.type.word} {one.id} of app {one.resource_app_id}"
            found.append((text, "requested"))
        elif key not in _NEEDED and _name(graph, key) not in SIGN_IN_ITSELF:
            found.append((_called(graph, key), "requested"))
    return found


def _called(graph: GraphPrincipal, key: Key) -> str:
    return f"{key[1].word} {_name(graph, key)}"


def _name(graph: GraphPrincipal, key: Key) -> str:
    return graph.names.get(key) or KNOWN_NAMES.get(key) or key[0]


def _meaning(text: str) -> list[str]:
    name = text.split()[1]
    for prefix, meaning in _BROADER:
        if name.startswith(prefix):
            return [meaning]
    return []
