"""Users of a tenant, and what becomes of those that are added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class UserKind(StrEnum):
    """What a directory user is, the first that fits (users without certainty keep the mark)."""

    GUEST = "guest"
    SHARED = "shared?"
    DISABLED = "disabled"
    NO_LICENCE = "no licence"
    MEMBER = "member"


HIDDEN_KINDS = (UserKind.GUEST, UserKind.DISABLED, UserKind.NO_LICENCE)
"""Kinds Bulk Add hides until asked; each hidden user is counted under exactly one."""


class DirectoryUser(NamedTuple):
    """One user of a tenant's directory, with only the fields that are shown or searched.

    `aliases` are further addresses of the same mailbox, without the one in `address`. `licensed`
    is whether an Exchange plan works, None when Graph told nothing of plans.
    """

    object_id: str
    name: str
    user_principal_name: str
    address: str
    department: str
    title: str
    kind: UserKind
    is_agent: bool = False
    office: str = ""
    aliases: tuple[str, ...] = ()
    enabled: bool = True
    licensed: bool | None = None


class Outcome(StrEnum):
    """What became of one user in a bulk-add run."""

    WAITING = "waiting"
    ADDED = "added"
    ALREADY = "already an agent"
    NO_MAILBOX = "no mailbox"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RunItem:
    """One user of a bulk-add run and what became of them; `place` is where they stand in it."""

    object_id: str
    name: str
    address: str
    outcome: Outcome
    reason: str = ""
    place: int = field(default=-1, compare=False)


@dataclass(frozen=True, slots=True)
class Run:
    """A bulk-add run: journalled before its first request, so that a crash loses nothing."""

    id: int
    company_id: str
    parent_id: str
    started_at: datetime
    started_by: str
    ended_at: datetime | None = None
    stopped: bool = False
    counts: Mapping[Outcome, int] = field(default_factory=dict)
