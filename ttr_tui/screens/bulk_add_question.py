"""Before anybody is added: who of the selected, those not in view first, and what will happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.attempts import INVITATION_DAYS
from ttr_tui.errors import TtrError
from ttr_tui.flows import bulk_add
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.question import CANCEL, Answer, Asked, Paragraph, Question
from ttr_tui.widgets.buttons import Choice
from ttr_tui.widgets.lines import state

if TYPE_CHECKING:
    from ttr_tui.flows.bulk_add import AddPlan, Picked
    from ttr_tui.model import Company, DirectoryUser
    from ttr_tui.store import Marks
    from ttr_tui.widgets.lines import Line

ADD, INVITE, SIGN_IN = "add", "invite", "sign in"
SELECTION = "selection"

FIRST_NAMES = 6
"""Of more than a plan knows by name, so many are named."""

WHAT_HAPPENS = (
    "Each mailbox is asked once, through the app's permission. Who answers becomes an agent with "
    "an authentication of its own, a child of the Company Master. Nothing is written in Microsoft "
    "365 and nobody is sent a message."
)


@dataclass(frozen=True, slots=True)
class ToAdd:
    """Who is to be added, as the list shows them.

    `selected` is False when nobody is selected and the row at the cursor is meant.
    """

    not_in_view: Picked
    in_view: Picked
    selected: bool = True

    @property
    def count(self) -> int:
        """Return how many they are."""
        return self.not_in_view.count + self.in_view.count

    @property
    def marks(self) -> Marks:
        """Return all of them; both were read of the list at once."""
        unseen, seen = self.not_in_view.marks, self.in_view.marks
        return replace(seen, rids=unseen.rids | seen.rids)


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
            plan = await bulk_add.plan(access, self.company, self.to_add.marks)
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
    agents = text.plural(plan.to_add.count, "agent")
    paragraphs = [
        *(_chosen(to_add) if to_add.selected else _this_one(to_add.in_view)),
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
        vertical=to_add.count == 1,
    )


def _choices(to_add: ToAdd, plan: AddPlan, *, adds: bool) -> tuple[Choice, ...]:
    agents, can = text.plural(plan.to_add.count, "agent"), bool(plan.able)
    now = (Choice(SIGN_IN, "Sign in the owner now", enabled=can),)
    return (
        Choice(CANCEL, "Cancel"),
        Choice(ADD, f"Add {agents}", enabled=adds and bool(plan.to_add.count)),
        Choice(INVITE, f"Invite {_owners(plan)}", enabled=can),
        *(now if to_add.count == 1 else ()),
    )


def _first(plan: AddPlan, *, adds: bool) -> str:
    """Return the button that has the focus: the verb, when it can be pressed."""
    if adds:
        return ADD if plan.to_add.count else CANCEL
    return INVITE if plan.able else CANCEL


def _owners(plan: AddPlan) -> str:
    return text.plural(plan.able, "owner")


def _by_invitation(plan: AddPlan) -> list[Paragraph]:
    days = text.plural(INVITATION_DAYS, "day")
    told = f"Each owner signs in with a link of their own, good for {days}."
    if plan.unable.count:
        one = plan.unable.count == 1
        what, it = ("a shared mailbox", "it") if one else ("shared mailboxes", "them")
        child = "a child" if one else "children"
        told += (
            f" Not {names(plan.unable)}: {what} or disabled, so nobody can sign in for {it}; "
            f"adding makes {it} {child}."
        )
    return [("Inviting", told)]


def _this_one(here: Picked) -> list[Paragraph]:
    return [("This one", f"{_name(user)}   {text.clean(user.address)}") for user in here.first]


def _chosen(to_add: ToAdd) -> list[Paragraph]:
    unseen, seen = to_add.not_in_view, to_add.in_view
    everyone = text.number(to_add.count)
    all_of_them = f" (o shows all {everyone})"
    told: list[Paragraph] = []
    if unseen.count:
        do = "does" if unseen.count == 1 else "do"
        told.append(
            (
                "Not in view",
                (
                    f"{text.number(unseen.count)} of the {everyone} selected {do} not "
                    f"match the present search: {names(unseen, all_of_them)}"
                ),
            )
        )
    if seen.count:
        told.append(("In view", f"{text.number(seen.count)}: {names(seen, all_of_them)}"))
    return told


def _left_as_they_are(plan: AddPlan) -> list[Paragraph]:
    told: list[Paragraph] = []
    if plan.already.count:
        are = "is an agent" if plan.already.count == 1 else "are agents"
        count = text.number(plan.already.count)
        told.append(("Left as it is", f"{count} {are} already: {names(plan.already)}"))
    if plan.gone:
        have = "has" if plan.gone == 1 else "have"
        told.append(("Not there", f"{text.number(plan.gone)} {have} left the directory"))
    return told


def names(users: Picked, all_of_them: str = "") -> str:
    """Return names as a sentence has them; of more than are known the first six, then a count."""
    if users.count <= len(users.first):
        return _listed([_name(user) for user in users.first])
    shown = ", ".join(_name(user) for user in users.first[:FIRST_NAMES])
    return f"{shown} and {text.number(users.count - FIRST_NAMES)} more{all_of_them}"


def _listed(words: Sequence[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last


def _name(user: DirectoryUser) -> str:
    return text.clean(user.name or user.address or user.user_principal_name)
