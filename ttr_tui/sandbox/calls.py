"""One call to Graph and its answer, apart from HTTP, so that a batch can make calls too."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ttr_tui.sandbox.issued import AccessToken
from ttr_tui.sandbox.tenants import Tenant
from ttr_tui.sandbox.world import World

ADVANCED = "eventual"


class GraphRefused(Exception):
    """Graph refuses, in the shape of facts section 15."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def body(self, client_request_id: str) -> dict[str, object]:
        """Return the JSON body."""
        inner = {
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": str(uuid.uuid4()),
            "client-request-id": client_request_id,
        }
        return {"error": {"code": self.code, "message": self.message, "innerError": inner}}


def moment(seconds: float) -> str:
    """Return a time as Graph writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def denied() -> GraphRefused:
    """Return the refusal of directory resources without the permission."""
    message = "Insufficient privileges to complete the operation."
    return GraphRefused(403, "Authorization_RequestDenied", message)


def not_found(name: str) -> GraphRefused:
    """Return the refusal for an object the directory does not have."""
    message = (
        f"Resource '{name}' does not exist or one of its queried reference-property objects are "
        "not present."
    )
    return GraphRefused(404, "Request_ResourceNotFound", message)


def unsupported(message: str) -> GraphRefused:
    """Return the refusal of a query Graph does not support."""
    return GraphRefused(400, "Request_UnsupportedQuery", message)


@dataclass(slots=True, eq=False)
class Call:
    """A call below `/v1.0`: `path` begins with a slash and is decoded."""

    world: World
    token: AccessToken
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: object = None
    url: str = ""
    named: dict[str, str] = field(default_factory=dict)

    @property
    def tenant(self) -> Tenant:
        """The tenant the token is for."""
        return self.token.tenant

    @property
    def advanced(self) -> bool:
        """Whether the caller accepts eventual consistency (facts section 6.2)."""
        return self.headers.get("consistencylevel", "").lower() == ADVANCED

    @property
    def shown_query(self) -> str:
        """The query with nothing encoded, for dials that name a part of it."""
        return "&".join(f"{name}={value}" for name, value in self.query.items())

    def needs(self, roles: set[str], scopes: frozenset[str] | set[str] = frozenset()) -> None:
        """Check that the token carries one of these permissions; GraphRefused when not."""
        have, enough = (
            (self.token.scopes, scopes) if self.token.person else (self.token.roles, roles)
        )
        if not have & enough:
            raise denied()


class Text(str):
    """JSON that is written already; stands as a value of an answer's body."""

    __slots__ = ()


@dataclass(slots=True, eq=False)
class Answer:
    """What Graph answers: a JSON value, or text when `body` is a str."""

    body: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def written(self) -> str:
        """Return the body as it is sent."""
        if isinstance(self.body, str):
            return self.body
        if not isinstance(self.body, dict):
            return json.dumps(self.body)
        each = (
            f"{json.dumps(name)}: {value if isinstance(value, Text) else json.dumps(value)}"
            for name, value in self.body.items()
        )
        return "{" + ", ".join(each) + "}"


Action = Callable[[Call], Answer]


@dataclass(slots=True, frozen=True)
class Route:
    """Which calls an action answers: the path is a pattern with named groups."""

    method: str
    path: re.Pattern[str]
    action: Action


def route(path: str, action: Action, method: str = "GET") -> Route:
    """Return a route for a whole path.

    `{name}` stands for a segment or, in quotes, for what stands between quotes in a key.
    """
    quoted = re.sub(r"'\{(\w+)\}'", r"'(?P<\1>[^/']+)'", re.sub(r"([()$])", r"\\\1", path))
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", quoted)
    return Route(method, re.compile(pattern), action)


def collection(call: Call, entity: str, values: list[dict[str, object]]) -> Answer:
    """Return a whole collection."""
    context = f"{call.world.graph}/v1.0/$metadata#{entity}"
    return Answer({"@odata.context": context, "value": values})


def one(call: Call, entity: str, value: Mapping[str, object]) -> Answer:
    """Return one object."""
    context = f"{call.world.graph}/v1.0/$metadata#{entity}/$entity"
    return Answer({"@odata.context": context, **value})


def selected(call: Call, value: dict[str, object]) -> dict[str, object]:
    """Return the properties `$select` names, or all of them.

    Raises GraphRefused for a property the resource does not have.
    """
    names = [name.strip() for name in call.query.get("$select", "").split(",") if name.strip()]
    for name in names:
        if name not in value:
            raise GraphRefused(
                400, "BadRequest", f"Could not find a property named '{name}' on this type."
            )
    return {name: value[name] for name in names} if names else value
