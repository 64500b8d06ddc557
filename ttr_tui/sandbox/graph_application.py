"""The app registration as Graph shows it in its home tenant (facts section 9.3; checklist G9)."""

from __future__ import annotations

import re

from ttr_tui.sandbox import permissions
from ttr_tui.sandbox.calls import (
    Answer,
    Call,
    collection,
    moment,
    not_found,
    one,
    route,
    selected,
)
from ttr_tui.sandbox.graph_registration import READ_APPS, audience
from ttr_tui.sandbox.people import guid
from ttr_tui.sandbox.registration import DAY, HINT, Secret

Entity = dict[str, object]

_APP_FILTER = re.compile(r"appId eq '([^']*)'", re.IGNORECASE)
_APART = 40 * DAY
"""How far apart secrets with the same hint end."""


def _password(call: Call, secret: Secret) -> Entity:
    dials = call.world.dials
    # What the dials say is about the secret the product was given.
    hint = dials.secret_hint if secret.ends_at is None else ""
    return {
        "customKeyIdentifier": None,
        "displayName": "ttr-tui",
        "endDateTime": moment(secret.ends(dials)),
        "hint": hint or secret.value[:HINT],
        "keyId": secret.id,
        "secretText": None,
        "startDateTime": moment(secret.made_at),
    }


def _passwords(call: Call) -> list[Entity]:
    """Return the secrets that count, and those the dial `secrets_more` adds.

    Of the latter the first ends later than the present one, the second sooner, and so on.
    """
    registration, dials = call.world.registration, call.world.dials
    shown = [_password(call, secret) for secret in registration.secrets]
    present = Secret(registration.client_secret, registration.made_at)
    for place in range(dials.secrets_more):
        apart = _APART * (place // 2 + 1) * (-1 if place % 2 else 1)
        more = {
            "endDateTime": moment(present.ends(dials) + apart),
            "keyId": guid(place, -9),
            "displayName": f"ttr-tui {place + 2}",
        }
        shown.append(_password(call, present) | more)
    return shown


def _certificates(call: Call) -> list[Entity]:
    days, made_at = call.world.dials.certificate_days, call.world.registration.made_at
    if not days:
        return []
    return [
        {
            "customKeyIdentifier": guid(1, -9).replace("-", "").upper(),
            "displayName": "CN=ttr-tui",
            "endDateTime": moment(made_at + days * DAY),
            "key": None,
            "keyId": guid(2, -9),
            "startDateTime": moment(made_at - 30 * DAY),
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
        }
    ]


def _required(call: Call) -> list[Entity]:
    registration, dials = call.world.registration, call.world.dials
    access = [
        {"id": permissions.id_of(kind, name), "type": kind}
        for kind in ("Role", "Scope")
        for name in registration.required(kind, dials)
    ]
    whole: Entity = {"resourceAppId": permissions.GRAPH_APP_ID, "resourceAccess": access}
    return [whole] if access else []


def _application(call: Call) -> Entity:
    registration, dials = call.world.registration, call.world.dials
    return {
        "id": registration.object_id,
        "appId": registration.client_id,
        "displayName": registration.display_name,
        "signInAudience": audience(call),
        "isFallbackPublicClient": False,
        "isDisabled": None,
        "groupMembershipClaims": None,
        "keyCredentials": _certificates(call),
        "passwordCredentials": _passwords(call),
        "publicClient": {"redirectUris": sorted(dials.redirects_public)},
        "spa": {"redirectUris": sorted(dials.redirects_spa)},
        "web": {
            "redirectUris": registration.web_redirects(dials),
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": dials.access_token_box,
                "enableIdTokenIssuance": dials.id_token_box,
            },
        },
        "requiredResourceAccess": _required(call),
    }


def _is_here(call: Call) -> bool:
    """Say whether the registration can be seen: in its home tenant alone."""
    at_home = call.tenant.id == call.world.registration.home_tenant_id
    return at_home and not call.world.dials.application_hidden


def get_application(call: Call) -> Answer:
    """Answer the registration, by app id or object id."""
    call.needs(READ_APPS)
    registration, name = call.world.registration, call.named["application"].lower()
    if not _is_here(call) or name not in {registration.client_id, registration.object_id}:
        raise not_found(name)
    return one(call, "applications", selected(call, _application(call)))


def list_applications(call: Call) -> Answer:
    """Answer `GET /applications`; empty in a customer's tenant."""
    call.needs(READ_APPS)
    wanted = _APP_FILTER.fullmatch(call.query.get("$filter", ""))
    ours = wanted is None or wanted[1].lower() == call.world.registration.client_id
    found = [selected(call, _application(call))] if ours and _is_here(call) else []
    return collection(call, "applications", found)


ROUTES = (
    route("/applications", list_applications),
    route("/applications(appId='{application}')", get_application),
    route("/applications/{application}", get_application),
)
