"""What Connect does, each in a worker of its screen: ask, prove, print, renew, withdraw, follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui import attempts, text
from ttr_tui.errors import TtrError
from ttr_tui.flows import sign_in
from ttr_tui.screens.connect_state import PURPOSES
from ttr_tui.screens.question import Asked, Question
from ttr_tui.screens.who_signed_in import STORE, Arrival, WhoSignedIn
from ttr_tui.widgets.buttons import Choice
from ttr_tui.widgets.lines import state
from ttr_tui.widgets.terminal import print_and_wait

if TYPE_CHECKING:
    from ttr_tui.model import Attempt
    from ttr_tui.screens.connect import ConnectScreen
    from ttr_tui.screens.session import Demo


def ask_if_waiting(screen: ConnectScreen) -> None:
    """Ask who signed in, by itself, once; after `esc` only when asked to."""
    shown = screen.connect
    waiting = shown.waiting if shown is not None else None
    if waiting is None or waiting.id in screen.asked_later or not screen.is_current:
        return
    screen.asked_later.add(waiting.id)
    screen.run_worker(_ask_who(screen, waiting), group="ask")


async def _ask_who(screen: ConnectScreen, attempt: Attempt) -> None:
    shown = screen.connect
    if shown is None or attempt.person is None:
        return
    tree = await screen.runtime.store.authentications.tree(shown.company.id)
    arrival = Arrival(shown.company, attempt, attempt.person, shown.master, len(tree.children))
    answer = await screen.app.push_screen_wait(WhoSignedIn(arrival))
    if answer is None:
        return
    name = text.clean(attempt.person.called)
    access = screen.runtime.access
    try:
        if answer.name == STORE:
            screen.message = state("» storing the sign-in and proving it by one refresh")
            await sign_in.confirm(access, attempt, answer.typed)
            screen.app.bell()
            screen.say(state(f"✓ {name}'s sign-in is stored and proven."))
        else:
            await sign_in.refuse(access, attempt)
            screen.say(f"{name}'s sign-in was erased. The link still works.")
    except TtrError as problem:
        screen.report(problem)
    finally:
        screen.message = ""
    screen.reload()


def prove(screen: ConnectScreen) -> None:
    """Look whether Microsoft shows the permission now."""
    if screen.company is None:
        return
    attempt = screen.attempt
    try:
        screen.runtime.prove_consent(screen.company, attempt.id if attempt is not None else "")
    except TtrError as problem:
        screen.report(problem)
        return
    screen.say(state("» asking Microsoft whether it shows the permission"))


async def print_plain(screen: ConnectScreen, link: str) -> None:
    """Leave the full screen and print the link alone; the callback server goes on answering."""
    await print_and_wait(screen.app, link)


async def renew(screen: ConnectScreen) -> None:
    """Make a new link for the step at the cursor and withdraw the former one."""
    former, step = screen.attempt, screen.step
    if screen.company is None:
        return
    try:
        await screen.runtime.begin(screen.company, PURPOSES[step])
        if former is not None:
            await attempts.withdraw(screen.runtime.store, former.id)
    except TtrError as problem:
        screen.report(problem)
        return
    screen.withdrawn.discard(step)
    screen.say("This link is new; the former one is withdrawn." if former else "This link is new.")
    screen.reload()


async def ask_withdraw(screen: ConnectScreen, attempt: Attempt) -> None:
    """Ask whether the link is to be withdrawn, and withdraw it."""
    goes = "The link: whoever opens it is told that it is over."
    if attempt.person is not None:
        goes += f" The sign-in of {attempt.person.called}, which waits for your word, is erased."
    asked = Asked(
        f"Withdraw the link for {screen.company.name if screen.company else 'it'}?",
        (
            ("What goes", goes),
            (),
            ("What stays", "What was granted or stored before. r makes a new link at any time."),
        ),
        (Choice("cancel", "Cancel"), Choice("withdraw", "Withdraw the link")),
    )
    answer = await screen.app.push_screen_wait(Question(asked, screen.company))
    if answer is None:
        return
    step = screen.step
    try:
        await attempts.withdraw(screen.runtime.store, attempt.id)
    except TtrError as problem:
        screen.report(problem)
        return
    screen.withdrawn.add(step)
    screen.say("The link is withdrawn.")
    screen.reload()


async def follow(screen: ConnectScreen, demo: Demo, attempt: Attempt) -> None:
    """Let the sandbox's administrator open the link and do what its pages ask for, over HTTP."""
    screen.message = state("» the sandbox's administrator follows the link in a browser")
    try:
        page = await demo.administrator(attempt.link)
    except TtrError as problem:
        screen.report(problem)
        return
    finally:
        screen.message = ""
    first = next((row.strip() for row in page.splitlines() if row.strip()), "")
    shows = text.clean(first).partition(". ")[0]
    screen.say(text.cut_right(f"The administrator's browser shows: {shows}", 78))
    screen.reload()
