"""Each entry of the journal also goes to the system's log, where there is one."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from ttr_tui.model import JournalEntry
from ttr_tui.text import clean

SYSLOG_SOCKET = Path("/dev/log")
SEND_SECONDS = 0.2
LONGEST_LINE = 2000

_AUTH_INFO = 4 << 3 | 6
"""RFC 3164, section 4.1.1: facility 4 (security and authorization), severity 6 (informational)."""


class Syslog:
    """Sends lines to the socket of syslog or journald; never fails the act it tells of.

    With no path nothing is sent: a demo and a test leave nothing behind.
    """

    def __init__(self, path: Path | None = SYSLOG_SOCKET) -> None:
        self._path = path

    def send(self, entry: JournalEntry) -> bool:
        """Send one entry as one line; return whether it was taken."""
        if self._path is None:
            return False
        line = f"<{_AUTH_INFO}>ttr-tui[{os.getpid()}]: {_line(entry)}"
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                # A daemon that does not read must not hold up the screen.
                sender.settimeout(SEND_SECONDS)
                sender.connect(str(self._path))
                sender.send(line.encode())
        except OSError:
            return False
        return True


def _line(entry: JournalEntry) -> str:
    parts = {
        "journal": str(entry.id),
        "who": entry.who,
        "from": entry.origin or "local",
        "what": entry.what,
        "company": entry.company_name,
        "subject": entry.subject,
        "outcome": entry.outcome,
        "detail": entry.detail,
    }
    told = (f'{name}="{_quoted(value)}"' for name, value in parts.items() if value)
    return clean(" ".join(told), LONGEST_LINE)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
