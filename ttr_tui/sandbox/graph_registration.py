"""The organisation, and our app in it: what readiness and consent are proven by (G1, G6 to G9)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ttr_tui.sandbox import permissions
from ttr_tui.sandbox.calls import Answer, Call, collection, not_found, one, route, selected
from ttr_tui.sandbox.tenants import DelegatedGrant, RoleAssignment

READ_DIRECTORY = {"Directory.Read.All"}
READ_APPS = READ_DIRECTORY | {"Application.Read.All"}

Entity = dict[str, object]

_APP_FILTER = re.compile(r"appId eq '([^']*)'", re.IGNORECASE)
_CLIENT_FILTER = re.compile(r"clientId eq '([^']*)'", re.IGNORECASE)
_PUBLISHER_OF_GRAPH = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"


def moment(seconds: float) -> str:
    """Return a time as Graph writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def domains(call: Call) -> list[Entity]:
    """Return the tenant's verified domains."""
    names = call.tenant.domains
    return [
        {
            "capabilities": "Email, OfficeCommunicationsOnline",
            "isDefault": name == names[0],
            "isInitial": name == names[-1],
            "name": name,
            "type": "Managed",
        }
        for name in names
    ]


def organization(call: Call) -> Answer:
    """Answer `GET /organization`: one element, the token's own tenant."""
    call.needs(READ_DIRECTORY | {"User.Read.All"}, READ_DIRECTORY | {"User.Read"})
    whole: Entity = {
        "id": call.tenant.id,
        "displayName": call.tenant.name,
        "countryLetterCode": "DE",
        "createdDateTime": "2016-03-01T08:00:00Z",
        "tenantType": "AAD",
        "verifiedDomains": domains(call),
    }
    return collection(call, "organization", [selected(call, whole)])


def _our_principal(call: Call) -> Entity:
    principal, registration = call.tenant.principal(), call.world.registration
    if principal is None:
        raise not_found(registration.client_id)
    return {
        "id": principal.id,
        "appId": registration.client_id,
        "displayName": registration.display_name,
        "appDisplayName": registration.display_name,
        "accountEnabled": principal.enabled,
        "appOwnerOrganizationId": registration.home_tenant_id,
        "appRoleAssignmentRequired": False,
        "disabledByMicrosoftStatus": None,
        "isDisabled": None,
        "replyUrls": list(registration.redirect_uris),
        "servicePrincipalType": "Application",
        "signInAudience": _audience(call),
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None},
        "appRoles": [],
        "oauth2PermissionScopes": [],
    }


def _audience(call: Call) -> str:
    several = call.world.registration.multi_tenant
    return "AzureADMultipleOrgs" if several else "AzureADMyOrg"


def _graph_principal(call: Call) -> Entity:
    return {
        "id": call.tenant.graph_principal_id,
        "appId": permissions.GRAPH_APP_ID,
        "displayName": "Microsoft Graph",
        "accountEnabled": True,
        "appOwnerOrganizationId": _PUBLISHER_OF_GRAPH,
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs",
        "appRoles": [
            {"id": key, "value": name, "allowedMemberTypes": ["Application"], "isEnabled": True}
            for name, key in permissions.APP_ROLES.items()
        ],
        "oauth2PermissionScopes": [
            {"id": key, "value": name, "type": "User", "isEnabled": True}
            for name, key in permissions.SCOPES.items()
        ],
    }


def _principal(call: Call, name: str) -> Entity:
    """Return the service principal with this app id or object id; 404 when there is none."""
    if name in {permissions.GRAPH_APP_ID, call.tenant.graph_principal_id}:
        return _graph_principal(call)
    ours = call.tenant.principal()
    if ours is not None and name.lower() in {call.world.registration.client_id, ours.id}:
        return _our_principal(call)
    raise not_found(name)


def get_principal(call: Call) -> Answer:
    """Answer a service principal by app id or object id."""
    call.needs(READ_APPS)
    return one(call, "servicePrincipals", selected(call, _principal(call, call.named["principal"])))


def list_principals(call: Call) -> Answer:
    """Answer `GET /servicePrincipals`, usually filtered by app id."""
    call.needs(READ_APPS)
    everything = [_graph_principal(call)]
    if call.tenant.principal() is not None:
        everything.append(_our_principal(call))
    wanted = _APP_FILTER.fullmatch(call.query.get("$filter", ""))
    found = [p for p in everything if wanted is None or p["appId"] == wanted[1].lower()]
    return collection(call, "servicePrincipals", [selected(call, p) for p in found])


def _assignment(call: Call, assignment: RoleAssignment) -> Entity:
    principal = call.tenant.principal()
    return {
        "id": assignment.id,
        "appRoleId": permissions.APP_ROLES[assignment.role],
        "createdDateTime": moment(assignment.visible_at),
        "principalId": principal.id if principal else None,
        "principalType": "ServicePrincipal",
        "principalDisplayName": call.world.registration.display_name,
        "resourceId": call.tenant.graph_principal_id,
        "resourceDisplayName": "Microsoft Graph",
    }


def role_assignments(call: Call) -> Answer:
    """Answer the application permissions a service principal has, or has given."""
    call.needs(READ_APPS)
    asked = _principal(call, call.named["principal"])["appId"]
    given = call.path.endswith("appRoleAssignedTo")
    of_interest = (asked == permissions.GRAPH_APP_ID) is given
    granted = call.tenant.roles() if of_interest and not call.world.dials.grant_revoked else []
    return collection(call, "appRoleAssignments", [_assignment(call, item) for item in granted])


def _grant(call: Call, grant: DelegatedGrant) -> Entity:
    principal = call.tenant.principal()
    return {
        "id": grant.id,
        "clientId": principal.id if principal else None,
        "consentType": "Principal" if grant.principal_id else "AllPrincipals",
        "principalId": grant.principal_id,
        "resourceId": call.tenant.graph_principal_id,
        # Entra's own list begins with a space.
        "scope": " " + " ".join(sorted(grant.scopes)),
    }


def delegated_grants(call: Call) -> Answer:
    """Answer the delegated permissions of a service principal, or of all."""
    call.needs(READ_DIRECTORY, READ_DIRECTORY)
    ours = call.tenant.principal()
    wanted = _CLIENT_FILTER.fullmatch(call.query.get("$filter", ""))
    asked = str(_principal(call, call.named["principal"])["id"]) if call.named else ""
    asked = wanted[1] if wanted else asked
    shown = ours is not None and asked in {"", ours.id} and not call.world.dials.grant_revoked
    granted = call.tenant.grants() if shown else []
    return collection(call, "oauth2PermissionGrants", [_grant(call, item) for item in granted])


def _application(call: Call) -> Entity:
    registration = call.world.registration
    roles = [(permissions.APP_ROLES[name], "Role") for name in permissions.REQUIRED_ROLES]
    scopes = [(permissions.SCOPES[name], "Scope") for name in permissions.REQUIRED_SCOPES]
    secret: Entity = {
        "customKeyIdentifier": None,
        "displayName": "ttr-tui",
        "endDateTime": moment(registration.made_at + registration.secret_lifetime),
        "hint": registration.client_secret[:3],
        "keyId": registration.secret_id,
        "secretText": None,
        "startDateTime": moment(registration.made_at),
    }
    return {
        "id": registration.object_id,
        "appId": registration.client_id,
        "displayName": registration.display_name,
        "signInAudience": _audience(call),
        "isFallbackPublicClient": False,
        "isDisabled": None,
        "groupMembershipClaims": None,
        "keyCredentials": [],
        "passwordCredentials": [secret],
        "publicClient": {"redirectUris": []},
        "spa": {"redirectUris": []},
        "web": {
            "redirectUris": list(registration.redirect_uris),
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": True,
                "enableIdTokenIssuance": True,
            },
        },
        "requiredResourceAccess": [
            {
                "resourceAppId": permissions.GRAPH_APP_ID,
                "resourceAccess": [{"id": key, "type": kind} for key, kind in roles + scopes],
            }
        ],
    }


def get_application(call: Call) -> Answer:
    """Answer the registration, which only its home tenant has (facts section 9.3)."""
    call.needs(READ_APPS)
    registration, name = call.world.registration, call.named["application"].lower()
    at_home = call.tenant.id == registration.home_tenant_id
    if not at_home or name not in {registration.client_id, registration.object_id}:
        raise not_found(name)
    return one(call, "applications", selected(call, _application(call)))


def list_applications(call: Call) -> Answer:
    """Answer `GET /applications`; empty in a customer's tenant."""
    call.needs(READ_APPS)
    registration = call.world.registration
    wanted = _APP_FILTER.fullmatch(call.query.get("$filter", ""))
    ours = wanted is None or wanted[1].lower() == registration.client_id
    at_home = call.tenant.id == registration.home_tenant_id
    found = [selected(call, _application(call))] if ours and at_home else []
    return collection(call, "applications", found)


def get_domains(call: Call) -> Answer:
    """Answer `GET /domains`."""
    call.needs(READ_DIRECTORY | {"Domain.Read.All"})
    values = [
        {
            "id": name,
            "authenticationType": "Managed",
            "isDefault": name == call.tenant.domain,
            "isVerified": True,
        }
        for name in call.tenant.domains
    ]
    return collection(call, "domains", values)


def consent_request_policy(call: Call) -> Answer:
    """Answer whether people can ask their administrator for consent."""
    call.needs(READ_DIRECTORY)
    value: Entity = {"isEnabled": False, "notifyReviewers": False, "version": 0, "reviewers": []}
    return one(call, "policies/adminConsentRequestPolicy", value)


ROUTES = (
    route("/organization", organization),
    route("/domains", get_domains),
    route("/policies/adminConsentRequestPolicy", consent_request_policy),
    route("/servicePrincipals", list_principals),
    route("/servicePrincipals(appId='{principal}')", get_principal),
    route("/servicePrincipals/{principal}", get_principal),
    route("/servicePrincipals/{principal}/appRoleAssignments", role_assignments),
    route("/servicePrincipals(appId='{principal}')/appRoleAssignments", role_assignments),
    route("/servicePrincipals/{principal}/appRoleAssignedTo", role_assignments),
    route("/servicePrincipals/{principal}/oauth2PermissionGrants", delegated_grants),
    route("/servicePrincipals(appId='{principal}')/oauth2PermissionGrants", delegated_grants),
    route("/oauth2PermissionGrants", delegated_grants),
    route("/applications", list_applications),
    route("/applications(appId='{application}')", get_application),
    route("/applications/{application}", get_application),
)
