"""The last step of the set-up: what is still to be asked, the env file, and what is wrong with it.

Nothing is asked of Microsoft, and no store is opened: there may be none yet.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Self

from ttr_tui.cli.asking import read_line, require_somebody
from ttr_tui.cli.opening import DONE, WRONG_USE
from ttr_tui.cli.records import Record, fault_record
from ttr_tui.cli.secret_input import STANDARD_INPUT, take_day, take_secret
from ttr_tui.errors import SecretUnusable
from ttr_tui.model import Hosting, Secret, now
from ttr_tui.settings import Fault, Settings, read_settings
from ttr_tui.settings.env_text import new_text
from ttr_tui.settings.names import (
    CLIENT_ID,
    CLIENT_SECRET,
    CLOUD,
    HOSTING,
    LISTEN,
    SECRET_ENDS,
)
from ttr_tui.settings.portal import listens_at, portal_redirects
from ttr_tui.settings.registration import client_id_faults, secret_faults
from ttr_tui.settings.writing import write_new
from ttr_tui.setup_guide import Wanted
from ttr_tui.setup_guide.wanted import GLOBAL

if TYPE_CHECKING:
    from pathlib import Path

    from ttr_tui.cli.output import Output
    from ttr_tui.cli.setup import Options

LIFETIME = timedelta(days=180)
"""How long a secret lives that the printed commands make, unless its end is given."""

_NEXT = ("settings", "serve", "companies add NAME DOMAIN", "connect NAME", "check NAME")

_ID = "The Application (client) ID, from the app's overview page: "
_SECRET = "The client secret (the column called Value; it is not shown here): "  # noqa: S105 - a question
_ENDS = "The client secret's last day as YYYY-MM-DD, or enter if you do not know it: "


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of the installation; `file` is where the secret is read from."""

    wanted: Wanted
    listen: str = ""
    client_id: str = ""
    file: str = ""
    ends: date | None = None

    @classmethod
    def of(cls, portal: str, options: Options) -> Self:
        """Take what the options say; the portal's URL is without fault."""
        ends = options["ends"]
        wanted = Wanted(
            portal_redirects(portal),
            ends or now().date() + LIFETIME,
            Hosting(options["hosting"]),
            options["cloud"],
            options["as_in_guide"],
        )
        return cls(wanted, listens_at(portal), options["client_id"], options["file"], ends)

    def values(self, *, secret: str) -> dict[str, str]:
        """Return the settings by name, in the order of the file."""
        hosting, cloud = self.wanted.hosting, self.wanted.cloud
        return {
            CLIENT_ID: self.client_id,
            CLIENT_SECRET: secret,
            SECRET_ENDS: self.ends.isoformat() if self.ends else "",
            **self.wanted.redirects,
            HOSTING: "" if hosting is Hosting.SELF else hosting.value,
            CLOUD: "" if cloud == GLOBAL else cloud,
            LISTEN: self.listen,
        }


@dataclass(frozen=True, slots=True)
class Written:
    """The env file that was written, and what the settings say of it."""

    faults: tuple[Fault, ...]
    goes_on: tuple[str, ...]

    @property
    def status(self) -> int:
        """The exit status: faults are wrong settings, warnings are none."""
        return WRONG_USE if any(one.severity == "fault" for one in self.faults) else DONE

    def record(self) -> Record:
        """Return it as a part of the document."""
        return {
            "written": True,
            "faults": [fault_record(fault) for fault in self.faults],
            "next": list(self.goes_on),
        }


def write(out: Output, path: Path, answers: Answers) -> Written:
    """Ask what is not answered, write the env file, and read it back.

    Raises NotConfirmed, SecretUnusable and NotWritten; nothing is written then.
    """
    answers = replace(answers, client_id=_client_id(out, answers.client_id))
    secret = _secret(out, answers.file)
    if answers.ends is None and not answers.file:
        answers = replace(answers, ends=take_day(_ENDS))
    values = answers.values(secret=secret.reveal())
    write_new(path, new_text(values))
    out.say(f"{path} was written, for this user alone.")
    if answers.file not in {"", STANDARD_INPUT}:
        out.say(f"{answers.file} still holds the secret: delete it.")
    read = read_settings(os.environ, path)
    for fault in read.faults:
        out.say(f"{fault.severity}: {fault.sentence()}")
    for name in sorted(values.keys() & os.environ.keys()):
        out.say(f"The process environment has {name} too, which counts before the file.")
    goes_on = _goes_on(path, read)
    out.say("What comes next: the check of the file, the server, and then each company.")
    for line in goes_on:
        out.say(f"  {line}", whole=True)
    return Written(read.faults, goes_on)


def _goes_on(path: Path, read: Settings) -> tuple[str, ...]:
    """Return the next commands; they name the file where it is not found by itself."""
    found = read_settings(os.environ).looked_for == read.looked_for
    program = "ttr-tui" if found else f"ttr-tui --env-file {shlex.quote(str(path))}"
    return tuple(f"{program} {words}" for words in _NEXT)


def _client_id(out: Output, given: str) -> str:
    """Return the client id: the one that was given, which is sound, or one that is typed."""
    require_somebody(
        "The client id is not given.", "Give --client-id, or --print.", answered=bool(given)
    )
    typed = given or read_line(_ID)
    while faults := client_id_faults(typed):
        out.say(f"It {faults[0][0]}. {faults[0][1]}")
        typed = read_line(_ID)
    return typed.lower()


def _secret(out: Output, source: str) -> Secret:
    while True:
        secret = take_secret(source, _SECRET)
        faults = secret_faults(secret.reveal())
        if not faults:
            return secret
        problem, cure = faults[0]
        if source:
            raise SecretUnusable(
                f"What was read {problem}.", means="Nothing was written.", cure=cure
            )
        out.say(f"It {problem}. {cure}")
