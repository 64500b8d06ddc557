"""Admin consent, versions 2 and 1: who may give it, what it writes, how it answers."""

from __future__ import annotations

import uuid

from aiohttp import web

from ttr_tui.sandbox import permissions
from ttr_tui.sandbox.answers import respond
from ttr_tui.sandbox.client_check import check_client
from ttr_tui.sandbox.issued import SignIn
from ttr_tui.sandbox.journeys import Journey
from ttr_tui.sandbox.refusals import LoginRefused, timestamp
from ttr_tui.sandbox.scopes import DEFAULT, read_scopes
from ttr_tui.sandbox.world import World

_DESCRIPTIONS = {
    "Mail.ReadBasic.All": "Read basic mail in all mailboxes",
    "User.Read.All": "Read all users' full profiles",
    "Directory.Read.All": "Read directory data",
    "Mail.ReadBasic": "Read user basic mail",
    "User.Read": "Sign in and read user profile",
    "offline_access": "Maintain access to data you have given it access to",
}


def check(world: World, sign_in: SignIn) -> web.Response | None:
    """Check a request for admin consent; it is answered by a redirect only after a decision.

    Raises LoginRefused for our own page. `common` is no tenant for version 2 (facts section 1.1).
    """
    check_client(world, sign_in)
    if sign_in.kind == "admin_consent":
        if sign_in.segment == "common":
            raise LoginRefused(50059)
        if not sign_in.query.get("scope"):
            raise LoginRefused(900144, field="scope")
        read_scopes(sign_in.query["scope"], world.graph)
    return None


def _for_everything(sign_in: SignIn) -> bool:
    return sign_in.kind == "admin_consent_v1" or DEFAULT in sign_in.query["scope"]


def consent_lines(world: World, sign_in: SignIn) -> list[str]:
    """Return what the administrator must agree to.

    Raises LoginRefused 90094 or 90095 for an account that may not (facts section 1.6).
    """
    roles = set(world.roles_of(sign_in.person) if sign_in.person else ())
    everything = _for_everything(sign_in)
    may = permissions.MAY_GRANT_GRAPH_ROLES if everything else permissions.MAY_GRANT_SCOPES
    if not roles & may:
        raise LoginRefused(90095 if world.dials.approval_requests else 90094)
    if not everything:
        return sorted(read_scopes(sign_in.query["scope"], world.graph))
    required = (name for kind in ("Role", "Scope") for name in _required(world, kind))
    return [f"{_DESCRIPTIONS.get(name, name)} ({name})" for name in required]


def _required(world: World, kind: str) -> list[str]:
    return world.registration.required(kind, world.dials)


def accept(world: World, sign_in: SignIn) -> web.Response:
    """Write the grants and send the browser back (facts section 1.2)."""
    tenant = sign_in.tenant
    if tenant is None or sign_in.person is None:
        raise LoginRefused(50058)
    if world.dials.sign_in_refused:
        return _refuse(world, sign_in, LoginRefused(world.dials.sign_in_refused))
    delay = world.dials.replication_seconds
    if _for_everything(sign_in):
        roles = set(_required(world, "Role")) - world.dials.missing_roles
        tenant.grant(sorted(roles), _required(world, "Scope"), delay)
    else:
        names = read_scopes(sign_in.query["scope"], world.graph)
        tenant.grant_scopes(names, None, delay)
    fields = {"admin_consent": "True", "tenant": tenant.id}
    if sign_in.kind == "admin_consent":
        fields["scope"] = sign_in.query["scope"]
    return _answer(sign_in, fields)


def cancel(world: World, sign_in: SignIn) -> web.Response:
    """Tell the app that the administrator declined: `admin_consent=True` all the same."""
    if sign_in.kind == "admin_consent_v1":
        description = "The admin canceled the request"
        return _answer(sign_in, {"error": "permission_denied", "error_description": description})
    return _refuse(world, sign_in, LoginRefused(65004))


def _refuse(world: World, sign_in: SignIn, refused: LoginRefused) -> web.Response:
    """Send an error back, which says `admin_consent=True` too (facts section 1.3)."""
    return _answer(
        sign_in,
        {
            "admin_consent": "True",
            "error": refused.error,
            "error_description": refused.described(str(uuid.uuid4()), timestamp()),
            "error_uri": f"{world.login}/error?code={refused.code}",
        },
    )


def _answer(sign_in: SignIn, fields: dict[str, str]) -> web.Response:
    if "state" in sign_in.query:
        fields["state"] = sign_in.query["state"]
    return respond(sign_in.query["redirect_uri"], "query", fields)


ADMIN_CONSENT = Journey(check, consent_lines, accept, cancel)
