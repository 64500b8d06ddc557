"""One reading of the settings: the values by name, environment first, and every fault met."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ttr_tui.settings.env_file import Entry, read_env_file
from ttr_tui.settings.fault import ENVIRONMENT, MISSING, Closes, Fault, Severity
from ttr_tui.settings.names import ENV_FILE, KNOWN, PREFIXES


class Reading:
    """Values and faults of one reading; `env_file` is where settings are, or would be, written."""

    def __init__(self, environ: Mapping[str, str], env_file: Path, *, asked_for: bool) -> None:
        self.env_file = env_file
        written = read_env_file(env_file, asked_for=asked_for)
        self.faults: list[Fault] = list(written.faults)
        self._entries = written.entries | _from_environment(environ)
        self._unclosed = {fault.name for fault in written.faults if fault.severity == "fault"}
        if ENV_FILE in written.entries:
            self._name_env_file_in_itself(written.entries[ENV_FILE])
        self._warn_of_strangers(environ)

    def entry(self, name: str) -> Entry | None:
        """Return the entry that counts for `name`, or `None` when it stands nowhere."""
        return self._entries.get(name)

    def value(self, name: str) -> str:
        """Return the value of `name` without outer spaces; "" when it is empty or nowhere."""
        entry = self._entries.get(name)
        return entry.value.strip() if entry else ""

    def required(self, name: str) -> str:
        """Return the value of `name`; an empty or missing one is a fault, and "" is returned."""
        value = self.value(name)
        if not value and name not in self._unclosed:
            problem = "is empty" if self.entry(name) else "is missing"
            self.fault(name, problem, f"Write a line {name}=... with its value.")
        return value

    def fault(self, name: str, problem: str, cure: str, *, closes: Closes = "microsoft") -> None:
        """Note that the setting `name` is wrong; neither text may repeat its value."""
        self._note("fault", name, problem, cure, closes)

    def warning(self, name: str, problem: str, cure: str) -> None:
        """Note something about `name` that is worth knowing and closes nothing."""
        self._note("warning", name, problem, cure, "nothing")

    def path(self, name: str) -> Path | None:
        """Return the file or directory `name` names, absolute; `None` when it names none.

        `~` is the home directory. A relative path counts from the env file it stands in, and from
        the working directory when it came from the process environment.
        """
        entry = self.entry(name)
        value = self.value(name)
        if entry is None or not value:
            return None
        try:
            named = Path(value).expanduser()
        except RuntimeError:
            named = Path(value)
        return (Path(entry.file).parent / named).absolute() if entry.file else named.absolute()

    def _note(self, severity: Severity, name: str, problem: str, cure: str, closes: Closes) -> None:
        entry = self.entry(name)
        where, file = (entry.where, entry.file) if entry else (MISSING, str(self.env_file))
        self.faults.append(Fault(severity, where, name, problem, cure, file, closes=closes))

    def _name_env_file_in_itself(self, entry: Entry) -> None:
        problem = "has no effect inside an env file"
        cure = "Set it in the process environment, or give --env-file."
        fault = Fault("warning", entry.where, ENV_FILE, problem, cure, entry.file, closes="nothing")
        self.faults.append(fault)

    def _warn_of_strangers(self, environ: Mapping[str, str]) -> None:
        for name in sorted(environ):
            if name.startswith(PREFIXES) and name not in KNOWN and name.isidentifier():
                problem = f"{name} is none of our names, so it has no effect"
                cure = "Correct it or remove it."
                fault = Fault("warning", ENVIRONMENT, "", problem, cure, closes="nothing")
                self.faults.append(fault)


def _from_environment(environ: Mapping[str, str]) -> dict[str, Entry]:
    return {name: Entry(name, environ[name], ENVIRONMENT, "") for name in KNOWN if name in environ}
