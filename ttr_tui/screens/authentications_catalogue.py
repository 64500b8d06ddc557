"""Who stands where in the tree of authentications, what a search asks for. Pure: no I/O.

Rows are known by the numbers of their agents, so that cursor and selection survive a reload, and a
hundred thousand of them are selected by one set operation.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ttr_tui import text
from ttr_tui.flows.invitations import InvitationState
from ttr_tui.model import Authentication, Status
from ttr_tui.screens.authentications_words import state_of
from ttr_tui.screens.selection import Group, Listing
from ttr_tui.store.branches import NO_STATE, SOON_STATE, Members, Sought

STATE_FILTER = "state:"
_STATES = (*(status.value for status in Status), SOON_STATE, NO_STATE)


class Branch(StrEnum):
    """The groups of the tree; the Company Master's row is the head of its children.

    Of the invitations the head alone stands here: they have a screen of their own.
    """

    MASTER = "Company Master"
    OWN = "Own sign-ins"
    WITHOUT = "Not authenticated"
    INVITED = "Invitations"


@dataclass(frozen=True, slots=True)
class Matched:
    """Numbers of who matches a search, by branch, each in the order of the list."""

    rids: Mapping[Branch, array[int]]
    searched: bool = False
    master: bool = True
    """Whether the Company Master's own row matches."""

    by_state: bool = False

    @property
    def count(self) -> int:
        """How many match; the Company Master's row is a head and not counted."""
        return sum(len(rids) for rids in self.rids.values())


def nobody() -> dict[Branch, array[int]]:
    """Return branches in which nobody stands."""
    return dict.fromkeys(Branch, array("I"))


def by_branch(members: Members) -> dict[Branch, array[int]]:
    """Return the rows' numbers by branch."""
    return {
        Branch.MASTER: members.children,
        Branch.OWN: members.own,
        Branch.WITHOUT: members.without,
        Branch.INVITED: array("I"),
    }


@dataclass(frozen=True)
class Catalogue:
    """What the tree holds: the Company Master, who stands in each branch, and what is counted.

    `own_states` counts the own sign-ins by their states as the store has them (`branches`).
    """

    master: Authentication | None = None
    members: Mapping[Branch, array[int]] = field(default_factory=nobody)
    own_states: Mapping[str, int] = field(default_factory=dict)
    invited: Sequence[InvitationState] = ()

    @property
    def total(self) -> int:
        """How many there are, beside the Company Master."""
        return sum(len(rids) for rids in self.members.values())

    def listing(self, matched: Matched, shut: Collection[Branch]) -> Listing:
        """Return the rows of the tree: heads, and what matches below those that are not shut."""
        heads = [
            branch
            for branch in Branch
            if matched.rids[branch]
            or (branch is Branch.MASTER and self.master is not None and matched.master)
            or (branch is Branch.INVITED and bool(self.invited) and not matched.searched)
        ]
        return Listing(
            tuple(
                Group(branch.value, () if branch in shut else matched.rids[branch])
                for branch in heads
            )
        )

    def master_matches(self, sought: Sought) -> bool:
        """Tell whether the Company Master's own row matches."""
        master = self.master
        if master is None:
            return False
        searched = text.fold(f"{master.user_principal_name}\n{master.name}\n{master.address}")
        state = state_of(master, sought.now)[2:]
        found = all(word in searched for word in sought.words)
        return found and (sought.states is None or state in sought.states)


def sought(search: str, now: datetime, closed: Collection[int]) -> Sought | None:
    """Return what is searched for: every word in name or address, `state:` in the state.

    None when nothing is. A state is written in one word, or some letters of it.
    """
    words = text.fold(search).split()
    if not words:
        return None
    wanted = [word.removeprefix(STATE_FILTER) for word in words if STATE_FILTER in word[:6]]
    plain = tuple(word for word in words if STATE_FILTER not in word[:6])
    if not wanted:
        return Sought(now, plain, None, closed)
    states = (state for state in _STATES if all(word in _one_word(state) for word in wanted))
    return Sought(now, plain, tuple(states), closed)


def _one_word(state: str) -> str:
    return state.replace(" ", "-")
