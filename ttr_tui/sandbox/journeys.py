"""What a journey over the sign-in pages consists of, whatever request began it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from ttr_tui.sandbox.issued import SignIn
from ttr_tui.sandbox.world import World


@dataclass(slots=True, frozen=True)
class Journey:
    """The parts that differ between authorize and admin consent; each may raise LoginRefused.

    `check` returns an answer when the request is refused by a redirect. `consent_lines` returns
    what the person must still agree to. `accept` and `cancel` send the browser back to the app.
    """

    check: Callable[[World, SignIn], web.Response | None]
    consent_lines: Callable[[World, SignIn], list[str]]
    accept: Callable[[World, SignIn], web.Response]
    cancel: Callable[[World, SignIn], web.Response]
