"""What the list of invitations does: re-issue, withdraw, export; each asks where links go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.attempts import INVITATION_DAYS
from ttr_tui.errors import TtrError
from ttr_tui.flows import export, invitations
from ttr_tui.screens import invitations_words as words
from ttr_tui.screens.ask_path import AskPath, proposed_path
from ttr_tui.screens.ask_path import export as ask_and_export
from ttr_tui.screens.question import CANCEL, Asked, Paragraph, Question
from ttr_tui.widgets.buttons import Choice
from ttr_tui.widgets.lines import state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.model import Attempt, Company
    from ttr_tui.screens.invitations import InvitationsScreen

DRAFTS, TABLE = "drafts", "table"
SOME_DRAFTS = (
    "A new folder is made, readable by you alone, with a message for each owner who has not "
    "signed in, as .eml files: drafts that your own mailer opens and sends. Nothing is sent by us."
)


async def reissue(screen: InvitationsScreen, company: Company, chosen: Sequence[Attempt]) -> None:
    """Make new links in place of these; asks when there are several."""
    count = text.plural(len(chosen), "invitation")
    if len(chosen) > 1 and not await _agreed(screen, company, "Re-issue", chosen):
        return
    try:
        await invitations.reissue(screen.runtime.access, company, chosen)
    except TtrError as problem:
        screen.report(problem)
        return
    screen.forget_selection()
    renewed = (
        "is new; the former link leads" if len(chosen) == 1 else "are new; the former links lead"
    )
    screen.say(state(f"✓ {count} {renewed} nowhere any more."))
    screen.reload()


async def withdraw(screen: InvitationsScreen, company: Company, chosen: Sequence[Attempt]) -> None:
    """Ask, and let these links lead nowhere any more."""
    if not await _agreed(screen, company, "Withdraw", chosen):
        return
    try:
        count = await invitations.withdraw(screen.runtime.access, company, chosen)
    except TtrError as problem:
        screen.report(problem)
        return
    screen.forget_selection()
    screen.say(state(f"✓ {text.plural(count, 'invitation')} withdrawn."))
    screen.reload()


async def write(screen: InvitationsScreen, company: Company, chosen: Sequence[Attempt]) -> None:
    """Ask as what, and where to; write the messages, or the table."""
    open_ones = [one for one in chosen if invitations.state_of(one) in invitations.STILL_OPEN]
    answer = await screen.app.push_screen_wait(
        Question(_as_what(company, len(open_ones), len(chosen)), company)
    )
    if answer is None:
        return
    if answer.name == DRAFTS:
        await _write_drafts(screen, company, open_ones)
        return
    rows = invitations.table(chosen)
    path = proposed_path("ttr-invitations", company, "all")
    what = text.plural(len(rows), "invitation")
    await ask_and_export(screen, company, what, path, lambda to: export.invitations_csv(rows, to))


async def _write_drafts(
    screen: InvitationsScreen, company: Company, open_ones: Sequence[Attempt]
) -> None:
    messages = [invitations.mail(company, one) for one in open_ones]
    proposed = Path(str(proposed_path("ttr-invitations", company, "mail")).removesuffix(".csv"))
    count = text.plural(len(messages), "message")
    path = await screen.app.push_screen_wait(
        AskPath(company, count, proposed, SOME_DRAFTS, into="Folder")
    )
    if path is None:
        return
    try:
        await export.drafts(messages, path)
    except TtrError as problem:
        screen.report(problem)
        return
    screen.say(state(f"✓ {count} written to {text.cut_middle(text.clean(path), 50)}"))


async def _agreed(
    screen: InvitationsScreen, company: Company, verb: str, chosen: Sequence[Attempt]
) -> bool:
    answer = await screen.app.push_screen_wait(Question(asked(company, verb, chosen), company))
    return answer is not None


def asked(company: Company, verb: str, chosen: Sequence[Attempt]) -> Asked:
    """Return the question before links lead nowhere any more; `verb` is Re-issue or Withdraw."""
    count = text.plural(len(chosen), "invitation")
    anew: list[Paragraph] = []
    if verb == "Re-issue":
        days = text.plural(INVITATION_DAYS, "day")
        anew = [
            (),
            (
                "What comes",
                (
                    f"{text.plural(len(chosen), 'new link')}, good for {days}. Nobody is sent one "
                    "before you do it: e writes them as messages."
                ),
            ),
        ]
    former = "The former links" if anew else "The links"
    waits = sum(one.person is not None for one in chosen)
    erased = f" {text.plural(waits, 'sign-in')} waiting for your word is erased." if waits else ""
    return Asked(
        f"{verb} {count} of {text.cut_middle(text.clean(company.name), 36)}?",
        (
            ("For", words.some([words.name(one) for one in chosen])),
            (),
            ("What goes", f"{former}: who opens one is told that it is over.{erased}"),
            *anew,
            (),
            ("What stays", "The agents, and every authentication."),
        ),
        (Choice(CANCEL, "Cancel"), Choice("do", f"{verb} {count}")),
    )


def _as_what(company: Company, messages: int, every: int) -> Asked:
    return Asked(
        f"Export invitations of {text.cut_middle(text.clean(company.name), 36)}?",
        (
            ("Messages", SOME_DRAFTS),
            (),
            (
                "CSV",
                (
                    "A table of names, addresses, states and links, for a spreadsheet or a serial "
                    "letter, readable by you alone."
                ),
            ),
            (),
            (
                "Keep in mind",
                (
                    "A link is good for its owner alone: somebody else who signs in through it is "
                    "refused."
                ),
            ),
        ),
        (
            Choice(CANCEL, "Cancel"),
            Choice(DRAFTS, f"Write {text.plural(messages, 'message')}", enabled=messages > 0),
            Choice(TABLE, f"Write {text.plural(every, 'row')} as CSV"),
        ),
        focus=DRAFTS if messages else TABLE,
    )
