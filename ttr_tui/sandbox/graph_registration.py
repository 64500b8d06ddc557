"""The organisation, and our app in it: what readiness and consent are proven by (G1, G6 to G8)."""

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
from ttr_tui.sandbox.people import guid
from ttr_tui.sandbox.tenants import DelegatedGrant, RoleAssignment

READ_DIRECTORY = {"Directory.Read.All"}
READ_APPS = READ_DIRECTORY | {"Application.Read.All"}

Entity = dict[str, object]

_APP_FILTER = re.compile(r"appId eq '([^']*)'", re.IGNORECASE)
_CLIENT_FILTER = re.compile(r"clientId eq '([^']*)'", re.IGNORECASE)
_PUBLISHER_OF_GRAPH = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"


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
        "accountEnabled": not call.world.disabled(call.tenant),
        "appOwnerOrganizationId": registration.home_tenant_id,
        "appRoleAssignmentRequired": False,
        "disabledByMicrosoftStatus": None,
        "isDisabled": None,
        "replyUrls": registration.replies(call.world.dials),
        "servicePrincipalType": "Application",
        "signInAudience": audience(call),
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None},
        "appRoles": [],
        "oauth2PermissionScopes": [],
    }


def audience(call: Call) -> str:
    """Return what `signInAudience` says."""
    several = call.world.registration.multi_tenant
    return call.world.dials.audience or ("AzureADMultipleOrgs" if several else "AzureADMyOrg")


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


def _exchange_id(call: Call) -> str:
    return guid(call.tenant.seed, -8)


def _exchange_principal(call: Call) -> Entity:
    role = {"id": permissions.FULL_ACCESS_AS_APP, "value": "full_access_as_app"}
    return {
        "id": _exchange_id(call),
        "appId": permissions.EXCHANGE_APP_ID,
        "displayName": "Office 365 Exchange Online",
        "accountEnabled": True,
        "appOwnerOrganizationId": _PUBLISHER_OF_GRAPH,
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs",
        "appRoles": [role | {"allowedMemberTypes": ["Application"], "isEnabled": True}],
        "oauth2PermissionScopes": [],
    }


def _principal(call: Call, name: str) -> Entity:
    """Return the service principal with this app id or object id; 404 when there is none."""
    if name in {permissions.GRAPH_APP_ID, call.tenant.graph_principal_id}:
        return _graph_principal(call)
    if name in {permissions.EXCHANGE_APP_ID, _exchange_id(call)}:
        return _exchange_principal(call)
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
    everything = [_graph_principal(call), _exchange_principal(call)]
    if call.tenant.principal() is not None:
        everything.append(_our_principal(call))
    wanted = _APP_FILTER.fullmatch(call.query.get("$filter", ""))
    found = [p for p in everything if wanted is None or p["appId"] == wanted[1].lower()]
    return collection(call, "servicePrincipals", [selected(call, p) for p in found])


def _assignment(call: Call, assignment: RoleAssignment) -> Entity:
    principal = call.tenant.principal()
    return {
        "id": assignment.id,
        "appRoleId": permissions.id_of("Role", assignment.role),
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
    dials = call.world.dials
    listed = of_interest and not dials.grant_revoked
    values = [_assignment(call, item) for item in _assigned(call)] if listed else []
    if dials.granted_elsewhere and asked == call.world.registration.client_id and not given:
        values.append(_assigned_elsewhere(call))
    return collection(call, "appRoleAssignments", values)


def _assigned(call: Call) -> list[RoleAssignment]:
    """Return the application permissions in effect, as the dials change them."""
    dials, have = call.world.dials, {item.role: item for item in call.tenant.roles()}
    names = permissions.changed("Role", have, dials.granted_missing, dials.granted_extra)
    since = call.world.registration.made_at
    return [
        have.get(name) or RoleAssignment(guid(call.tenant.seed, -600 - place), name, since)
        for place, name in enumerate(names)
    ]


def _assigned_elsewhere(call: Call) -> Entity:
    since = call.world.registration.made_at
    other = RoleAssignment(guid(call.tenant.seed, -599), permissions.FULL_ACCESS_AS_APP, since)
    return _assignment(call, other) | {
        "resourceId": _exchange_id(call),
        "resourceDisplayName": "Office 365 Exchange Online",
    }


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


def _consented(call: Call) -> list[DelegatedGrant]:
    """Return the delegated permissions in effect, as the dials change them.

    What is missing is so for everybody; what is extra was granted tenant-wide.
    """
    dials, granted = call.world.dials, call.tenant.grants()
    if dials.granted_extra and all(item.principal_id for item in granted):
        granted.append(DelegatedGrant(guid(call.tenant.seed, -598), set(), None, 0.0))
    changed = []
    for item in granted:
        extra = () if item.principal_id else dials.granted_extra
        names = permissions.changed("Scope", item.scopes, dials.granted_missing, extra)
        changed.append(DelegatedGrant(item.id, set(names), item.principal_id, item.visible_at))
    return [item for item in changed if item.scopes]


def delegated_grants(call: Call) -> Answer:
    """Answer the delegated permissions of a service principal, or of all."""
    call.needs(READ_DIRECTORY, READ_DIRECTORY)
    ours = call.tenant.principal()
    wanted = _CLIENT_FILTER.fullmatch(call.query.get("$filter", ""))
    asked = str(_principal(call, call.named["principal"])["id"]) if call.named else ""
    asked = wanted[1] if wanted else asked
    shown = ours is not None and asked in {"", ours.id} and not call.world.dials.grant_revoked
    granted = _consented(call) if shown else []
    return collection(call, "oauth2PermissionGrants", [_grant(call, item) for item in granted])


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
)
