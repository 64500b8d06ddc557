"""Waiting as told: `Retry-After`, else longer each time, never for ever, and never in secret."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import SystemRandom

from ttr_tui.errors import Unreachable
from ttr_tui.model import now

BUSY = frozenset({429, 503, 504, 509})
"""Statuses that ask for patience (facts section 7): throttled, unavailable, bandwidth."""

_LONGEST_PAUSE = 30.0
_FOREVER = 10.0**7


@dataclass(frozen=True, slots=True)
class Limits:
    """How long anything may take, in seconds, and how large an answer may be, in bytes.

    `connect` and `total` bound one request to Graph, `token` one to the authority. `tries` and
    `waiting` bound the patience with one request that is told to wait (`token_waiting` at the
    authority: somebody stands before a browser page); `first_wait` starts the pauses that double.
    """

    connect: float = 10.0
    total: float = 120.0
    token: float = 30.0
    tries: int = 8
    waiting: float = 300.0
    token_waiting: float = 30.0
    first_wait: float = 1.0
    body: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """One announced wait: for which host, until when, and why; it is no failure."""

    host: str
    until: datetime
    reason: str


Announce = Callable[[WaitingFor], None]

_listener: ContextVar[Announce | None] = ContextVar("waits_are_told_to", default=None)


@contextmanager
def waits_told_to(listener: Announce) -> Iterator[None]:
    """Tell `listener` of every wait of the requests made inside, and of no others."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


class Gate:
    """One gate for the requests of one piece of work: some pass at once, one pause holds all.

    Use it as `async with` around each try of a request.
    """

    def __init__(self, most_at_once: int) -> None:
        self._places = asyncio.Semaphore(most_at_once)
        self._open_at = 0.0

    def hold(self, seconds: float) -> None:
        """Let nobody pass for so long."""
        self._open_at = max(self._open_at, asyncio.get_running_loop().time() + seconds)

    async def __aenter__(self) -> None:
        await self._places.acquire()
        try:
            loop = asyncio.get_running_loop()
            while (left := self._open_at - loop.time()) > 0:  # noqa: ASYNC110 - a pause may grow
                await asyncio.sleep(left)
        except asyncio.CancelledError:
            self._places.release()
            raise

    async def __aexit__(self, *_exception: object) -> None:
        self._places.release()


_gate: ContextVar[Gate | None] = ContextVar("requests_share", default=None)


@contextmanager
def requests_share(gate: Gate) -> Iterator[None]:
    """Send the requests to Graph that are made inside through one gate."""
    token = _gate.set(gate)
    try:
        yield
    finally:
        _gate.reset(token)


def gate_of_this_work() -> Gate | None:
    """Return the gate that the requests of this piece of work share, if they share one."""
    return _gate.get()


class Patience:
    """What is left of the patience with one request."""

    def __init__(self, host: str, limits: Limits, on_wait: Announce | None, tries: int = 0) -> None:
        self._host = host
        self._first_wait = limits.first_wait
        self._most_tries = tries or limits.tries
        self._on_wait = on_wait
        self._tries = 1
        self._waited = 0.0

    async def wait(self, status: int, headers: Mapping[str, str], most: float) -> None:
        """Wait as the answer says before the next try, within `most` seconds in all.

        Raises Unreachable when that would be too long or too often.
        """
        told = retry_after(headers)
        seconds = self._pause() if told is None else told
        until = now() + timedelta(seconds=min(seconds, _FOREVER))
        if self._tries >= self._most_tries or self._waited + seconds > most:
            raise self._given_up(status, told, until)
        reason = "too many requests" if status == 429 else f"not available (status {status})"
        for listener in (self._on_wait, _listener.get()):
            if listener is not None:
                listener(WaitingFor(self._host, until, reason))
        if (gate := _gate.get()) is not None:
            gate.hold(seconds)
        await asyncio.sleep(seconds)
        self._tries += 1
        self._waited += seconds

    def _pause(self) -> float:
        doubled = self._first_wait * 2.0 ** (self._tries - 1)
        return min(doubled, _LONGEST_PAUSE) * SystemRandom().uniform(0.75, 1.25)

    def _given_up(self, status: int, told: float | None, until: datetime) -> Unreachable:
        asked = "" if told is None else f" and asks to wait until {until:%H:%M:%S} UTC"
        return Unreachable(
            f"{self._host} answers with status {status}{asked}.",
            means="It is busy or not available; this is no refusal.",
            cure="Try again later.",
        )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds `Retry-After` asks for (a number or an HTTP date, RFC 9110 10.2.3).

    A date is measured against the answer's own `Date`, so that a wrong clock here does not matter.
    None when the header is not there or is neither.
    """
    named = {name.lower(): value for name, value in headers.items()}
    text = named.get("retry-after", "").strip()
    try:
        seconds = float(text)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        at = _moment(text)
    if at is None:
        return None
    return max(0.0, (at - (_moment(named.get("date", "")) or now())).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
