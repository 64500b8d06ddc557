"""How much of anything a client gets: times, sizes, counts, and the two bounded memories."""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from ttr_tui.model import AuthorizationResponse


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds, sizes in bytes.

    A request line holds Microsoft's answer (codes of up to 4 KiB were seen), a header field the
    cookies of everything else on the same host: hence 16 KiB each.
    """

    body_bytes: int = 16 * 1024
    body_seconds: float = 10.0
    line_bytes: int = 16 * 1024
    field_bytes: int = 16 * 1024
    fields: int = 64
    parameters: int = 32
    keep_alive_seconds: float = 5.0
    request_seconds: float = 10.0
    lingering_seconds: float = 1.0
    connections: int = 128
    stop_seconds: float = 10.0
    wrong_codes: int = 20
    wrong_codes_seconds: float = 600.0
    clients: int = 1024
    parked: int = 256
    parked_seconds: float = 60.0


class WrongCodes:
    """Counts wrong codes by client, in bounded memory; a right code is never asked about here."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def too_many(self, client: str) -> bool:
        """Count one wrong code of `client`; true when there were too many within the window."""
        key = _neighbourhood(client)
        moment = self._clock()
        since, count = self._counts.pop(key, (moment, 0))
        if moment - since > self._limits.wrong_codes_seconds:
            since, count = moment, 0
        self._counts[key] = (since, count + 1)
        while len(self._counts) > self._limits.clients:
            self._counts.popitem(last=False)
        return count >= self._limits.wrong_codes


def _neighbourhood(client: str) -> str:
    # One customer line is a /64 in IPv6: counting single addresses there would count nothing.
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if address.version == 4:
        return client
    return str(ipaddress.ip_network((address, 64), strict=False))


class ParkedResponses:
    """Responses that came by POST, kept for the GET that brings the browser's cookie.

    A cross-site POST carries no SameSite=Lax cookie, the GET it is answered with does. A response
    is handed out once; afterwards its handle leads to the outcome, so that a reload shows it.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._waiting: OrderedDict[str, tuple[float, AuthorizationResponse]] = OrderedDict()
        self._outcomes: OrderedDict[str, str] = OrderedDict()

    def park(self, response: AuthorizationResponse) -> str:
        """Keep `response` for a minute and return its handle."""
        handle = secrets.token_urlsafe(24)
        self._waiting[handle] = (self._clock() + self._limits.parked_seconds, response)
        while len(self._waiting) > self._limits.parked:
            self._waiting.popitem(last=False)
        return handle

    def take(self, handle: str) -> AuthorizationResponse | None:
        """Return what is parked under `handle`, once, or nothing."""
        until, response = self._waiting.pop(handle, (0.0, None))
        return response if self._clock() < until else None

    def finished(self, handle: str, outcome_handle: str) -> None:
        """Remember under which handle the outcome of a taken response is shown."""
        self._outcomes[handle] = outcome_handle
        while len(self._outcomes) > self._limits.parked:
            self._outcomes.popitem(last=False)

    def outcome(self, handle: str) -> str:
        """Return the outcome's handle of a response taken before, or nothing."""
        return self._outcomes.get(handle, "")
