"""Reading a `scope` parameter as strictly as Entra does (facts sections 1.5 and 2.1)."""

from __future__ import annotations

from ttr_tui.sandbox import permissions
from ttr_tui.sandbox.refusals import LoginRefused

DEFAULT = ".default"


def read_scopes(text: str, graph: str) -> set[str]:
    """Return the short names of what is asked of Graph, with OpenID's own scopes among them.

    `graph` is the resource's root. `.default` stays as it is and stands alone but for OpenID's.
    Raises LoginRefused: 70011 for an empty or mixed scope, 500011 for another resource, 650053 for
    a permission Graph does not have.
    """
    names: set[str] = set()
    for part in text.split():
        resource, slash, name = part.rpartition("/")
        if slash and resource.rstrip("/") not in {graph, permissions.GRAPH_APP_ID}:
            raise LoginRefused(500011, field=resource)
        if name != DEFAULT and name not in permissions.SCOPES:
            raise LoginRefused(650053, field=name)
        if slash and name in permissions.OIDC_SCOPES - {"email", "profile"} and name != "openid":
            raise LoginRefused(70011)
        names.add(name)
    if not names or (DEFAULT in names and names - permissions.OIDC_SCOPES != {DEFAULT}):
        raise LoginRefused(70011)
    return names


def needed(names: set[str]) -> set[str]:
    """Return which delegated permissions a request for these names needs consent to."""
    wanted = set(names)
    if DEFAULT in wanted:
        wanted.discard(DEFAULT)
        wanted |= set(permissions.REQUIRED_SCOPES)
    return wanted - {"openid", "profile", "email"}


def echoed(text: str, names: set[str]) -> str:
    """Return the `scope` of a token answer: as asked for, without offline_access."""
    parts = [part for part in text.split() if part != "offline_access" and DEFAULT not in part]
    if DEFAULT in names:
        parts += [name for name in permissions.REQUIRED_SCOPES if name != "offline_access"]
    return " ".join(dict.fromkeys(parts))
