"""What a local copy tells: how whole it is, a screenful, and all who match."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ttr_tui.model import DirectoryUser, UserKind


@dataclass(frozen=True, slots=True)
class CopyState:
    """How whole and how old a copy is.

    `polled_at` is when the last complete poll or the last changes were through (None: never);
    `complete` is False while a poll is unfinished, whose users so far are `read`, whose announced
    number is `expected`, and which goes on at `next_link`. `count` is the number of users in the
    copy, of whom `unplaced` stand behind the others in order of arrival.
    """

    polled_at: datetime | None
    complete: bool
    count: int
    expected: int | None
    next_link: str
    read: int
    unplaced: int = 0


@dataclass(frozen=True, slots=True)
class Screenful:
    """The first of those who match: their row ids and themselves; `more` are to come.

    The row ids are true after the move `since`.
    """

    rids: array[int]
    users: list[DirectoryUser]
    more: bool
    since: int = 0


@dataclass(frozen=True, slots=True)
class Matches:
    """What was found: row ids in the order asked for, without hidden kinds unless asked for.

    `hidden` counts the users of each hidden kind among those who match, shown or not; `total` is
    the number of users in the copy. The row ids are true after the move `since`.
    """

    rids: array[int]
    hidden: Mapping[UserKind, int]
    total: int
    since: int = 0
