"""The set-up guide says what the product needs, and nothing beyond it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ttr_tui.model import PERMISSIONS, Hosting
from ttr_tui.sandbox import REDIRECT_PATHS
from ttr_tui.sandbox.permissions import (
    APP_ROLES,
    GRAPH_APP_ID,
    REQUIRED_ROLES,
    REQUIRED_SCOPES,
    SCOPES,
)
from ttr_tui.settings.portal import listens_at, portal_faults, portal_redirects
from ttr_tui.setup_guide import Wanted, app_manifest, az_lines, powershell_lines, sections

URLS = portal_redirects("https://portal.contoso.com")
WANTED = Wanted(URLS, date(2027, 5, 1))
NEEDED = {(APP_ROLES[name], "Role") for name in REQUIRED_ROLES} | {
    (SCOPES[name], "Scope") for name in REQUIRED_SCOPES
}
"""The six permissions by id and type, as the tenant's side knows them."""


def test_the_manifest_asks_for_the_six_permissions_by_id_and_type() -> None:
    """Of Microsoft Graph alone; the boxes unticked unless asked for; the audience by hosting."""
    manifest = app_manifest(WANTED)
    (access,) = manifest["requiredResourceAccess"]
    assert access["resourceAppId"] == GRAPH_APP_ID
    asked = [(one["id"], one["type"]) for one in access["resourceAccess"]]
    assert len(asked) == 6
    assert set(asked) == NEEDED
    assert manifest["web"]["redirectUris"] == list(URLS.values())
    assert set(manifest["web"]["implicitGrantSettings"].values()) == {False}
    assert manifest["signInAudience"] == "AzureADMyOrg"
    other = app_manifest(Wanted(URLS, date(2027, 5, 1), Hosting.SAAS, ticked=True))
    assert set(other["web"]["implicitGrantSettings"].values()) == {True}
    assert other["signInAudience"] == "AzureADMultipleOrgs"


def test_the_redirects_are_those_of_the_guide() -> None:
    """The five names and paths that Microsoft is told, and the tenant in small expects."""
    for portal, origin in (
        ("https://portal.contoso.com", "https://portal.contoso.com"),
        ("https://Portal.contoso.com:8443/", "https://portal.contoso.com:8443"),
    ):
        expected = {name: f"{origin}{path}" for name, path in REDIRECT_PATHS.items()}
        assert portal_redirects(portal) == expected
    assert (listens_at("http://localhost:8410"), listens_at("http://localhost:8400")) == (
        "127.0.0.1:8410",
        "",
    )
    assert listens_at("https://portal.contoso.com") == ""


@pytest.mark.parametrize(
    ("portal", "problem"),
    [
        ("portal.contoso.com", "is not a URL"),
        ("http://portal.contoso.com", "is not https"),
        ("https://portal.contoso.com/ttr", "has a path"),
        ("https://anna@portal.contoso.com", "carries a user name"),
        ("https://portal.contoso.com?x", "carries a query or a fragment"),
        ("https://portal-url", 'still holds "portal-url"'),
        ("https://[::1]", "names [::1], which Microsoft refuses"),
        ("https://portal.contoso.com:0", "names no host or no usable port"),
        ("‘https://portal.contoso.com’", "stands in curly quotes, as documents print them"),
        ("", "is not a URL"),
    ],
)
def test_a_portal_url_is_held_to_what_redirects_are_held_to(portal: str, problem: str) -> None:
    """Scheme, host and port alone; what is wrong is said without repeating it."""
    faults = portal_faults(portal)
    assert problem in [found for found, _ in faults]


def test_the_commands_name_all_that_is_needed_and_keep_the_secret_unseen() -> None:
    """For the Azure CLI and for PowerShell; a cloud's own names; consent where it can be given."""
    az, shell = "\n".join(az_lines(WANTED)), "\n".join(powershell_lines(WANTED))
    for permission_id, kind in NEEDED:
        assert f"{permission_id}={kind}" in az
        assert f"Id = '{permission_id}'; Type = '{kind}'" in shell
    for url in URLS.values():
        assert az.count(f"'{url}'") == shell.count(f"'{url}'") == 1
    assert "--append" in az
    assert "umask 077" in az
    assert "--output tsv > client-secret)" in az
    assert "SecretText | Set-Clipboard" in shell
    assert "2027-05-01" in az
    assert "2027-05-01" in shell
    assert "admin-consent" in az
    assert "New-MgServicePrincipalAppRoleAssignment" in shell
    saas = Wanted(URLS, date(2027, 5, 1), Hosting.SAAS)
    assert "admin-consent" not in "\n".join(az_lines(saas))
    assert "AppRoleAssignment" not in "\n".join(powershell_lines(saas))
    clouds = {
        "usgov": ("az cloud set --name AzureUSGovernment", "-Environment USGov "),
        "china": ("az cloud set --name AzureChinaCloud", "-Environment China "),
        "dod": (None, "-Environment USGovDoD "),
    }
    for cloud, (set_cloud, environment) in clouds.items():
        wanted = Wanted(URLS, date(2027, 5, 1), cloud=cloud)
        assert next(iter(az_lines(wanted)), None) == set_cloud
        assert "admin-consent" not in "\n".join(az_lines(wanted))
        assert environment in powershell_lines(wanted)[0]


def test_the_seven_steps_come_in_order_and_say_what_is_not_allowed() -> None:
    """Each permission once with its id and what it excludes; the role, and that it can go."""
    guide = sections(WANTED, "/etc/ttr-tui/env", ["A=1"])
    assert [section.step for section in guide if section.step] == [1, 2, 3, 4, 5, 6, 7]
    said = " ".join(part.words for section in guide for part in section.parts)
    assert said.count("Does not allow: ") == 6
    assert "Privileged Role Administrator can give anybody any role" in said
    assert "remove it" in said
    assert "portal-url" not in said
    lines = [line for section in guide for part in section.parts for line in part.lines]
    for permission_id, kind in NEEDED:
        assert sum(line.endswith(permission_id) and f"({kind})" in line for line in lines) == 1
    for url in URLS.values():
        assert lines.count(url) == 1


def test_the_page_about_the_set_up_has_the_same_words() -> None:
    """docs/setup.md lists each permission with its id, what it is for and what it excludes."""
    page = (Path(__file__).parent.parent.parent / "docs" / "setup.md").read_text(encoding="utf-8")
    for one in PERMISSIONS:
        row = f"| `{one.name}` | {one.type.word}, `{one.id}` | {one.used_for} | {one.excludes} |"
        assert row in page
    assert all(path in page for path in REDIRECT_PATHS.values())
