"""Settings: read from the process environment and the env file, every fault named at once.

The environment counts before the file; the file is the one `--env-file` names, else the one
`TTR_ENV_FILE` names, else `env` in the platform's config directory.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ttr_tui.errors import SettingsFaulty
from ttr_tui.model import Hosting, Purpose
from ttr_tui.settings.clouds import CLOUDS, Cloud, not_microsoft, read_ca_file, read_cloud
from ttr_tui.settings.fault import Fault
from ttr_tui.settings.hook import read_hook
from ttr_tui.settings.listening import read_listening
from ttr_tui.settings.names import ENV_FILE, HOSTING
from ttr_tui.settings.permissions import check_private, mode_of
from ttr_tui.settings.places import Places, default_env_file, read_places
from ttr_tui.settings.reading import Reading
from ttr_tui.settings.redirects import read_redirects
from ttr_tui.settings.registration import Registration, read_registration, read_secret_ends
from ttr_tui.settings.secret_place import SecretPlace, find_secret_place
from ttr_tui.settings.written import check_optional
from ttr_tui.text import plural

__all__ = ["CLOUDS", "Cloud", "Fault", "Registration", "SecretPlace", "Settings", "read_settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the installation is set to; no secret shows in its `repr`.

    `registration` is `None` and `redirects` is empty while anything is faulty; hosts and places
    then still have values, so that what is stored can be seen and deleted. `not_microsoft` is ""
    or the words to be shown permanently; `env_file` the file that was read, or `None`.
    `secret_ends` is when the client secret ends, as somebody typed it in; `hook` the program that
    is told of changes of state; `secret_place` where the client secret stands, or `None`.
    """

    faults: tuple[Fault, ...]
    hosting: Hosting
    registration: Registration | None
    redirects: Mapping[Purpose, str]
    authority_host: str
    graph_base_url: str
    ca_file: Path | None
    listen: tuple[str, int]
    tls: tuple[Path, Path] | None
    proxy_addresses: tuple[str, ...]
    data_dir: Path
    key_file: Path
    key_is_given: bool
    destroyed_file: Path
    log_file: Path
    not_microsoft: str
    env_file: Path | None
    looked_for: Path
    secret_ends: date | None = None
    hook: Path | None = None
    secret_place: SecretPlace | None = None

    def require_microsoft(self) -> Registration:
        """Return the registration; `SettingsFaulty` with every fault when there is none."""
        if self.registration is None:
            raise self._faulty("Nothing can reach Microsoft", _faults_only(self.faults))
        return self.registration

    def require_store(self) -> None:
        """Raise `SettingsFaulty` when a fault keeps the store shut, else return."""
        shut = tuple(fault for fault in _faults_only(self.faults) if fault.closes == "store")
        if shut:
            raise self._faulty("The store stays closed", shut)

    def _faulty(self, happened: str, faults: tuple[Fault, ...]) -> SettingsFaulty:
        verb = "is" if len(faults) == 1 else "are"
        sentence = f"{happened} until {plural(len(faults), 'setting')} {verb} mended."
        cure = f"Looked for in the process environment and in {self.looked_for}."
        return SettingsFaulty(sentence, [fault.sentence() for fault in faults], cure=cure)


def read_settings(environ: Mapping[str, str], env_file: Path | None = None) -> Settings:
    """Read and check every setting.

    `environ` is the process environment, `env_file` what `--env-file` named. Whatever they hold,
    nothing is raised: what is wrong stands in `faults`, faults first, in the order of the file.
    """
    named = env_file or (Path(environ[ENV_FILE]) if environ.get(ENV_FILE) else None)
    path = (named or default_env_file()).absolute()
    reading = Reading(environ, path, asked_for=named is not None)
    mode = mode_of(path)
    there = mode is not None and not stat.S_ISDIR(mode)
    if there:
        check_private(reading, "", path, closes="microsoft", group="warning")
    check_optional(reading)
    registration = read_registration(reading)
    redirects = read_redirects(reading)
    cloud, ca_file, hosting = read_cloud(reading), read_ca_file(reading), _read_hosting(reading)
    listening = read_listening(reading, redirects)
    places = read_places(reading, environ)
    secret_ends, hook = read_secret_ends(reading), read_hook(reading)
    sound = not _faults_only(reading.faults)
    return Settings(
        faults=_in_order(reading.faults),
        hosting=hosting,
        registration=registration if sound else None,
        redirects=redirects if sound else {},
        authority_host=cloud.authority_host,
        graph_base_url=cloud.graph_base_url,
        ca_file=ca_file,
        **listening._asdict(),
        **places._asdict(),
        log_file=_log_file(places),
        not_microsoft=not_microsoft(cloud, ca_file),
        env_file=path if there else None,
        looked_for=path,
        secret_ends=secret_ends,
        hook=hook,
        secret_place=find_secret_place(reading, environ),
    )


def _log_file(places: Places) -> Path:
    return places.data_dir / "log"


def _read_hosting(reading: Reading) -> Hosting:
    value = reading.value(HOSTING).lower()
    if value in {"", *Hosting}:
        return Hosting(value or Hosting.SELF)
    reading.fault(HOSTING, "is neither self nor saas", "Write one of the two, or remove it.")
    return Hosting.SELF


def _faults_only(faults: tuple[Fault, ...] | list[Fault]) -> tuple[Fault, ...]:
    return tuple(fault for fault in faults if fault.severity == "fault")


def _in_order(faults: list[Fault]) -> tuple[Fault, ...]:
    """By line, what is missing after what stands there, and warnings last."""
    unique = list(dict.fromkeys(faults))
    unique.sort(key=lambda fault: (fault.severity != "fault", fault.line == 0, fault.line))
    return tuple(unique)
