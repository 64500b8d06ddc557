"""What is done with a link that is out, each in a worker of its screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui import attempts, text
from ttr_tui.errors import SignInDenied, TtrError
from ttr_tui.flows import sign_in
from ttr_tui.model import Purpose
from ttr_tui.screens.explained import ExplainedScreen
from ttr_tui.screens.question import Asked, Question
from ttr_tui.screens.who_signed_in import STORE, Arrival, WhoSignedIn
from ttr_tui.widgets.buttons import Choice
from ttr_tui.widgets.lines import state
from ttr_tui.widgets.terminal import print_and_wait

if TYPE_CHECKING:
    from ttr_tui.model import Attempt, Company
    from ttr_tui.runtime import Runtime
    from ttr_tui.screens.link_screen import LinkScreen
    from ttr_tui.screens.session import Demo


def ask_if_waiting(screen: LinkScreen, waiting: Attempt | None) -> None:
    """Ask who signed in, by itself, once; after `esc` only when asked to."""
    if waiting is None or waiting.id in screen.asked_later or not screen.is_current:
        return
    screen.asked_later.add(waiting.id)
    screen.run_worker(_ask_who(screen, waiting), group="ask")


async def _arrival(runtime: Runtime, company: Company, attempt: Attempt) -> Arrival | None:
    if attempt.person is None:
        return None
    store = runtime.store
    former = await store.authentications.of_agent(attempt.agent_id) if attempt.agent_id else None
    return Arrival(
        company,
        attempt,
        attempt.person,
        await store.branches.master(company.id),
        (await store.branches.held(company.id)).children,
        former,
    )


async def _ask_who(screen: LinkScreen, attempt: Attempt) -> None:
    if screen.company is None:
        return
    arrival = await _arrival(screen.runtime, screen.company, attempt)
    if arrival is None:
        return
    answer = await screen.app.push_screen_wait(WhoSignedIn(arrival))
    if answer is None:
        return
    name = text.clean(arrival.person.called)
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


async def print_plain(screen: LinkScreen, attempt: Attempt) -> None:
    """Leave the full screen and print the link alone; the callback server goes on answering.

    Where the browser cannot reach it without a tunnel, Microsoft's own address follows.
    """
    words = attempt.link
    way = screen.way()
    if way is not None:
        try:
            address = await screen.runtime.microsoft_address(attempt)
        except TtrError as problem:
            screen.report(problem)
            return
        words = (
            f"A: on the browser's computer run the first line, then open the second.\n\n"
            f"{way.command}\n\n{attempt.link}\n\n"
            "B: or open Microsoft's own address, and paste the one the browser ends on. Good for "
            f"ten minutes.\n\n{address}"
        )
    await print_and_wait(screen.app, words)


async def ask_withdraw(screen: LinkScreen, attempt: Attempt) -> None:
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
    try:
        await attempts.withdraw(screen.runtime.store, attempt.id)
    except TtrError as problem:
        screen.report(problem)
        return
    screen.was_withdrawn(attempt)
    screen.say("The link is withdrawn.")
    screen.reload()


async def take_paste(screen: LinkScreen, written: str, attempt: Attempt) -> None:
    """Finish an attempt with what was pasted: an address, a query, a code, an error's number."""
    screen.message = state("» asking Microsoft with what was pasted")
    try:
        finished = await screen.runtime.finish_pasted(written, attempt)
    except SignInDenied as problem:
        # Refused by Microsoft, here or on its own page: the whole story, with what to send.
        screen.told_of.add(attempt.id)
        screen.app.push_screen(ExplainedScreen(problem, screen.company))
        return
    except TtrError as problem:
        screen.report(problem)
        return
    finally:
        screen.message = ""
        screen.reload()
    screen.paste_box.clear()
    screen.focus_body()
    if finished.purpose is Purpose.ADMIN_CONSENT:
        screen.say(state("» came back; the permission is now proven by using it"))


async def follow(screen: LinkScreen, demo: Demo, attempt: Attempt) -> None:
    """Let somebody in the sandbox open the link and do what its pages ask for, over HTTP."""
    screen.message = state("» somebody in the sandbox follows the link in a browser")
    expected = attempt.expected.user_principal_name if attempt.expected is not None else ""
    try:
        page = await demo.person(attempt.link, expected)
    except TtrError as problem:
        screen.report(problem)
        return
    finally:
        screen.message = ""
    first = next((row.strip() for row in page.splitlines() if row.strip()), "")
    shows = text.clean(first).partition(". ")[0]
    screen.say(text.cut_right(f"The browser shows: {shows}", 78))
    screen.reload()
