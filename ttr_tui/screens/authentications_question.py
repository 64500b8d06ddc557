"""Before anything is deleted: what goes, what stays, what this cannot end."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.errors import Refused, TtrError
from ttr_tui.flows import revocation
from ttr_tui.model import Authentication, AuthenticationKind
from ttr_tui.screens.authentications_deeds import SELECTION, ToDelete
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.question import CANCEL, Answer, Asked, MustType, Paragraph, Question
from ttr_tui.widgets.buttons import Choice

if TYPE_CHECKING:
    from ttr_tui.flows.revocation import RevocationPlan
    from ttr_tui.widgets.lines import Line

DELETE = "delete"

PLAN_AGAIN_AFTER = 0.5
"""Seconds after which what the tree knew is compared with what is stored."""

FIRST_ROWS = 4
"""So many are told one by one when the plan does not name all."""

_NAME, _ADDRESS, _COMPANY = 19, 27, 36
_NO_UNDO = "There is no undo. Links that are out for them go, too."
_KINDS = {AuthenticationKind.CHILD: "child", AuthenticationKind.OWN: "own sign-in"}


class DeleteQuestion(Question):
    """The question; what arrives from elsewhere changes its counts and moves the focus back."""

    help_here: ClassVar[tuple[str, ...]] = (
        "tab goes to the next button or field, enter presses it, esc cancels and changes nothing.",
        "o goes back and shows the selection alone.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("o", "selection", show=False)]

    def __init__(self, to_delete: ToDelete, plan: RevocationPlan, status: Line) -> None:
        super().__init__(asked(to_delete, plan), plan.company, status_left=status)
        self.to_delete = to_delete
        self.plan = plan
        self.gone = self._stands = False
        self.keys = (
            KeyHint("enter", "press"),
            KeyHint("tab", "next"),
            *((KeyHint("o", "selection"),) if to_delete.selected else ()),
            KeyHint("esc", "cancel"),
        )

    async def load(self) -> None:
        """Plan again; when nothing of it is there any more, the question goes.

        At the start the question stands first: a large tree takes a moment to read.
        """
        if not self._stands:
            self._stands = True
            self.set_timer(PLAN_AGAIN_AFTER, self.reload)
            return
        try:
            plan = await revocation.plan(self.runtime.access, self.plan.company, self.to_delete.ids)
        except Refused:
            self.gone = True
            self.dismiss(None)
            return
        except TtrError as problem:
            self.report(problem)
            return
        self.plan = plan
        self.change(asked(self.to_delete, plan))

    def action_selection(self) -> None:
        """Go back to the selection shown alone."""
        if self.to_delete.selected:
            self.dismiss(Answer(SELECTION))


def asked(to_delete: ToDelete, plan: RevocationPlan) -> Asked:
    """Return the question's words."""
    company = text.cut_middle(text.clean(plan.company.name), _COMPANY)
    goes = text.plural(plan.count, "authentication")
    choices = (Choice(CANCEL, "Cancel"), Choice(DELETE, f"Delete {goes}"))
    if not plan.with_master:
        paragraphs = (*_rows_that_go(to_delete, plan), (), *_stays(plan), (), *_cannot_end(plan))
        return Asked(f"Delete {goes} of {company}?", paragraphs, choices)
    children = text.plural(plan.children, "child")
    goes_too = f" and its {children}" if plan.children else ""
    goes_with = "1 authentication, the Company Master" if plan.count == 1 else goes
    paragraphs = (
        (
            "What goes",
            (
                f"{goes_with}, the copy of the directory and the links that are out for them, all "
                "in the same moment. There is no undo."
            ),
        ),
        *_stays(plan),
        (),
        *_cannot_end(plan),
    )
    return Asked(
        f"Delete the Company Master of {company}{goes_too}?",
        paragraphs,
        choices,
        must_type=MustType(plan.company.name, DELETE),
    )


def _rows_that_go(to_delete: ToDelete, plan: RevocationPlan) -> list[Paragraph]:
    """Those not in view stand first: they cannot be seen behind the question."""
    count = len(plan.ids)
    shown = plan.first if count <= len(plan.first) else plan.first[:FIRST_ROWS]
    rows: list[Line] = [_row(item) for item in shown]
    more = count - len(shown)
    if more:
        rest = f"and {text.number(more)} more"
        every = f" (o shows all {text.number(count)})" if to_delete.selected else ""
        rows.append(rest + every)
    hidden = len(set(to_delete.not_in_view).intersection(plan.ids))
    if hidden:
        are = "is not in view and stands" if hidden == 1 else "are not in view and stand"
        rows.append(f"{text.number(hidden)} {are} first. {_NO_UNDO}")
    else:
        rows.append(_NO_UNDO)
    return [("What goes", *rows)]


def _row(item: Authentication) -> str:
    name = text.cut_middle(text.clean(item.name or item.address), _NAME)
    address = text.cut_address(text.clean(item.address), _ADDRESS)
    return f"{_fill(name, _NAME)} {_fill(address, _ADDRESS)} {_KINDS[item.kind]}"


def _fill(shown: str, width: int) -> str:
    return shown + " " * (width - text.cells(shown))


def _stays(plan: RevocationPlan) -> list[Paragraph]:
    return [("What stays", stays(plan))]


def stays(plan: RevocationPlan) -> str:
    """Return what stays: the agents, and which authentications work on."""
    told = []
    if plan.agents:
        told.append(f"{text.plural(plan.agents, 'agent')}, listed as not authenticated.")
    if plan.children_stay:
        other = "other " if plan.alone else ""
        children = text.plural(plan.children_stay, "child")
        told.append(f"The Company Master and its {other}{children}.")
    if plan.own_stay:
        other = "other " if plan.own else ""
        signs = text.plural(plan.own_stay, f"{other}own sign-in")
        if plan.own_stay > 1:
            signs = f"The {signs}"
        told.append(f"{signs} {'works' if plan.own_stay == 1 else 'work'} on.")
    return " ".join(told) or "The company, and the journal of what was done."


def _cannot_end(plan: RevocationPlan) -> list[Paragraph]:
    domain = text.clean(plan.company.domain)
    tokens = _refresh_tokens(plan)
    tokens = f"{tokens}, 90 days at most; access" if tokens else "Access"
    return [
        (
            "What this cannot end",
            (
                f"The consent of {domain}: with the client secret the app may still read the "
                f"headers of every mailbox. {tokens} tokens, 90 minutes; backups made before. "
                "The result says who ends each, and where."
            ),
        )
    ]


def _refresh_tokens(plan: RevocationPlan) -> str:
    people = plan.people
    if not people:
        return ""
    if len(people) == 1:
        return f"{text.clean(people[0])}'s refresh token"
    return f"The refresh tokens of {text.plural(len(people), 'person')}"
