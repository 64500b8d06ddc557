"""What a good token answer holds (facts sections 2.3, 2.4 and 3), and the lies of the dials."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass

from ttr_tui.sandbox import permissions
from ttr_tui.sandbox.issued import AccessToken, RefreshToken
from ttr_tui.sandbox.people import Person
from ttr_tui.sandbox.scopes import echoed, needed, read_scopes
from ttr_tui.sandbox.signing import encoded
from ttr_tui.sandbox.tenants import Tenant
from ttr_tui.sandbox.world import World

ID_TOKEN_SECONDS = 3600


def client_info(object_id: str, tenant_id: str) -> str:
    """Return the value MSAL asks for with `client_info=1` (facts section 2.3)."""
    return encoded(f'{{"uid":"{object_id}","utid":"{tenant_id}"}}'.encode())


def _subject(client_id: str, person: Person) -> str:
    """Return the pairwise subject: stable for a person and a client (OpenID Connect Core 8.1)."""
    return encoded(hashlib.sha256(f"{client_id} {person.id}".encode()).digest())


def _access_token(world: World, token: AccessToken, more: dict[str, object]) -> str:
    issued = int(time.time())
    claims: dict[str, object] = {
        "aud": token.audience,
        "iss": f"{world.login}/{token.tenant.id}/",
        "iat": issued,
        "nbf": issued,
        "exp": int(token.expires_at - token.tenant.ahead),
        "appid": world.registration.client_id,
        "tid": token.tenant.id,
        "uti": uuid.uuid4().hex[:22],
        "ver": "1.0",
    }
    text = world.key.sign(claims | more)
    world.access_tokens.put(text, token)
    return text


def for_app(world: World, tenant: Tenant, principal_id: str) -> dict[str, object]:
    """Issue the app's own token; without consent it has no `roles` (facts section 3)."""
    lifetime = world.token_lifetime()
    dials = world.dials
    granted = [assignment.role for assignment in tenant.roles()]
    listed = permissions.changed("Role", granted, dials.granted_missing, dials.granted_extra)
    roles = frozenset(() if dials.grant_revoked else listed)
    token = AccessToken(tenant, tenant.now() + lifetime, world.graph, roles=roles)
    more: dict[str, object] = {"idtyp": "app", "oid": principal_id, "sub": principal_id}
    if roles:
        more["roles"] = sorted(roles)
    return {
        "token_type": "Bearer",
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": _access_token(world, token, more),
    }


@dataclass(slots=True)
class Entitled:
    """Who is to get tokens, and by which sign-in; `nonce` goes into the ID token verbatim."""

    tenant: Tenant
    person: Person
    signed_in_at: float
    spa: bool = False
    nonce: str = ""


def for_person(world: World, entitled: Entitled, scope: str) -> dict[str, object]:
    """Issue somebody's tokens for the scope asked."""
    tenant, person = entitled.tenant, entitled.person
    names = read_scopes(scope, world.graph)
    scopes = frozenset(needed(names) - permissions.OIDC_SCOPES)
    lifetime = world.token_lifetime()
    token = AccessToken(tenant, tenant.now() + lifetime, world.graph, person, scopes=scopes)
    more: dict[str, object] = {"oid": person.id, "scp": " ".join(sorted(scopes))}
    body: dict[str, object] = {
        "token_type": "Bearer",
        "scope": echoed(scope, names),
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": _access_token(world, token, more),
    }
    asks_to_stay = "offline_access" in names or ".default" in names
    if asks_to_stay and not world.dials.no_refresh_token:
        begun, spa = entitled.signed_in_at, entitled.spa
        kept = RefreshToken(tenant, person, scope, tenant.now(), begun, spa)
        body["refresh_token"] = world.refresh_tokens.add(kept)
    lie = world.dials.id_token
    if "openid" in names and lie != "missing":
        body["id_token"] = world.key.sign(_id_claims(world, tenant, person, entitled.nonce))
    return body


def _id_claims(world: World, tenant: Tenant, person: Person, nonce: str) -> dict[str, object]:
    lie = world.dials.id_token
    others = [other for other in world.tenants if other is not tenant]
    if lie == "other_tenant" and others:
        tenant, person = others[0], others[0].administrator
    issued = int(time.time())
    claims: dict[str, object] = {
        "aud": world.registration.client_id,
        "iss": world.issuer(tenant),
        "iat": issued,
        "nbf": issued,
        "exp": issued + ID_TOKEN_SECONDS,
        "name": person.display_name,
        "oid": person.id,
        "preferred_username": person.user_principal_name,
        "rh": f"1.{uuid.uuid4().hex}.",
        "sub": _subject(world.registration.client_id, person),
        "tid": tenant.id,
        "uti": uuid.uuid4().hex[:22],
        "ver": "2.0",
    }
    if nonce:
        claims["nonce"] = nonce
    return claims | _lies(world, lie, issued)


def _lies(world: World, lie: str, issued: int) -> dict[str, object]:
    stranger = str(uuid.uuid4())
    lies: dict[str, dict[str, object]] = {
        "wrong_nonce": {"nonce": uuid.uuid4().hex},
        "wrong_iss": {"iss": f"{world.login}/{stranger}/v2.0"},
        "wrong_tid": {"tid": stranger},
        "wrong_aud": {"aud": stranger},
        "wrong_sub": {"sub": stranger},
        "wrong_oid": {"oid": stranger},
        "expired": {"iat": issued - 9000, "nbf": issued - 9000, "exp": issued - 5400},
    }
    return lies.get(lie, {})
