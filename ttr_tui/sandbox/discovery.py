"""What the login host publishes about a tenant (facts section 14; checklist L1 to L3)."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from ttr_tui.sandbox.answers import json_answer, refuse
from ttr_tui.sandbox.refusals import LoginRefused
from ttr_tui.sandbox.world import SHARED_SEGMENTS, World


class Discovery:
    """The unauthenticated endpoints: metadata and keys."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the login host this part serves."""
        return [
            web.get("/{tenant}/v2.0/.well-known/openid-configuration", self.metadata),
            web.get("/{tenant}/.well-known/openid-configuration", self.metadata),
            web.get("/{tenant}/discovery/v2.0/keys", self.keys),
            web.get("/common/discovery/instance", self.instance),
        ]

    def _named(self, segment: str) -> tuple[str, str]:
        """Return (path segment, issuer) for a tenant's metadata."""
        world = self._world
        if segment in SHARED_SEGMENTS:
            return segment, f"{world.login}/{{tenantid}}/v2.0"
        tenant = world.tenant(segment)
        if tenant is None:
            raise LoginRefused(90002, tenant=segment)
        return tenant.id, world.issuer(tenant)

    async def metadata(self, request: web.Request) -> web.Response:
        """Answer OpenID Connect discovery."""
        try:
            segment, issuer = self._named(request.match_info["tenant"])
        except LoginRefused as refused:
            return refuse(request, self._world, refused)
        graph = urlsplit(self._world.graph).netloc
        return json_answer(
            {
                **self._endpoints(segment),
                "issuer": issuer,
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "private_key_jwt",
                    "client_secret_basic",
                ],
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "request_uri_parameter_supported": False,
                "http_logout_supported": True,
                "frontchannel_logout_supported": True,
                "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "name", "tid"],
                "tenant_region_scope": "EU",
                "cloud_instance_name": urlsplit(self._world.login).netloc,
                "cloud_graph_host_name": graph,
                "msgraph_host": graph,
            }
        )

    def _endpoints(self, segment: str) -> dict[str, str]:
        paths = {
            "token_endpoint": "oauth2/v2.0/token",
            "authorization_endpoint": "oauth2/v2.0/authorize",
            "end_session_endpoint": "oauth2/v2.0/logout",
            "device_authorization_endpoint": "oauth2/v2.0/devicecode",
            "jwks_uri": "discovery/v2.0/keys",
        }
        return {
            name: f"{self._world.host_for(name)}/{segment}/{path}" for name, path in paths.items()
        } | {"userinfo_endpoint": f"{self._world.graph}/oidc/userinfo"}

    async def keys(self, request: web.Request) -> web.Response:
        """Answer the keys that sign the tokens."""
        try:
            _, issuer = self._named(request.match_info["tenant"])
        except LoginRefused as refused:
            return refuse(request, self._world, refused)
        return json_answer({"keys": [self._world.key.published(issuer)]})

    async def instance(self, request: web.Request) -> web.Response:
        """Answer instance discovery (checklist L2)."""
        host = urlsplit(self._world.login).netloc
        asked = urlsplit(request.query.get("authorization_endpoint", ""))
        if asked.netloc != host:
            return json_answer({"error": "invalid_instance"}, 400)
        segment = asked.path.strip("/").partition("/")[0]
        entry = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
        well_known = f"{self._world.login}/{segment}/v2.0/.well-known/openid-configuration"
        return json_answer(
            {
                "tenant_discovery_endpoint": well_known,
                "api-version": "1.1",
                "metadata": [entry],
            }
        )
