"""A company's authentications by number, found by search, laid out as rows. Pure: no I/O.

Every authentication and agent gets a number that it keeps while the screen lives, so that cursor
and selection survive a reload, and a hundred thousand of them are selected by one set operation.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from ttr_tui import text
from ttr_tui.flows.invitations import InvitationState
from ttr_tui.model import Agent, Authentication, Status
from ttr_tui.screens.authentications_words import state_of
from ttr_tui.screens.selection import Group, Listing
from ttr_tui.store.tree import AuthenticationTree

NO_TREE = AuthenticationTree(None, [], [], [])
UNREADABLE_REASON = "This row cannot be opened with the keys at hand."
STATE_FILTER = "state:"


class Branch(StrEnum):
    """The groups of the tree; the Company Master's row is the head of its children.

    Of the invitations the head alone stands here: they have a screen of their own.
    """

    MASTER = "Company Master"
    OWN = "Own sign-ins"
    WITHOUT = "Not authenticated"
    INVITED = "Invitations"


class Numbers:
    """The number of each id, given when it is first seen."""

    def __init__(self) -> None:
        self._of: dict[str, int] = {}

    def of(self, one_id: str) -> int:
        """Return the number of an id."""
        return self._of.setdefault(one_id, len(self._of))


@dataclass(frozen=True, slots=True)
class Matched:
    """Numbers of who matches a search, by branch, each in the order of the list."""

    rids: Mapping[Branch, Sequence[int]]
    searched: bool = False
    master: bool = True
    """Whether the Company Master's own row matches."""

    @property
    def count(self) -> int:
        """How many match; the Company Master's row is a head and not counted."""
        return sum(len(rids) for rids in self.rids.values())


@dataclass(frozen=True)
class Catalogue:
    """What the tree holds: rows by number, and what is searched of each."""

    tree: AuthenticationTree
    master: Authentication | None = None
    members: Mapping[Branch, Sequence[int]] = field(
        default_factory=lambda: {branch: [] for branch in Branch}
    )
    rows: Mapping[int, Authentication] = field(default_factory=dict)
    agents: Mapping[int, Agent] = field(default_factory=dict)
    folded: Mapping[int, str] = field(default_factory=dict)
    invited: Sequence[InvitationState] = ()

    @classmethod
    def of(
        cls,
        tree: AuthenticationTree,
        closed: Collection[str],
        numbers: Numbers,
        invited: Sequence[InvitationState] = (),
    ) -> Catalogue:
        """Make one of a tree; `closed` are ids of rows that do not open.

        `invited` are the states of the company's invitations.
        """
        rows: dict[int, Authentication] = {}
        agents: dict[int, Agent] = {}
        members: dict[Branch, list[int]] = {branch: [] for branch in Branch}
        for branch, group in ((Branch.MASTER, tree.children), (Branch.OWN, tree.own)):
            for row in group:
                rid = numbers.of(row.id)
                members[branch].append(rid)
                rows[rid] = unreadable(row) if row.id in closed else row
        for agent in tree.without:
            rid = numbers.of(agent.id)
            members[Branch.WITHOUT].append(rid)
            agents[rid] = agent
        folded = {
            rid: text.fold(f"{one.name}\n{one.address}")
            for known in (rows, agents)
            for rid, one in known.items()
        }
        master = tree.master
        if master is not None and master.id in closed:
            master = unreadable(master)
        return cls(tree, master, members, rows, agents, folded, invited)

    @property
    def total(self) -> int:
        """How many there are, beside the Company Master."""
        return sum(len(rids) for rids in self.members.values())

    @property
    def stored(self) -> int:
        """How many authentications are stored, the Company Master included."""
        return len(self.rows) + (self.master is not None)

    def find(self, authentication_id: str) -> Authentication | None:
        """Return an authentication by its id, or None."""
        if self.master is not None and self.master.id == authentication_id:
            return self.master
        found = (row for row in self.rows.values() if row.id == authentication_id)
        return next(found, None)

    def group(self, branch: Branch) -> list[Authentication]:
        """Return the authentications of a branch."""
        return [self.rows[rid] for rid in self.members[branch] if rid in self.rows]

    def matching(self, search: str, now: datetime) -> Matched:
        """Return who matches: every word stands in name or address, `state:` in the state."""
        words = text.fold(search).split()
        states = [word.removeprefix(STATE_FILTER) for word in words if STATE_FILTER in word[:6]]
        plain = [word for word in words if STATE_FILTER not in word[:6]]
        if not words:
            return Matched(self.members)
        found: dict[Branch, Sequence[int]] = {}
        for branch, rids in self.members.items():
            # One pass for each word: a hundred thousand rows within a keystroke.
            for word in plain:
                rids = [rid for rid in rids if word in self.folded[rid]]  # noqa: PLW2901 - narrowed
            for word in states:
                rids = [rid for rid in rids if word in self._state(rid, now)]  # noqa: PLW2901 - as above
            found[branch] = rids
        return Matched(found, searched=True, master=self._master_matches(plain, states, now))

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

    def _state(self, rid: int, now: datetime) -> str:
        return _state(self.rows.get(rid), now)

    def _master_matches(self, plain: Sequence[str], states: Sequence[str], now: datetime) -> bool:
        master = self.master
        if master is None:
            return False
        searched = text.fold(f"{master.user_principal_name}\n{master.name}\n{master.address}")
        state = _state(master, now)
        return all(word in searched for word in plain) and all(word in state for word in states)


def unreadable(row: Authentication) -> Authentication:
    """Return the row as one that cannot be opened."""
    return replace(row, status=Status.UNREADABLE, status_reason=UNREADABLE_REASON)


def _state(row: Authentication | None, now: datetime) -> str:
    """Return the state as the filter has it: without its shape, in one word."""
    return "none" if row is None else state_of(row, now)[2:].replace(" ", "-")
