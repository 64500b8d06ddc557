"""MSAL, kept on a short lead: off the event loop, over our own HTTP, its answers made values.

MSAL knows the protocol; everything around it is here (facts section 5). Its requests are carried by
`Wire` (`Courier`): discovery is answered from the document that was checked already, a POST goes to
the checked token endpoint and nowhere else, and a body MSAL would stumble over, or write into its
log, never reaches it. What it returns leaves this module as `TokenAnswer`, never whole.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import threading
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ttr_tui.errors import AnswerBroken, ForeignHost, Unreachable
from ttr_tui.microsoft import id_token
from ttr_tui.microsoft.discovery import TenantFound
from ttr_tui.microsoft.endpoints import discovery_url
from ttr_tui.microsoft.wire import Answer, Ask, Wire
from ttr_tui.model import Secret

if TYPE_CHECKING:
    from msal import ConfidentialClientApplication

    from ttr_tui.settings import Registration

_TOKENS = ("access_token", "refresh_token", "id_token")
_SECONDS = ("expires_in", "ext_expires_in")
_TEXTS = ("token_type", "scope")
_ERROR_TEXTS = ("error", "error_description", "correlation_id", "trace_id", "timestamp")
_GRACE = 30.0
_RESPONSE_MODE_WARNING = "response_mode='form_post' is recommended for better security"


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What the token endpoint gave: tokens and claims, or the body of its refusal."""

    access_token: Secret = field(default_factory=lambda: Secret(""))
    refresh_token: Secret = field(default_factory=lambda: Secret(""))
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    scope: str = ""
    refusal: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Delivered:
    """An answer in the shape MSAL reads (facts section 5.2 B).

    The headers stay here: a `Retry-After` among them would make MSAL repeat this answer later
    without asking anybody.
    """

    status_code: int
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    def raise_for_status(self) -> None:
        """Do nothing: what is no answer for MSAL was raised before it got here."""


class Errand:
    """One call's way out: whoever is cancelled takes its request along."""

    def __init__(self) -> None:
        self.abandoned = False
        self._under_way: Future[Answer] | None = None

    def carries(self, request: Future[Answer]) -> None:
        """Note the request under way, and end it at once when nobody waits for it any more."""
        self._under_way = request
        if self.abandoned:
            request.cancel()

    def abandon(self) -> None:
        """End the request under way and any that would follow."""
        self.abandoned = True
        if self._under_way is not None:
            self._under_way.cancel()


class Courier:
    """The `http_client` MSAL is given for one tenant; called in MSAL's thread."""

    def __init__(self, wire: Wire, root: str, found: TenantFound) -> None:
        self._wire = wire
        self._root = root
        self._found = found
        self._loop = asyncio.get_running_loop()
        self.errand = Errand()

    def get(self, url: str, **_options: object) -> _Delivered:
        """Answer MSAL's discovery from the document that was read and checked before."""
        found = self._found
        if url != discovery_url(self._root, found.tenant_id):
            raise _not_ours(url)
        document = {
            "issuer": found.issuer,
            "authorization_endpoint": found.authorization_endpoint,
            "token_endpoint": found.token_endpoint,
        }
        return _Delivered(200, json.dumps(document))

    def post(
        self,
        url: str,
        *,
        data: Mapping[str, object],
        headers: Mapping[str, str],
        **_options: object,
    ) -> _Delivered:
        """Carry a token request to the token endpoint; raises what `Wire` raises."""
        if url != self._found.token_endpoint:
            raise _not_ours(url)
        limits = self._wire.limits
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        ask = Ask("POST", url, self._root, {**headers, **form}, urlencode(data).encode())
        under_way: Future[Answer] = asyncio.run_coroutine_threadsafe(
            self._wire.patiently(ask, total=limits.token, most=limits.token_waiting), self._loop
        )
        self.errand.carries(under_way)
        try:
            # The loop may stop before it carries this out: a thread must not wait for ever.
            most = limits.tries * limits.token + limits.token_waiting + _GRACE
            answer = under_way.result(timeout=most)
        except TimeoutError:
            under_way.cancel()
            raise Unreachable(f"{ask.host} gave no answer in time.") from None
        return _Delivered(answer.status, json.dumps(_sound(answer)))

    def close(self) -> None:
        """Do nothing: the session belongs to `Wire`."""


class TenantClient:
    """MSAL's application object for one tenant: one caller at a time, in a thread of its own."""

    def __init__(self, registration: Registration, courier: Courier, authority: str) -> None:
        self._registration = registration
        self._courier = courier
        self._authority = authority
        self._remembered: dict[str, object] = {}
        self._application: ConfidentialClientApplication | None = None
        self._turn = asyncio.Lock()
        self._in_use = threading.Lock()

    async def call(
        self,
        threads: ThreadPoolExecutor,
        use: Callable[[ConfidentialClientApplication], Any],
        *,
        keep: bool = False,
    ) -> Any:
        """Return what `use` makes of MSAL's object, run in one of `threads`.

        Tokens MSAL got hold of stay in its memory only with `keep`, otherwise its cache is thrown
        away, also after an exception. Raises AnswerBroken for whatever MSAL could not read, what
        the Courier raises (no `requests` exception among it: MSAL's own session is not used), and
        what `use` raises.
        """
        async with self._turn:
            loop, context = asyncio.get_running_loop(), contextvars.copy_context()
            errand = Errand()
            try:
                return await loop.run_in_executor(
                    threads, context.run, self._use, use, keep, errand
                )
            except asyncio.CancelledError:
                errand.abandon()
                raise

    def _use(
        self, use: Callable[[ConfidentialClientApplication], Any], keep: bool, errand: Errand
    ) -> Any:
        # A cancelled caller gives up its turn before its thread has ended: hence a second lock.
        with self._in_use:
            self._courier.errand = errand
            import msal  # noqa: PLC0415 - costs 0.2 s and 30 MB

            _quieten()
            # A refusal MSAL remembers would answer a person's retry for a minute (facts 5.7).
            self._remembered.clear()
            try:
                application = self._application or self._build()
                self._application = application
                kept = application.token_cache
                if not keep:
                    application.token_cache = msal.TokenCache()
                try:
                    return use(application)
                finally:
                    application.token_cache = kept
            except (ValueError, KeyError, AssertionError) as problem:
                # Its text may hold the state or parts of an answer.
                raise _unreadable(type(problem).__name__) from None
            except msal.exceptions.MsalError as problem:
                raise _unreadable(type(problem).__name__) from None

    def _build(self) -> ConfidentialClientApplication:
        import msal  # noqa: PLC0415 - see _use

        return msal.ConfidentialClientApplication(
            self._registration.client_id,
            client_credential=self._registration.client_secret.reveal(),
            authority=self._authority,
            instance_discovery=False,
            azure_region=False,
            http_client=self._courier,
            http_cache=self._remembered,
        )


def token_answer(result: Mapping[str, Any]) -> TokenAnswer:
    """Return what is needed of MSAL's dictionary; raise AnswerBroken when it holds neither."""
    if "error" in result:
        named = (*_ERROR_TEXTS, "error_codes")
        return TokenAnswer(refusal={k: result[k] for k in named if k in result})
    if not result.get("access_token"):
        raise _unreadable("no access token")
    identity = result.get("id_token", "")
    return TokenAnswer(
        access_token=Secret(result["access_token"]),
        refresh_token=Secret(result.get("refresh_token", "")),
        claims=id_token.read(identity) if identity else {},
        scope=result.get("scope", ""),
    )


def _sound(answer: Answer) -> dict[str, Any]:
    """Return the fields MSAL may see, each of the type it takes for granted.

    `client_info` and `refresh_in` are not among them: the first is of no use without accounts, the
    second makes MSAL fail with a good token in its hands (facts section 5.5).
    """
    body = answer.record()
    named = _ERROR_TEXTS if "error" in body else (*_TOKENS, *_TEXTS)
    sound: dict[str, Any] = {k: body[k] for k in named if body.get(k) is not None}
    if not all(isinstance(value, str) for value in sound.values()):
        raise answer.broken("sent a token answer with fields of the wrong type")
    if "error" in body:
        codes = body.get("error_codes")
        sound["error_codes"] = [c for c in codes if isinstance(c, int)] if codes else []
        return sound
    if answer.status != 200 or not sound.get("access_token"):
        raise answer.broken("sent neither a token nor an error")
    try:
        for name in _SECONDS:
            if body.get(name) is not None:
                sound[name] = int(body[name])
        if "id_token" in sound:
            id_token.read(sound["id_token"])
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise answer.broken("sent a token answer that cannot be read") from None
    return sound


def allow_query_mode() -> None:
    """Silence MSAL's one warning about `response_mode`: paste-back needs the code in the URL."""
    warnings.filterwarnings("ignore", message=_RESPONSE_MODE_WARNING, category=UserWarning)


def _quieten() -> None:
    """Let nothing of MSAL be logged: at level ERROR it writes whole token answers."""
    logger = logging.getLogger("msal")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False


def _not_ours(url: str) -> ForeignHost:
    return ForeignHost(
        f"A request to {url.split('?', 1)[0]} was not made: it is none of the checked endpoints.",
        cure="Try again; if it stays so, look at who answers for the authority's address.",
    )


def _unreadable(how: str) -> AnswerBroken:
    return AnswerBroken(
        f"Microsoft's token answer cannot be used ({how}).",
        means="Nothing of it was kept.",
        cure="Try again; if it stays so, look for a proxy in between.",
    )
