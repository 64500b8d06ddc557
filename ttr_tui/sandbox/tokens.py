"""The token endpoint: code with PKCE, refresh, client credentials (checklist L6 to L8)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from urllib.parse import unquote_plus

from aiohttp import web

from ttr_tui.sandbox import token_bodies
from ttr_tui.sandbox.answers import json_answer, refuse
from ttr_tui.sandbox.issued import CODE_SECONDS, REFRESH_SECONDS, SPA_SECONDS, Code, RefreshToken
from ttr_tui.sandbox.people import Person
from ttr_tui.sandbox.refusals import LoginRefused
from ttr_tui.sandbox.registration import among
from ttr_tui.sandbox.scopes import DEFAULT, needed, read_scopes
from ttr_tui.sandbox.tenants import Tenant
from ttr_tui.sandbox.world import SHARED_SEGMENTS, World

Form = dict[str, str]


class TokenEndpoint:
    """`POST /{tenant}/oauth2/v2.0/token`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._grants = {
            "authorization_code": self._code,
            "refresh_token": self._refresh,
            "client_credentials": self._client_credentials,
        }

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the login host this part serves."""
        return [web.post("/{tenant}/oauth2/v2.0/token", self.answer)]

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a token request in JSON, good or bad."""
        world = self._world
        segment = request.match_info["tenant"]
        if world.dials.redirect_token:
            location = f"{world.stranger}/{segment}/oauth2/v2.0/token"
            return web.Response(status=307, headers={"Location": location})
        try:
            form = {name: str(value) for name, value in (await request.post()).items()}
            return json_answer(self._granted(request, form, segment))
        except LoginRefused as refused:
            return refuse(request, world, refused)

    def _granted(self, request: web.Request, form: Form, segment: str) -> dict[str, object]:
        grant = self._grants.get(self._field(form, "grant_type"))
        if grant is None:
            raise LoginRefused(70003)
        self._authenticate(request, form, segment)
        dials = self._world.dials
        if dials.token_refused and dials.token_refused_grant in {"", form["grant_type"]}:
            raise LoginRefused(dials.token_refused)
        return grant(form, segment)

    def _field(self, form: Form, name: str) -> str:
        value = form.get(name, "")
        if not value:
            raise LoginRefused(900144, field=name)
        return value

    def _authenticate(self, request: web.Request, form: Form, segment: str) -> None:
        """Check client id and secret, in the body or as HTTP Basic (RFC 6749 section 2.3.1)."""
        _basic_into(request.headers.get("Authorization", ""), form)
        registration = self._world.registration
        client_id = self._field(form, "client_id")
        tenant = self._world.tenant(segment)
        if tenant is None and segment not in SHARED_SEGMENTS:
            raise LoginRefused(90002, error="invalid_request", tenant=segment)
        barred = tenant is not None and not self._world.may_use(tenant)
        unknown = client_id != registration.client_id or self._world.dials.app_unknown
        if unknown or barred:
            raise LoginRefused(700016, field=client_id, tenant=tenant.name if tenant else segment)
        if not form.get("client_secret"):
            raise LoginRefused(7000218)
        self._check_secret(form["client_secret"])

    def _check_secret(self, value: str) -> None:
        """Check a client secret against all that count, by the home tenant's clock."""
        registration, dials = self._world.registration, self._world.dials
        secret = registration.secret(value)
        if secret is None:
            raise LoginRefused(7000215)
        if dials.secret_expired or secret.ends(dials) < self._world.home_time():
            raise LoginRefused(7000222, field=registration.client_id)

    def _check_enabled(self, tenant: Tenant) -> None:
        if self._world.disabled(tenant):
            raise LoginRefused(7000112)

    def _code(self, form: Form, segment: str) -> dict[str, object]:
        code = self._redeemed(form, segment)
        self._check_enabled(code.tenant)
        registered_as_spa = self._platform(code.redirect_uri)
        names = read_scopes(code.scope, self._world.graph)
        if form.get("scope"):
            asked = read_scopes(form["scope"], self._world.graph)
            if needed(asked) - needed(names):
                raise LoginRefused(65001)
        entitled = token_bodies.Entitled(
            code.tenant, code.person, code.issued_at, registered_as_spa, code.nonce
        )
        body = token_bodies.for_person(self._world, entitled, code.scope)
        return body | self._extra(form, code.tenant, code.person)

    def _platform(self, redirect_uri: str) -> bool:
        """Say whether a redirect URI is a single-page app's (facts section 12).

        Raises LoginRefused 700025 for one of a public client, which presents no secret.
        """
        dials = self._world.dials
        if among(redirect_uri, dials.redirects_public):
            raise LoginRefused(700025)
        return among(redirect_uri, dials.redirects_spa)

    def _redeemed(self, form: Form, segment: str) -> Code:
        """Return the code after every check, used up."""
        code = self._world.codes.find(self._field(form, "code"))
        redirect_uri = self._field(form, "redirect_uri")
        if code is None:
            raise LoginRefused(70000)
        if code.used:
            raise LoginRefused(54005)
        if segment != code.segment and self._world.tenant(segment) is not code.tenant:
            raise LoginRefused(700005)
        if code.tenant.now() - code.issued_at > CODE_SECONDS:
            raise LoginRefused(70008)
        if redirect_uri != code.redirect_uri:
            raise LoginRefused(500112)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not secrets.compare_digest(challenge, code.challenge):
            raise LoginRefused(501481)
        code.used = True
        if not code.person.account_enabled:
            raise LoginRefused(50057)
        return code

    def _refresh(self, form: Form, segment: str) -> dict[str, object]:
        token = self._world.refresh_tokens.find(self._field(form, "refresh_token"))
        scope = self._field(form, "scope")
        if token is None:
            raise LoginRefused(70000)
        tenant = self._world.tenant(segment)
        if tenant is not None and tenant is not token.tenant:
            raise LoginRefused(50020, error="invalid_grant", tenant=tenant.name)
        self._check_enabled(token.tenant)
        self._still_good(token)
        names = needed(read_scopes(scope, self._world.graph)) - {"offline_access"}
        have = token.tenant.allowed_scopes(token.person)
        if names - have or self._world.dials.grant_revoked:
            raise LoginRefused(65001)
        entitled = token_bodies.Entitled(token.tenant, token.person, token.signed_in_at, token.spa)
        body = token_bodies.for_person(self._world, entitled, scope)
        return body | self._extra(form, token.tenant, token.person)

    def _still_good(self, token: RefreshToken) -> None:
        """Check age, revocation and the person (facts section 2.5)."""
        tenant, person = token.tenant, token.person
        if person.id in tenant.directory.removed:
            raise LoginRefused(50034)
        if not person.account_enabled:
            raise LoginRefused(50057)
        revoked_at = tenant.sessions_revoked.get(person.id, -1.0)
        if self._world.dials.refresh_revoked or token.issued_at <= revoked_at:
            raise LoginRefused(50173)
        if tenant.now() - token.issued_at > REFRESH_SECONDS:
            raise LoginRefused(700082)
        age, frequency = tenant.now() - token.signed_in_at, self._world.dials.sign_in_frequency
        if token.spa and age > SPA_SECONDS:
            raise LoginRefused(700084)
        if frequency and age > frequency:
            raise LoginRefused(70043)

    def _client_credentials(self, form: Form, segment: str) -> dict[str, object]:
        tenant = self._world.tenant(segment)
        if tenant is None:
            raise LoginRefused(9001023)
        scope = self._field(form, "scope")
        if scope.split() != [f"{self._world.graph}/{DEFAULT}"]:
            raise LoginRefused(70011)
        principal = tenant.principal()
        if principal is None:
            raise LoginRefused(7000229, tenant=tenant.id)
        self._check_enabled(tenant)
        return token_bodies.for_app(self._world, tenant, principal.id)

    def _extra(self, form: Form, tenant: Tenant, person: Person) -> dict[str, object]:
        if form.get("client_info") != "1":
            return {}
        return {"client_info": token_bodies.client_info(person.id, tenant.id)}


def _basic_into(header: str, form: Form) -> None:
    """Put HTTP Basic credentials where the body's would be."""
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return
    try:
        name, colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as broken:
        raise LoginRefused(7000218) from broken
    if colon:
        form.setdefault("client_id", unquote_plus(name))
        form.setdefault("client_secret", unquote_plus(secret))
