"""Where the client secret stands, and so where another one has to be put."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ttr_tui.settings.names import CLIENT_SECRET, CLIENT_SECRET_FILE, SECRET_ENDS
from ttr_tui.settings.places import CREDENTIALS_DIRECTORY
from ttr_tui.settings.reading import Reading


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """`file` holds the secret: a line of the env file, or the secret alone when `alone`.

    It is `None` while the secret stands in the process environment. `credential` says that systemd
    put the file there at its start, so that changing it changes nothing. `ends_in_environment`: the
    process environment names the secret's end, and counts before any file.
    """

    file: Path | None
    alone: bool = False
    credential: bool = False
    ends_in_environment: bool = False


def find_secret_place(reading: Reading, environ: Mapping[str, str]) -> SecretPlace | None:
    """Return where the secret that counts stands, or `None` when there is none."""
    direct, ends = reading.entry(CLIENT_SECRET), reading.entry(SECRET_ENDS)
    ends_outside = ends is not None and not ends.file
    if reads_file(reading):
        path = reading.path(CLIENT_SECRET_FILE)
        if path is None:
            return None
        credentials = environ.get(CREDENTIALS_DIRECTORY, "")
        given = bool(credentials) and path.is_relative_to(Path(credentials).absolute())
        return SecretPlace(path, alone=True, credential=given, ends_in_environment=ends_outside)
    if direct is None or not direct.value:
        return None
    file = Path(direct.file) if direct.file else None
    return SecretPlace(file, ends_in_environment=ends_outside)


def reads_file(reading: Reading) -> bool:
    """Tell whether the secret is read from a file that a setting names; the environment counts
    before the env file, whichever of the two names stands where.
    """
    direct, named = reading.entry(CLIENT_SECRET), reading.entry(CLIENT_SECRET_FILE)
    return bool(named and named.value and (direct is None or not direct.value or direct.file))
