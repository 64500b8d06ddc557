"""Pages of the Entra admin center for this very app and its people. Pure: no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from ttr_tui.microsoft.endpoints import admin_center, admin_center_url


@dataclass(frozen=True, slots=True)
class AdminCenter:
    """The admin center as seen from one company: each page empty where it is none of Microsoft's.

    `home_tenant_id` is where the registration stands, `principal_id` our app in the company's
    tenant; both are empty while they are not known.
    """

    authority_host: str
    tenant_id: str
    client_id: str
    home_tenant_id: str
    principal_id: str = ""

    def overview(self) -> str:
        """Return the registration's first page."""
        return self._registration("Overview")

    def authentication(self) -> str:
        """Return where its redirect URLs and its two boxes stand."""
        return self._registration("Authentication")

    def api_permissions(self) -> str:
        """Return where the permissions it asks for stand."""
        return self._registration("CallAnAPI")

    def secrets(self) -> str:
        """Return where its client secrets and certificates stand."""
        return self._registration("Credentials")

    def consent(self) -> str:
        """Return where what the company's tenant granted is seen and ended."""
        return admin_center_url(
            self.authority_host, self.tenant_id, self.client_id, self.principal_id
        )

    def properties(self) -> str:
        """Return where the app is switched on and off in the company's tenant."""
        return self.consent().replace("/~/Permissions/", "/~/Properties/")

    def roles_of(self, object_id: str) -> str:
        """Return where the roles of somebody of the company's tenant are assigned."""
        center = admin_center(self.authority_host, self.tenant_id)
        page = "Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/AdministrativeRole/userId"
        return f"{center}/{page}/{quote(object_id, safe='')}" if center else ""

    def _registration(self, page: str) -> str:
        center = admin_center(self.authority_host, self.home_tenant_id)
        blade = "Microsoft_AAD_RegisteredApps/ApplicationMenuBlade"
        client_id = quote(self.client_id, safe="")
        return f"{center}/{blade}/~/{page}/appId/{client_id}" if center else ""
