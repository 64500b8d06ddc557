"""Addresses at Microsoft and the check that an address stays there. Pure: no I/O."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, urlencode, urlsplit

from ttr_tui.errors import AnswerBroken, ForeignHost

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
"""Microsoft Graph's own application id, the same in every tenant (facts section 10)."""

APP_ROLES = {
    "693c5e45-0940-467d-9b8a-1022fb9d42ef": "Mail.ReadBasic.All",
    "df021288-bdef-4463-88db-98f22de89214": "User.Read.All",
    "7ab1d382-f21e-4acd-a863-ba3e13f7da61": "Directory.Read.All",
    "6be147d2-ea4f-4b5a-a3fa-3eab6f3c140a": "Mail.ReadBasic",
    "97235f07-e226-4f63-ace3-39588e11d3a1": "User.ReadBasic.All",
}
"""Graph's application permissions by id (facts section 10); a name may belong to several ids."""

SIGN_IN_SCOPES = ("Mail.ReadBasic", "User.Read")
"""Delegated permissions named in a sign-in; MSAL adds offline_access, openid and profile itself."""

_ADMIN_CENTERS = {
    "https://login.microsoftonline.us": "https://entra.microsoft.us",
    "https://login.partner.microsoftonline.cn": "https://entra.microsoftonline.cn",
}
_WORLDWIDE_ADMIN_CENTER = "https://entra.microsoft.com"
_DEFAULT_PORTS = {"https": 443, "http": 80}


def scope(graph_base_url: str, permission: str) -> str:
    """Name a permission of this Graph root, as authorization and token requests do."""
    return f"{graph_base_url}/{permission}"


def sign_in_scopes(graph_base_url: str) -> list[str]:
    """Return the one fixed list of scopes every sign-in and refresh asks for."""
    return [scope(graph_base_url, permission) for permission in SIGN_IN_SCOPES]


def discovery_url(authority_host: str, tenant: str) -> str:
    """Return where a tenant (GUID or verified domain) publishes its OpenID configuration."""
    return f"{authority_host}/{quote(tenant, safe='')}/v2.0/.well-known/openid-configuration"


def admin_consent_url(
    *,
    authority_host: str,
    tenant_id: str,
    client_id: str,
    redirect_uri: str,
    state: str,
    graph_base_url: str,
) -> str:
    """Return the v2 admin-consent request for everything the registration lists.

    Application permissions can only be granted through `.default` (facts section 1.1).
    """
    query = urlencode(
        {
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scope": scope(graph_base_url, ".default"),
            "state": state,
        }
    )
    return f"{authority_host}/{quote(tenant_id, safe='')}/v2.0/adminconsent?{query}"


def admin_center(authority_host: str, tenant_id: str) -> str:
    """Return what every page of the Entra admin center begins with for a tenant.

    Without a tenant it is that of whoever opens it. Empty when the authority is not one of
    Microsoft's clouds: nothing there could be linked to.
    """
    host = urlsplit(authority_host).hostname or ""
    known = authority_host in _ADMIN_CENTERS or host == "login.microsoftonline.com"
    if not known:
        return ""
    center = _ADMIN_CENTERS.get(authority_host, _WORLDWIDE_ADMIN_CENTER)
    return f"{center}/{quote(tenant_id, safe='')}/#view" if tenant_id else f"{center}/#view"


def admin_center_url(
    authority_host: str, tenant_id: str, client_id: str, service_principal_id: str = ""
) -> str:
    """Return the Entra admin center's page where this app's permissions are seen and ended.

    With the service principal's id it is the app's own page, else the list of enterprise apps.
    Empty when the authority is not one of Microsoft's clouds: nothing there could be linked to.
    """
    center = admin_center(authority_host, tenant_id)
    if not center:
        return ""
    blades = f"{center}/Microsoft_AAD_IAM"
    if not service_principal_id:
        return f"{blades}/StartboardApplicationsMenuBlade/~/AppAppsPreview"
    app = f"objectId/{quote(service_principal_id, safe='')}/appId/{quote(client_id, safe='')}"
    return f"{blades}/ManagedAppMenuBlade/~/Permissions/{app}"


def graph_url(graph_base_url: str, path_or_url: str) -> str:
    """Return the address of a Graph path (`/users?…`), or check a full one that Graph handed out.

    A link out of an answer gets our bearer token attached, so it must name exactly the configured
    Graph root and lie below `/v1.0/` (facts section 13). Raises ForeignHost, AnswerBroken.
    """
    if path_or_url.startswith("/"):
        return f"{graph_base_url}/v1.0{path_or_url}"
    require_root(path_or_url, graph_base_url)
    path = urlsplit(path_or_url).path
    dotted = any(part in {".", ".."} for part in path.lower().replace("%2e", ".").split("/"))
    if not path.startswith("/v1.0/") or dotted:
        raise AnswerBroken(
            f"Microsoft Graph's answer leads to {_shown(path_or_url)}, which is not below /v1.0/.",
            means="The link was not followed.",
            cure="Try again; if it stays so, something between here and Microsoft changes answers.",
        )
    return path_or_url


def require_root(url: str, root: str) -> None:
    """Raise ForeignHost unless `url` has exactly the scheme, host and port of `root`.

    Nothing that two parsers could read differently passes: no user part, no backslash, no space, no
    control character, nothing beyond ASCII.
    """
    if _origin(url) != _origin(root):
        raise ForeignHost(
            f"An answer leads to {_shown(url)}, not to {root}.",
            means="It was not followed; no token and no secret went there.",
            cure="Look at who answers for that address: a proxy, DNS, or the settings' hosts.",
        )


def _origin(url: str) -> tuple[str, str, int] | None:
    printable = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    try:
        parts = urlsplit(url) if printable else SplitResult("", "", "", "", "")
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if "@" in parts.netloc or not parts.hostname or not port:
        return None
    return parts.scheme, parts.hostname, port


def _shown(url: str) -> str:
    """Return as much of a foreign address as is fit to show: no query, which may carry secrets."""
    return url.split("?", 1)[0].split("#", 1)[0][:120]
