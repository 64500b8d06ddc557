"""One user as the local copy keeps it: the columns, the folded text, and what tells a change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from ttr_tui.model import DirectoryUser, UserKind
from ttr_tui.store.database import Row
from ttr_tui.store.storable import storable
from ttr_tui.text import fold

KIND_CODES = {
    UserKind.MEMBER: 0,
    UserKind.GUEST: 1,
    UserKind.SHARED: 2,
    UserKind.DISABLED: 3,
    UserKind.NO_LICENCE: 4,
}
"""How a kind is written: one digit each."""

_KINDS = {code: kind for kind, code in KIND_CODES.items()}

COLUMNS = "rid, object_id, name, user_principal_name, address, department, title, kind"


@dataclass(frozen=True, slots=True)
class UserRow:
    """What is written of one user at once: `columns` are those of `users` behind `rid`."""

    id_hash: bytes
    digest: bytes
    columns: tuple[str, ...]
    kind: int


@dataclass(frozen=True, slots=True)
class UserText:
    """What one user is found by and sorted by."""

    folded: str
    sort_key: str


def id_hash(object_id: str) -> bytes:
    """Return the sixteen bytes by which a user's row is found."""
    return blake2b(object_id.encode(), digest_size=16).digest()


def user_rows(users: Iterable[DirectoryUser]) -> list[UserRow]:
    """Return the rows of a page; of a user who comes twice, the last. Takes 5 µs each."""
    rows = (_user_row(user) for user in users)
    return list({row.id_hash: row for row in rows}.values())


def _user_row(user: DirectoryUser) -> UserRow:
    fields = (
        user.object_id,
        user.name,
        user.user_principal_name,
        user.address,
        user.department,
        user.title,
    )
    columns = tuple(map(storable, fields))
    code = KIND_CODES[user.kind]
    digest = blake2b("\0".join((*columns, str(code))).encode(), digest_size=8).digest()
    return UserRow(id_hash(columns[0]), digest, columns, code)


def user_texts(rows: Iterable[UserRow]) -> list[UserText]:
    """Return the texts of rows; folding takes up to 30 µs each, so only for those that changed."""
    folded_once: dict[str, str] = {}  # departments and titles repeat

    def folded(column: str) -> str:
        known = folded_once.get(column)
        if known is None:
            # A line each, so that no word can match across two of them.
            known = folded_once[column] = " ".join(fold(column).split())
        return known

    texts = []
    for row in rows:
        name, *others = (folded(column) for column in row.columns[1:])
        texts.append(UserText("\n".join((name, *dict.fromkeys(others))), name))
    return texts


def sort_key_of(folded: str) -> str:
    """Return the sort key within a folded text."""
    return folded.partition("\n")[0]


def read_user(row: Row) -> DirectoryUser:
    """Return the user of a row of COLUMNS."""
    _, object_id, name, principal, address, department, title, kind = row
    return DirectoryUser(object_id, name, principal, address, department, title, _KINDS[kind])


def kind_of_code(code: int) -> UserKind:
    """Return the kind that is written as `code`."""
    return _KINDS[code]


def no_longer_there() -> DirectoryUser:
    """Return what stands in a list for a row that was removed since the list was made.

    Its object id is empty, so that it can be neither selected nor added.
    """
    return DirectoryUser("", "(no longer in the directory)", "", "", "", "", UserKind.DISABLED)
