"""MSAL, kept on a short lead: off the event loop, one caller at a time, its answers made values.

MSAL knows the protocol; what surrounds it is here (facts section 5) and in `courier`. What it
returns leaves this module as `TokenAnswer`, never whole.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ttr_tui.errors import AnswerBroken
from ttr_tui.microsoft import id_token
from ttr_tui.microsoft.courier import ERROR_TEXTS, Courier, Errand
from ttr_tui.model import Secret

if TYPE_CHECKING:
    from msal import ConfidentialClientApplication

    from ttr_tui.settings import Registration

_RESPONSE_MODE_WARNING = "response_mode='form_post' is recommended for better security"


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What the token endpoint gave: tokens and claims, or the body of its refusal."""

    access_token: Secret = field(default_factory=lambda: Secret(""))
    refresh_token: Secret = field(default_factory=lambda: Secret(""))
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    scope: str = ""
    refusal: Mapping[str, Any] = field(default_factory=dict)


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
        named = (*ERROR_TEXTS, "error_codes")
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


def allow_query_mode() -> None:
    """Silence MSAL's one warning about `response_mode`: paste-back needs the code in the URL."""
    warnings.filterwarnings("ignore", message=_RESPONSE_MODE_WARNING, category=UserWarning)


def _quieten() -> None:
    """Let nothing of MSAL be logged: at level ERROR it writes whole token answers."""
    logger = logging.getLogger("msal")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False


def _unreadable(how: str) -> AnswerBroken:
    return AnswerBroken(
        f"Microsoft's token answer cannot be used ({how}).",
        means="Nothing of it was kept.",
        cure="Try again; if it stays so, look for a proxy in between.",
    )
