"""What the callback server asks of the rest of the product, and what it is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from ttr_tui.model import AuthorizationResponse, Purpose

CLOSE_THIS = "You can close this page and go back to the terminal."

NEVER_ALLOWED = (
    "Reading the text of messages, their previews or attachments.",
    "Sending, changing or deleting anything.",
    "Seeing your password: you sign in on Microsoft's own page.",
)
"""What no permission of the product allows (Graph permissions reference, Mail.ReadBasic)."""


@dataclass(frozen=True, slots=True)
class StartPage:
    """What the page behind a start link says.

    `asks` are lines, each a permission's name, a colon and what it allows; `for_whom` follows the
    word "For"; `until` is when the link ends (UTC); `why` is what timetoreply does with it;
    `never` is what it does not allow.
    """

    company_name: str
    domain: str
    title: str
    asks: tuple[str, ...]
    for_whom: str
    until: datetime
    why: str = ""
    never: tuple[str, ...] = NEVER_ALLOWED


@dataclass(frozen=True, slots=True)
class FinishPage:
    """What became of an attempt. `pending`: not decided yet, the page asks again by its handle.

    `closing` is the last sentence once it is decided well: mailboxes' owners have no terminal.
    """

    title: str
    sentences: tuple[str, ...]
    good: bool
    pending: bool = False
    outcome_handle: str = ""
    closing: str = CLOSE_THIS


LookUp = Callable[[Purpose, str, str], Awaitable[StartPage]]
Press = Callable[[Purpose, str, str, str], Awaitable[str]]
Finish = Callable[[Purpose, AuthorizationResponse, str, str], Awaitable[FinishPage]]
AskOutcome = Callable[[str, str], Awaitable[FinishPage]]
Prove = Callable[[bytes], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Answers:
    """The callables behind the pages. Each raises a `TtrError` where it refuses.

    `browser` is the opaque value of the browser's cookie, empty where it has none; `client` is
    the address it came from.

    look_up(purpose, code, client): the start page; may note that the link was opened.
    press(purpose, code, browser, client): one authorization request; its URL at Microsoft.
    finish(purpose, response, browser, client): spends the request, stores, says what became of it.
    outcome(handle, browser): the same again, later.
    prove(message): the keyed answer (32 bytes) by which another process recognises this server.
    """

    look_up: LookUp
    press: Press
    finish: Finish
    outcome: AskOutcome
    prove: Prove
