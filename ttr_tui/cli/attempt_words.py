"""Attempts by their names, and in words for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.errors import Gone, Refused
from ttr_tui.model import Purpose

if TYPE_CHECKING:
    from ttr_tui.model import Attempt
    from ttr_tui.runtime import Runtime

PURPOSES = {
    Purpose.ADMIN_CONSENT: "grant admin permission",
    Purpose.COMPANY_MASTER: "sign in the Company Master",
    Purpose.AGENT: "an agent signs in",
    Purpose.INVITATION: "an agent is invited",
    Purpose.REAUTHENTICATION: "sign in again",
}
"""What each is for."""


async def find_attempt(runtime: Runtime, named: str) -> Attempt:
    """Return the attempt of an id or of a start link, over or not. Raises Refused, LinkUnknown."""
    from ttr_tui import attempts  # noqa: PLC0415 - help needs no store

    before, slash, code = named.strip().rpartition("/")
    if slash:
        for purpose, redirect in runtime.access.redirects.items():
            if redirect == before:
                return await runtime.store.attempts.by_code(purpose, attempts.read_code(code))
    try:
        return await runtime.store.attempts.get(named.strip())
    except Gone:
        raise Refused(
            f"No attempt goes by {named.strip()}.",
            means="It takes the id of an attempt, or its start link.",
            cure="ttr-tui attempts list shows what is open.",
        ) from None


def for_whom(attempt: Attempt) -> str:
    """Return whose sign-in it is, as far as somebody is asked for."""
    if attempt.expected is not None and attempt.expected.called.strip():
        return attempt.expected.shown
    return "an administrator"


def stands_at(attempt: Attempt) -> str:
    """Return the station, or what it waits for."""
    if attempt.person is not None:
        return "waits for your word"
    if attempt.refusal is not None:
        return f"{attempt.station.value}, refused"
    return attempt.station.value
