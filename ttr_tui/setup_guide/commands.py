"""The same as commands: for the Azure CLI, and for Microsoft Graph PowerShell.

Names and parameters are those of `az ad app` (azure-cli, command module `role`) and of the modules
Microsoft.Graph.Applications and Microsoft.Graph.Identity.SignIns. No command shows the secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.model import PERMISSIONS, Hosting, PermissionType
from ttr_tui.model.permissions import GRAPH
from ttr_tui.setup_guide.wanted import GLOBAL

if TYPE_CHECKING:
    from ttr_tui.setup_guide.wanted import Wanted

NAME = "ttr-tui"
"""What the registration is called by these commands."""
SECRET_FILE = "client-secret"  # noqa: S105 - a file's name

_AZ_CLOUDS = {GLOBAL: "AzureCloud", "usgov": "AzureUSGovernment", "china": "AzureChinaCloud"}
_ENVIRONMENTS = {GLOBAL: "Global", "usgov": "USGov", "dod": "USGovDoD", "china": "China"}
_SCOPES = (
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
)
"""What the administrator's own PowerShell may do: register the app, and grant to it."""
_APPLICATION = [one for one in PERMISSIONS if one.type is PermissionType.APPLICATION]
_DELEGATED = [one for one in PERMISSIONS if one.type is PermissionType.DELEGATED]


def az_lines(wanted: Wanted) -> tuple[str, ...]:
    """Return the Azure CLI's commands; none for a cloud it does not know (DoD).

    The CLI grants admin permission in the global cloud alone, so it is left out elsewhere, and for
    a registration that others consent to.
    """
    cloud = _AZ_CLOUDS.get(wanted.cloud)
    if cloud is None:
        return ()
    boxes = str(wanted.ticked).lower()
    consents = wanted.cloud == GLOBAL and wanted.hosting is Hosting.SELF
    return (
        f"az cloud set --name {cloud}",
        "az login --allow-no-subscriptions",
        f"APP_ID=$(az ad app create --display-name {NAME} --sign-in-audience {wanted.audience} \\",
        f"  --enable-access-token-issuance {boxes} --enable-id-token-issuance {boxes} \\",
        "  --web-redirect-uris \\",
        *(f"  '{url}' \\" for url in wanted.redirects.values()),
        "  --query appId --output tsv)",
        'az ad app permission add --id "$APP_ID" \\',
        f"  --api {GRAPH} --api-permissions \\",
        *(f"  {one.id}={one.type.value} \\" for one in PERMISSIONS[:-1]),
        f"  {PERMISSIONS[-1].id}={PERMISSIONS[-1].type.value}",
        'az ad sp create --id "$APP_ID"',
        '(umask 077; az ad app credential reset --id "$APP_ID" --append \\',
        f"  --display-name {NAME} --end-date {wanted.secret_ends} \\",
        f"  --query password --output tsv > {SECRET_FILE})",
        *(('az ad app permission admin-consent --id "$APP_ID"',) if consents else ()),
        'echo "$APP_ID"',
    )


def powershell_lines(wanted: Wanted) -> tuple[str, ...]:
    """Return Microsoft Graph PowerShell's commands; the secret goes to the clipboard alone."""
    urls = "".join(f"\n    '{url}'" for url in wanted.redirects.values())
    boxes = f"${str(wanted.ticked).lower()}"
    granting = wanted.hosting is Hosting.SELF
    scopes = [f"\n    '{name}'" for name in _SCOPES[: None if granting else 1]]
    written = f"""\
Connect-MgGraph -Environment {_ENVIRONMENTS[wanted.cloud]} -Scopes @({"".join(scopes)})
$web = @{{
  RedirectUris = @({urls})
  ImplicitGrantSettings = @{{
    EnableAccessTokenIssuance = {boxes}; EnableIdTokenIssuance = {boxes}
  }}
}}
$access = @{{
  ResourceAppId = '{GRAPH}'
  ResourceAccess = @({"".join(_as_table(one.id, one.type) for one in PERMISSIONS)})
}}
$app = New-MgApplication -DisplayName {NAME} -SignInAudience {wanted.audience} `
  -Web $web -RequiredResourceAccess @($access)
$made = Add-MgApplicationPassword -ApplicationId $app.Id -PasswordCredential @{{
  DisplayName = '{NAME}'; EndDateTime = '{wanted.secret_ends}T00:00:00Z'
}}
$made.SecretText | Set-Clipboard
$app.AppId"""
    return (*written.splitlines(), *(_granting() if granting else ()))


def _as_table(permission_id: str, kind: PermissionType) -> str:
    return f"\n    @{{ Id = '{permission_id}'; Type = '{kind.value}' }}"


def _granting() -> list[str]:
    """Return how PowerShell grants admin permission: each application permission, then the rest."""
    ids = "".join(f"\n    '{one.id}'" for one in _APPLICATION)
    names = " ".join(one.name for one in _DELEGATED)
    return f"""\
$ours = New-MgServicePrincipal -AppId $app.AppId
$graph = Get-MgServicePrincipal `
  -Filter "appId eq '{GRAPH}'"
foreach ($id in @({ids})) {{
  New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $ours.Id `
    -PrincipalId $ours.Id -ResourceId $graph.Id -AppRoleId $id
}}
New-MgOauth2PermissionGrant -ClientId $ours.Id -ConsentType AllPrincipals `
  -ResourceId $graph.Id -Scope '{names}'""".splitlines()
