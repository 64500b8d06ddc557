"""Where the store, its key and the settings themselves lie."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import platformdirs

from ttr_tui.settings.fault import FILE, Fault
from ttr_tui.settings.names import DATA_DIR, KEY_FILE
from ttr_tui.settings.permissions import check_private, mode_of
from ttr_tui.settings.reading import Reading

APP = "ttr-tui"
CREDENTIALS_DIRECTORY = "CREDENTIALS_DIRECTORY"
"""Where systemd puts a service's credentials (systemd.exec, LoadCredential=)."""
CREDENTIAL = "ttr-store-key"
"""The name of the store's key among them."""


class Places(NamedTuple):
    """The store's directory, its key, and the file that keeps the ids of destroyed keys."""

    data_dir: Path
    key_file: Path
    key_is_given: bool
    destroyed_file: Path


def config_dir() -> Path:
    """Return the platform's directory for this user's settings of ours."""
    return platformdirs.user_config_path(APP)


def default_env_file() -> Path:
    """Return the env file that is read when none is named."""
    return config_dir() / "env"


def read_places(reading: Reading, environ: Mapping[str, str]) -> Places:
    """Return where everything lies; faults that keep the store shut are noted."""
    data_dir = reading.path(DATA_DIR) or _default_data_dir()
    mode = mode_of(data_dir)
    if mode is not None and not stat.S_ISDIR(mode):
        cure = "Name a directory, or one that can be made."
        reading.fault(DATA_DIR, "names something that is no directory", cure, closes="store")
    key_file, given = _key_file(reading, environ)
    credential = given and reading.path(KEY_FILE) != key_file
    if not credential:
        _check_key(reading, key_file, data_dir, given=given)
    destroyed_file = _destroyed_file(key_file, given=given, credential=credential)
    return Places(data_dir, key_file, given, destroyed_file)


def _default_data_dir() -> Path:
    """Where the platform has one directory for both, the store lies below the settings."""
    data = platformdirs.user_data_path(APP)
    return data / "store" if data == config_dir() else data


def _key_file(reading: Reading, environ: Mapping[str, str]) -> tuple[Path, bool]:
    credentials = environ.get(CREDENTIALS_DIRECTORY, "")
    if credentials and mode_of(Path(credentials) / CREDENTIAL) is not None:
        return Path(credentials) / CREDENTIAL, True
    named = reading.path(KEY_FILE)
    return (named, True) if named else (config_dir() / "store.key", False)


def _check_key(reading: Reading, key_file: Path, data_dir: Path, *, given: bool) -> None:
    name = KEY_FILE if given else ""
    if given and not os.access(key_file, os.R_OK):
        # A warning: the store itself says which key it needs, by its id.
        missing = mode_of(key_file) is None
        problem = f"names a file that {'does not exist' if missing else 'cannot be read'}"
        cure = (
            "Put the store's key there, readable by this user alone; for a new store make one: "
            "(umask 077; openssl rand -hex 32 > FILE)."
        )
        reading.warning(KEY_FILE, problem, cure)
    if key_file.is_relative_to(data_dir):
        problem = "the key would lie in the data directory, and every copy of it with the key"
        cure = f"Keep them apart: change {KEY_FILE} or {DATA_DIR}."
        fault = Fault("fault", FILE, "", problem, cure, str(key_file), closes="store")
        reading.faults.append(fault)
    check_private(reading, name, key_file, closes="store", group="fault")


def _destroyed_file(key_file: Path, *, given: bool, credential: bool) -> Path:
    beside = key_file.with_name(key_file.name + ".destroyed")
    if credential:
        # systemd takes its directory away when the service stops, and the list must outlive that.
        return config_dir() / "store.key.destroyed"
    if not given or mode_of(beside) is not None or os.access(key_file.parent, os.W_OK):
        return beside
    return config_dir() / "store.key.destroyed"
