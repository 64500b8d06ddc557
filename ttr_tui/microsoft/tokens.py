"""Tokens: sign-ins begun and redeemed, refresh tokens used, app-only tokens held in memory.

Each explicit call asks Microsoft anew (nothing a refusal left behind answers it), one at a time per
tenant. Only refresh tokens and ids may be stored; access and ID tokens stay in memory.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ttr_tui.advice import advise
from ttr_tui.errors import (
    AnswerBroken,
    Evidence,
    IdentityWrong,
    MicrosoftError,
    ResponseIncomplete,
    SignInDenied,
    StateUnknown,
)
from ttr_tui.microsoft import endpoints, id_token
from ttr_tui.microsoft.courier import Courier
from ttr_tui.microsoft.discovery import Discovery, TenantFound
from ttr_tui.microsoft.msal_client import (
    TenantClient,
    TokenAnswer,
    allow_query_mode,
    token_answer,
)
from ttr_tui.microsoft.refusals import code_refusal, token_refusal
from ttr_tui.microsoft.wire import Wire
from ttr_tui.model import AuthorizationResponse, Person, Secret

if TYPE_CHECKING:
    from msal import ConfidentialClientApplication

    from ttr_tui.settings import Registration

_THREADS = 8


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """One authorization request: where the browser goes, and what redeeming its answer needs.

    `flow` holds the PKCE verifier and the nonce; it is used once and then forgotten.
    """

    url: str = field(repr=False)
    flow: Secret


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, proven, and what Microsoft issued: scopes by their short names."""

    person: Person
    refresh_token: Secret
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A refresh token's successor and an access token; the former one is to be forgotten."""

    refresh_token: Secret
    access_token: Secret


class Tokens:
    """The token endpoint of every tenant, through MSAL."""

    def __init__(
        self, registration: Registration, wire: Wire, discovery: Discovery, roots: tuple[str, str]
    ) -> None:
        """Take the authority host and the Graph root as `roots`."""
        self._registration = registration
        self._wire = wire
        self._discovery = discovery
        self._authority_host, self._graph_base_url = roots
        self._clients: dict[str, tuple[TenantFound, TenantClient]] = {}
        self._threads = ThreadPoolExecutor(_THREADS, "microsoft")

    def close(self) -> None:
        """Start no more threads and forget every token in memory."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._clients.clear()

    def use(self, registration: Registration) -> None:
        """Ask in the name of another registration from now on, and forget every token in memory."""
        self._registration = registration
        self._clients.clear()

    async def prove(self, tenant_id: str, registration: Registration) -> None:
        """Ask for one app-only token with a registration that is not used yet; nothing is kept.

        Raises what `for_app` raises.
        """
        scopes = [endpoints.scope(self._graph_base_url, ".default")]
        found = await self._discovery.of_tenant(tenant_id)
        answer: TokenAnswer = await self._client(registration, found).call(
            self._threads,
            lambda application: token_answer(application.acquire_token_for_client(scopes)),
        )
        if answer.refusal:
            raise token_refusal(self._host, answer.refusal)

    async def begin_sign_in(
        self, tenant_id: str, redirect_uri: str, state: str, login_hint: str = ""
    ) -> SignInRequest:
        """Make an authorization request: code, PKCE S256, nonce, answer in the query.

        Microsoft's account picker is asked for, except with `login_hint`, which must not stand
        beside it (facts section 2.1). Raises what discovery raises.
        """
        scopes = endpoints.sign_in_scopes(self._graph_base_url)

        def initiate(application: ConfidentialClientApplication) -> dict[str, Any]:
            allow_query_mode()
            flow: dict[str, Any] = application.initiate_auth_code_flow(
                scopes,
                redirect_uri=redirect_uri,
                state=state,
                prompt=None if login_hint else "select_account",
                login_hint=login_hint or None,
                response_mode="query",
            )
            return flow

        flow = await self._call(tenant_id, initiate)
        url = flow.pop("auth_uri")
        endpoints.require_root(url, self._authority_host)
        return SignInRequest(url, Secret(json.dumps(flow)))

    async def redeem(
        self, tenant_id: str, flow: Secret, response: AuthorizationResponse
    ) -> SignedIn:
        """Exchange the code of an authorization response and check who came.

        Raises SignInDenied, ResponseIncomplete, StateUnknown, IdentityWrong, WrongTenant,
        TokenRefused kinds, AnswerBroken, ForeignHost, Unreachable; nothing is kept then.
        """
        kept: dict[str, Any] = json.loads(flow.reveal())
        found = await self._discovery.of_tenant(tenant_id)
        _check_response(kept, response, found)
        came = {"state": response.state, "code": response.code}

        def exchange(application: ConfidentialClientApplication) -> TokenAnswer:
            try:
                return token_answer(application.acquire_token_by_auth_code_flow(dict(kept), came))
            except RuntimeError:
                # MSAL's word for a wrong nonce; its text holds both of them.
                raise _not_our_request() from None

        answer = await self._asked(tenant_id, exchange, refusal=code_refusal)
        if not answer.claims:
            raise self._lacking("ID token")
        person = self._check(answer, found)
        id_token.check_nonce(answer.claims, str(kept.get("nonce", "")))
        if not answer.refresh_token.reveal():
            raise self._lacking("refresh token")
        return SignedIn(person, answer.refresh_token, self._short(answer.scope))

    async def refresh(self, tenant_id: str, refresh_token: Secret, expected: Person) -> Refreshed:
        """Use a refresh token once; return its successor and an access token.

        An ID token, when one comes along, must name the same `sub`, `tid` and `oid` as `expected`.
        Where no new refresh token comes the old one goes on (RFC 6749 section 6). The answer is
        lost when the caller is cancelled; Microsoft lets the old token live (facts section 2.5).

        Raises SignInNeeded, ConsentNeeded, ClientRefused, IdentityWrong, AnswerBroken, Unreachable.
        """
        scopes = endpoints.sign_in_scopes(self._graph_base_url)
        found = await self._discovery.of_tenant(tenant_id)

        def renew(application: ConfidentialClientApplication) -> TokenAnswer:
            return token_answer(
                application.acquire_token_by_refresh_token(refresh_token.reveal(), scopes)
            )

        answer = await self._asked(tenant_id, renew)
        if answer.claims:
            id_token.check_unchanged(self._check(answer, found), expected)
        successor = answer.refresh_token if answer.refresh_token.reveal() else refresh_token
        return Refreshed(successor, answer.access_token)

    async def for_app(self, tenant_id: str, *, fresh: bool = False) -> Secret:
        """Return an app-only access token for Graph, from memory while it lasts.

        `fresh` drops the one in memory first. A token proves no permission: it is issued without
        any (facts section 3). Raises ConsentNeeded, ClientRefused, AnswerBroken, Unreachable.
        """
        scopes = [endpoints.scope(self._graph_base_url, ".default")]

        def acquire(application: ConfidentialClientApplication) -> TokenAnswer:
            if fresh:
                application.remove_tokens_for_client()
            return token_answer(application.acquire_token_for_client(scopes))

        return (await self._asked(tenant_id, acquire, keep=True)).access_token

    async def _asked(
        self,
        tenant_id: str,
        use: Callable[[ConfidentialClientApplication], TokenAnswer],
        *,
        keep: bool = False,
        refusal: Callable[[str, Mapping[str, Any]], MicrosoftError] = token_refusal,
    ) -> TokenAnswer:
        answer: TokenAnswer = await self._call(tenant_id, use, keep=keep)
        if answer.refusal:
            raise refusal(self._host, answer.refusal)
        return answer

    async def _call(
        self,
        tenant_id: str,
        use: Callable[[ConfidentialClientApplication], Any],
        *,
        keep: bool = False,
    ) -> Any:
        """Hand MSAL's object for this tenant to `use`; made anew when its endpoints moved."""
        found = await self._discovery.of_tenant(tenant_id)
        known, client = self._clients.get(tenant_id, (None, None))
        if client is None or known != found:
            client = self._client(self._registration, found)
            self._clients[tenant_id] = (found, client)
        return await client.call(self._threads, use, keep=keep)

    def _client(self, registration: Registration, found: TenantFound) -> TenantClient:
        courier = Courier(self._wire, self._authority_host, found)
        return TenantClient(registration, courier, f"{self._authority_host}/{found.tenant_id}")

    def _check(self, answer: TokenAnswer, found: TenantFound) -> Person:
        return id_token.check(
            answer.claims,
            issuer=found.issuer,
            tenant_id=found.tenant_id,
            client_id=self._registration.client_id,
        )

    def _short(self, scope: str) -> tuple[str, ...]:
        prefix = f"{self._graph_base_url}/"
        return tuple(sorted(name.removeprefix(prefix) for name in scope.split()))

    @property
    def _host(self) -> str:
        return urlsplit(self._authority_host).netloc

    def _lacking(self, what: str) -> AnswerBroken:
        return AnswerBroken(
            f"{self._host} let the sign-in through and sent no {what}.",
            means="Nothing was stored.",
            cure="Look whether the registration allows openid and offline_access, and try again.",
        )


def _check_response(
    flow: dict[str, Any], response: AuthorizationResponse, found: TenantFound
) -> None:
    """Check what a browser brought before anything is sent: state, issuer, error, code.

    Microsoft sends no `iss` with the response; where one comes it must be discovery's (RFC 9207).
    """
    if not hmac.compare_digest(str(flow.get("state", "")).encode(), response.state.encode()):
        raise StateUnknown("The answer does not belong to the request that was made here.")
    if response.parameters.get("iss", found.issuer) != found.issuer:
        raise _not_our_request()
    if response.error:
        advice = advise(response.error_description, response.error)
        raise SignInDenied(
            advice.what or f"Microsoft did not let the sign-in through ({response.error}).",
            means="Nothing was stored.",
            who=advice.who,
            cure=advice.do,
            evidence=Evidence.of(response.error_description),
        )
    if not response.code:
        raise ResponseIncomplete(
            "The answer carries neither a code nor an error.",
            means="Nothing was stored.",
            cure="Open the start link again and press its button.",
        )


def _not_our_request() -> IdentityWrong:
    return IdentityWrong(
        "The identity that came does not belong to the request that was made here.",
        means="Nothing was stored.",
        cure="Open the start link again and press its button.",
    )
