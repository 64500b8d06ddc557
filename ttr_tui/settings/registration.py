"""The app registration's own values: client id and client secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ttr_tui.model import Secret
from ttr_tui.settings.names import CLIENT_ID, CLIENT_SECRET, CLIENT_SECRET_FILE, SECRET_ENDS
from ttr_tui.settings.opened import first_bytes
from ttr_tui.settings.permissions import check_private
from ttr_tui.settings.reading import Reading
from ttr_tui.settings.secret_place import reads_file
from ttr_tui.settings.written import NOT_PLAIN, is_plain, read_plain, writing_faults

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
LONGEST_SECRET = 4096
"""Bytes read of a secret; Microsoft's have 40 characters."""

_NO_GUID = (
    "is not a GUID",
    "It is the Application (client) ID on the app registration's overview page.",
)
_SHAPED_LIKE_ID, _HOLDS_ID = "is shaped like the secret's ID", "holds the secret's ID"
_THE_VALUE = (
    "The secret is the column called Value, shown once, when it is made. "
    "If it is gone, make a new one."
)


@dataclass(frozen=True, slots=True)
class Registration:
    """The app registration whose permission is asked for."""

    client_id: str
    client_secret: Secret


def read_registration(reading: Reading) -> Registration | None:
    """Return the registration, or `None` with the faults noted."""
    client_id = read_plain(reading, CLIENT_ID)
    if client_id and not _GUID.fullmatch(client_id):
        reading.fault(CLIENT_ID, *_NO_GUID)
        client_id = ""
    secret = _read_secret(reading)
    if not client_id or not secret:
        return None
    return Registration(client_id.lower(), Secret(secret))


def client_id_faults(value: str) -> tuple[tuple[str, str], ...]:
    """Return problem and cure of all that is wrong with a client id that somebody typed."""
    return tuple(writing_faults(value)) or (() if _GUID.fullmatch(value) else (_NO_GUID,))


def secret_faults(value: str) -> tuple[tuple[str, str], ...]:
    """Return problem and cure of all that is wrong with a client secret that somebody typed."""
    if not value:
        return (("is empty", "Copy the column called Value."),)
    if len(value) > LONGEST_SECRET:
        return (("is far longer than a secret", "Copy the column called Value, and no more."),)
    if _GUID.fullmatch(value):
        return ((_SHAPED_LIKE_ID, _THE_VALUE),)
    return tuple(writing_faults(value)) or ((NOT_PLAIN,) if value != value.strip() else ())


def read_secret_ends(reading: Reading) -> date | None:
    """Return the day the client secret ends, where somebody typed it in."""
    value = reading.value(SECRET_ENDS)
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        cure = "Write it as YYYY-MM-DD, or remove it."
        reading.warning(SECRET_ENDS, "is not a date, so it counts for nothing", cure)
        return None


def _read_secret(reading: Reading) -> str:
    direct, named = reading.entry(CLIENT_SECRET), reading.entry(CLIENT_SECRET_FILE)
    if direct and named and direct.value and named.value and direct.file == named.file:
        reading.fault(CLIENT_SECRET_FILE, f"stands beside {CLIENT_SECRET}", "Keep one of the two.")
        return ""
    from_file = reads_file(reading)
    name = CLIENT_SECRET_FILE if from_file else CLIENT_SECRET
    secret = _secret_in_file(reading) if from_file else read_plain(reading, CLIENT_SECRET)
    if secret and _GUID.fullmatch(secret):
        reading.fault(name, _SHAPED_LIKE_ID if name == CLIENT_SECRET else _HOLDS_ID, _THE_VALUE)
        return ""
    return secret


def _secret_in_file(reading: Reading) -> str:
    path = reading.path(CLIENT_SECRET_FILE)
    if path is None:
        return ""
    try:
        secret = first_bytes(path, LONGEST_SECRET).decode("utf-8-sig").strip()
    except (OSError, ValueError):
        cure = "Name a file with the secret alone in it, which this user may read."
        reading.fault(CLIENT_SECRET_FILE, "names a file that cannot be read", cure)
        return ""
    check_private(reading, CLIENT_SECRET_FILE, path, closes="microsoft", group="warning")
    if not secret:
        reading.fault(CLIENT_SECRET_FILE, "names an empty file", "Write the secret into it.")
        return ""
    return secret if is_plain(reading, CLIENT_SECRET_FILE, secret) else ""
