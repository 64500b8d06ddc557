"""Before anybody is added: who of the selected, those not in view first, and what will happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ttr_tui import pinning, text
from ttr_tui.attempts import INVITATION_DAYS
from ttr_tui.errors import TtrError
from ttr_tui.flows import bulk_add
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.question import CANCEL, Answer, Asked, Paragraph, Question
from ttr_tui.widgets.buttons import Choice
from ttr_tui.widgets.lines import state

if TYPE_CHECKING:
    from ttr_tui.flows.bulk_add import AddPlan
    from ttr_tui.model import Company, DirectoryUser
    from ttr_tui.widgets.lines import Line

ADD, INVITE, SIGN_IN = "add", "invite", "sign in"
SELECTION = "selection"

MOST_NAMES, FIRST_NAMES = 10, 6
"""Up to so many names are told one by one; of more, the first few."""

WHAT_HAPPENS = (
    "Each mailbox is asked once, through the app's permission. Who answers becomes an agent with "
    "an authentication of its own, a child of the Company Master. Nothing is written in Microsoft "
    "365 and nobody is sent a message."
)


@dataclass(frozen=True, slots=True)
class ToAdd:
    """The object ids that are to be added, as the list shows them.

    `selected` is False when nobody is selected and the row at the cursor is meant.
    """

    not_in_view: Sequence[str]
    in_view: Sequence[str]
    selected: bool = True

    @property
    def everyone(self) -> list[str]:
        """Return all of them, those not in view first."""
        return [*self.not_in_view, *self.in_view]


class AddQuestion(Question):
    """The question; `why_not` says why adding waits, while inviting works all the same.

    Planned again when agents came or went elsewhere meanwhile.
    """

    help_here: ClassVar[tuple[str, ...]] = (
        "Not in view means: selected, but not matched by the present search.",
        "Inviting asks each owner to sign in with a link of their own; adding asks nobody.",
        "Nobody can sign in for a shared mailbox: adding makes it a child.",
        "o goes back and shows the selection alone.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("o", "selection", show=False)]

    def __init__(
        self,
        company: Company,
        to_add: ToAdd,
        plan: AddPlan,
        left: Line,
        right: Line = "",
        why_not: str = "",
    ) -> None:
        words = asked(company, to_add, plan, why_not)
        super().__init__(words, company, status_left=left, status_right=right)
        self.to_add = to_add
        self.plan = plan
        self.why_not = why_not
        self._just_planned = True
        self.keys = (
            KeyHint("enter", "press"),
            KeyHint("tab", "next"),
            *((KeyHint("o", "selection"),) if to_add.selected else ()),
            KeyHint("esc", "cancel"),
        )

    async def load(self) -> None:
        """Plan again; only when the plan changed, the words change and Cancel has the focus."""
        if self.company is None or self._just_planned:
            self._just_planned = False
            return
        access = self.runtime.access
        try:
            plan = await bulk_add.plan(access, self.company, self.to_add.everyone)
        except TtrError as problem:
            self.report(problem)
            return
        if plan != self.plan:
            self.plan = plan
            fresh = asked(self.company, self.to_add, plan, self.why_not)
            self.change(fresh)
            for choice in fresh.choices:
                self._buttons.enable(choice.name, choice.enabled)
            self._buttons.named(CANCEL).focus()

    def action_selection(self) -> None:
        """Go back to the selection shown alone."""
        if self.to_add.selected:
            self.dismiss(Answer(SELECTION))


def asked(company: Company, to_add: ToAdd, plan: AddPlan, why_not: str = "") -> Asked:
    """Return the question's words: who, who is left as they are, and what happens.

    With one user the buttons stand below each other: one more way is open to that user.
    """
    users = {user.object_id: user for user in (*plan.to_add, *plan.already)}
    unseen = [users[i] for i in to_add.not_in_view if i in users]
    seen = [users[i] for i in to_add.in_view if i in users]
    agents = text.plural(len(plan.to_add), "agent")
    paragraphs = [
        *(_chosen(unseen, seen) if to_add.selected else _this_one(seen)),
        *_left_as_they_are(plan),
        (),
        ("Adding waits", state(why_not)) if why_not else ("What happens", WHAT_HAPPENS),
        *_by_invitation(plan),
    ]
    verb = f"Invite {_owners(plan)} of" if why_not else f"Add {agents} to"
    return Asked(
        f"{verb} {text.clean(company.name)}?",
        paragraphs,
        _choices(to_add, plan, adds=not why_not),
        focus=_first(plan, adds=not why_not),
        vertical=len(to_add.everyone) == 1,
    )


def able(plan: AddPlan) -> list[DirectoryUser]:
    """Return who can sign in for themselves, of those to be added."""
    return [user for user in plan.to_add if user.kind not in pinning.CANNOT_SIGN_IN]


def _choices(to_add: ToAdd, plan: AddPlan, *, adds: bool) -> tuple[Choice, ...]:
    agents, can = text.plural(len(plan.to_add), "agent"), bool(able(plan))
    now = (Choice(SIGN_IN, "Sign in the owner now", enabled=can),)
    return (
        Choice(CANCEL, "Cancel"),
        Choice(ADD, f"Add {agents}", enabled=adds and bool(plan.to_add)),
        Choice(INVITE, f"Invite {_owners(plan)}", enabled=can),
        *(now if len(to_add.everyone) == 1 else ()),
    )


def _first(plan: AddPlan, *, adds: bool) -> str:
    """Return the button that has the focus: the verb, when it can be pressed."""
    if adds:
        return ADD if plan.to_add else CANCEL
    return INVITE if able(plan) else CANCEL


def _owners(plan: AddPlan) -> str:
    return text.plural(len(able(plan)), "owner")


def _by_invitation(plan: AddPlan) -> list[Paragraph]:
    days = text.plural(INVITATION_DAYS, "day")
    told = f"Each owner signs in with a link of their own, good for {days}."
    cannot = [user for user in plan.to_add if user.kind in pinning.CANNOT_SIGN_IN]
    if cannot:
        one = len(cannot) == 1
        what, it = ("a shared mailbox", "it") if one else ("shared mailboxes", "them")
        child = "a child" if one else "children"
        told += (
            f" Not {names(cannot)}: {what} or disabled, so nobody can sign in for {it}; "
            f"adding makes {it} {child}."
        )
    return [("Inviting", told)]


def _this_one(seen: Sequence[DirectoryUser]) -> list[Paragraph]:
    return [("This one", f"{_name(user)}   {text.clean(user.address)}") for user in seen]


def _chosen(unseen: Sequence[DirectoryUser], seen: Sequence[DirectoryUser]) -> list[Paragraph]:
    everyone = len(unseen) + len(seen)
    all_of_them = f" (o shows all {text.number(everyone)})"
    told: list[Paragraph] = []
    if unseen:
        do = "does" if len(unseen) == 1 else "do"
        told.append(
            (
                "Not in view",
                (
                    f"{text.number(len(unseen))} of the {text.number(everyone)} selected {do} not "
                    f"match the present search: {names(unseen, all_of_them)}"
                ),
            )
        )
    if seen:
        told.append(("In view", f"{text.number(len(seen))}: {names(seen, all_of_them)}"))
    return told


def _left_as_they_are(plan: AddPlan) -> list[Paragraph]:
    told: list[Paragraph] = []
    if plan.already:
        are = "is an agent" if len(plan.already) == 1 else "are agents"
        count = text.number(len(plan.already))
        told.append(("Left as it is", f"{count} {are} already: {names(plan.already)}"))
    if plan.gone:
        have = "has" if len(plan.gone) == 1 else "have"
        told.append(("Not there", f"{text.number(len(plan.gone))} {have} left the directory"))
    return told


def names(users: Sequence[DirectoryUser], all_of_them: str = "") -> str:
    """Return names as a sentence has them; of more than ten the first six, the others counted."""
    if len(users) <= MOST_NAMES:
        return _listed([_name(user) for user in users])
    shown = ", ".join(_name(user) for user in users[:FIRST_NAMES])
    return f"{shown} and {text.number(len(users) - FIRST_NAMES)} more{all_of_them}"


def _listed(words: Sequence[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last


def _name(user: DirectoryUser) -> str:
    return text.clean(user.name or user.address or user.user_principal_name)
