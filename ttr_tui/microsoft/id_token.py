"""The checks an ID token must pass before anything of it is believed or stored.

Its signature is not among them: it comes straight from the token endpoint over TLS that we verify,
which is what OIDC Core 3.1.3.7 rule 6 allows instead. MSAL checks nothing but the nonce.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from ttr_tui.errors import IdentityWrong, WrongTenant
from ttr_tui.microsoft.shapes import text
from ttr_tui.model import Person

LEEWAY = 300.0
"""Seconds by which clocks may differ."""

_SIGN_IN_AGAIN = "Nothing was stored."


def read(token: str) -> dict[str, Any]:
    """Return the claims of a JWT, unchecked; raise ValueError when it is not one."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("not three parts")
    payload = parts[1] + "=" * (-len(parts[1]) % 4)
    claims = json.loads(base64.b64decode(payload, altchars=b"-_", validate=True))
    if not isinstance(claims, dict):
        raise ValueError("not an object")  # noqa: TRY004 - the caller asks whether it is a JWT
    return claims


def check(claims: Mapping[str, Any], *, issuer: str, tenant_id: str, client_id: str) -> Person:
    """Return the person an ID token names, after checking that it is ours and not over.

    `iss` is exactly discovery's issuer, `aud` this client, `exp` not past by more than LEEWAY,
    `tid` the pinned tenant. `sub`, `tid` and `oid` identify; name and user principal name are for
    showing and may be empty (facts section 2.4). Raises IdentityWrong, and WrongTenant naming who
    came.
    """
    address = text(claims, "preferred_username") or text(claims, "email")
    came = address or text(claims, "name") or "somebody"
    tenant = text(claims, "tid").lower()
    if tenant and tenant != tenant_id.lower():
        raise WrongTenant(
            f"{came} belongs to tenant {tenant}, not to {tenant_id}.",
            means=_SIGN_IN_AGAIN,
            cure="Sign in with an account of the company's own tenant.",
        )
    if text(claims, "iss") != issuer:
        raise _wrong(f"was issued by {text(claims, 'iss') or 'nobody'}, not by {issuer}")
    if not _for_us(claims, client_id):
        raise _wrong("was made for another application")
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or expires + LEEWAY < time.time():
        raise _wrong("is past its time; the clock here may be wrong")
    person = Person(
        object_id=text(claims, "oid"),
        tenant_id=tenant,
        subject=text(claims, "sub"),
        name=text(claims, "name"),
        user_principal_name=address,
    )
    for claim, value in (("tid", tenant), ("oid", person.object_id), ("sub", person.subject)):
        if not value:
            raise _wrong(f"does not say {claim}")
    return person


def check_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    """Raise IdentityWrong unless the token carries the nonce of our own request.

    What was sent is the SHA-256 of the nonce we kept (OIDC Core, nonce notes).
    """
    sent = hashlib.sha256(nonce.encode()).hexdigest()
    if not nonce or not hmac.compare_digest(text(claims, "nonce").encode(), sent.encode()):
        raise _wrong("does not belong to the request that was made here")


def check_unchanged(person: Person, expected: Person) -> None:
    """Raise IdentityWrong when a refresh answers for somebody else (OIDC Core 12.2)."""
    came = (person.subject, person.tenant_id, person.object_id)
    if came != (expected.subject, expected.tenant_id.lower(), expected.object_id):
        raise IdentityWrong(
            "The renewed sign-in belongs to somebody else than the stored one.",
            means="What came was not stored.",
            cure="Sign in again.",
        )


def _for_us(claims: Mapping[str, Any], client_id: str) -> bool:
    audience = claims.get("aud")
    if isinstance(audience, list):
        several = len(audience) > 1
        return client_id in audience and (not several or claims.get("azp") == client_id)
    return audience == client_id


def _wrong(how: str) -> IdentityWrong:
    return IdentityWrong(
        f"The ID token that came {how}.",
        means=_SIGN_IN_AGAIN,
        cure="Sign in again; if it stays so, look at the authority's address and the clock here.",
    )
