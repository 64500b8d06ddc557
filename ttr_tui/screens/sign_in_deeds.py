"""A mailbox's owner, or an administrator again, signs in: the link is made or found, and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttr_tui import attempts, pinning
from ttr_tui.errors import TtrError
from ttr_tui.flows import invitations
from ttr_tui.model import Agent, Authentication

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.model import Attempt, Company, DirectoryUser
    from ttr_tui.screens.frame import FrameScreen

__all__ = ["invite", "show_attempt", "sign_in", "sign_in_new"]


async def sign_in(screen: FrameScreen[Any], company: Company, who: Authentication | Agent) -> None:
    """Show the open attempt of a row of the tree, or make one; awaited in a worker of `screen`."""
    try:
        attempt = await _attempt_for(screen, company, who)
    except TtrError as problem:
        screen.report(problem)
        return
    show_attempt(screen, company, attempt)


async def sign_in_new(
    screen: FrameScreen[Any], company: Company, who: DirectoryUser | str, *, instead: bool = False
) -> None:
    """Let the owner of one mailbox sign in now: make the link and show it."""
    try:
        attempt = await screen.runtime.begin_agent(company, who)
    except TtrError as problem:
        screen.report(problem)
        return
    show_attempt(screen, company, attempt, instead=instead)


async def invite(
    screen: FrameScreen[Any],
    company: Company,
    users: Sequence[DirectoryUser],
    *,
    instead: bool = False,
) -> bool:
    """Invite the owners and show the invitations; tell whether that was done."""
    from ttr_tui.screens.invitations import InvitationsScreen  # noqa: PLC0415 - seldom needed

    try:
        invited = await invitations.invite(screen.runtime.access, company, users)
    except TtrError as problem:
        screen.report(problem)
        return False
    _show(screen, InvitationsScreen(company, invited), instead=instead)
    return True


def show_attempt(
    screen: FrameScreen[Any], company: Company, attempt: Attempt, *, instead: bool = False
) -> None:
    """Show one attempt above `screen`, or in its place."""
    from ttr_tui.screens.attempt import AttemptScreen  # noqa: PLC0415 - seldom needed

    _show(screen, AttemptScreen(company, attempt), instead=instead)


async def _attempt_for(
    screen: FrameScreen[Any], company: Company, who: Authentication | Agent
) -> Attempt:
    runtime = screen.runtime
    if isinstance(who, Agent):
        attempt = await attempts.ongoing_of(runtime.store, who.id)
        if attempt is not None:
            return attempt
        user = await pinning.user_of(runtime.access, company, who)
        return await runtime.begin_agent(company, user)
    attempt = await attempts.ongoing_again(runtime.store, company, who)
    return attempt or await runtime.begin_again(company, who)


def _show(screen: FrameScreen[Any], shown: FrameScreen[None], *, instead: bool) -> None:
    """Show a screen, unless its person has gone elsewhere meanwhile."""
    if not screen.is_current:
        return
    if instead:
        screen.app.switch_screen(shown)
    else:
        screen.app.push_screen(shown)
