"""How MSAL's requests travel: over our own HTTP, to the checked endpoints and nowhere else.

Discovery is answered from the document that was checked already, a POST goes to the checked token
endpoint, and a body MSAL would stumble over, or write into its log, never reaches it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from ttr_tui.errors import ForeignHost, Unreachable
from ttr_tui.microsoft import id_token
from ttr_tui.microsoft.discovery import TenantFound
from ttr_tui.microsoft.endpoints import discovery_url
from ttr_tui.microsoft.wire import Answer, Ask, Wire

_TOKENS = ("access_token", "refresh_token", "id_token")
_SECONDS = ("expires_in", "ext_expires_in")
_TEXTS = ("token_type", "scope")
ERROR_TEXTS = ("error", "error_description", "correlation_id", "trace_id", "timestamp")
"""The texts of a refusal that are used (facts section 4.1)."""

_GRACE = 30.0


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
        # MSAL renews with every scope it asked for, as Microsoft wants it. A provider that granted
        # fewer may refuse that; without any scope a refresh is for what was granted (RFC 6749
        # section 6), which such a provider is asked for from then on.
        self._scope_refused = False

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
        encoded = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        form = dict(data)
        renewal = form.get("grant_type") == "refresh_token"
        if renewal and self._scope_refused:
            del form["scope"]
        answer = self._carry(Ask("POST", url, self._root, encoded, urlencode(form).encode()))
        sound = _sound(answer)
        if renewal and "scope" in form and sound.get("error") == "invalid_scope":
            self._scope_refused = True
            return self.post(url, data=data, headers=headers)
        return _Delivered(answer.status, json.dumps(sound))

    def _carry(self, ask: Ask) -> Answer:
        limits = self._wire.limits
        under_way: Future[Answer] = asyncio.run_coroutine_threadsafe(
            self._wire.patiently(ask, total=limits.token, most=limits.token_waiting), self._loop
        )
        self.errand.carries(under_way)
        try:
            # The loop may stop before it carries this out: a thread must not wait for ever.
            most = limits.tries * limits.token + limits.token_waiting + _GRACE
            return under_way.result(timeout=most)
        except TimeoutError:
            under_way.cancel()
            raise Unreachable(f"{ask.host} gave no answer in time.") from None

    def close(self) -> None:
        """Do nothing: the session belongs to `Wire`."""


def _sound(answer: Answer) -> dict[str, Any]:
    """Return the fields MSAL may see, each of the type it takes for granted.

    `client_info` and `refresh_in` are not among them: the first is of no use without accounts, the
    second makes MSAL fail with a good token in its hands (facts section 5.5).
    """
    body = answer.record()
    named = ERROR_TEXTS if "error" in body else (*_TOKENS, *_TEXTS)
    sound: dict[str, Any] = {k: body[k] for k in named if body.get(k) is not None}
    if not all(isinstance(value, str) for value in sound.values()):
        raise answer.broken("sent a token answer with fields of the wrong type")
    if "error" in body:
        codes = body.get("error_codes")
        listed = codes if isinstance(codes, list) else []
        sound["error_codes"] = [code for code in listed if isinstance(code, int)]
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


def _not_ours(url: str) -> ForeignHost:
    return ForeignHost(
        f"A request to {url.split('?', 1)[0]} was not made: it is none of the checked endpoints.",
        cure="Try again; if it stays so, look at who answers for the authority's address.",
    )
