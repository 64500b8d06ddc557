"""Where the browser is: over SSH a loopback redirect needs a tunnel, whose line is made here."""

from __future__ import annotations

import getpass
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The line for the browser's computer; `guessed` when user and address are not the login's."""

    command: str
    guessed: bool


def is_loopback(redirect: str) -> bool:
    """Tell whether a redirect leads back to whatever computer the browser is on."""
    return urlsplit(redirect).hostname in LOOPBACK


def tunnel(environ: Mapping[str, str], redirect: str, listen_port: int) -> Tunnel | None:
    """Return the `ssh -L` line that makes `redirect` work from here, or None where none is needed.

    SSH_CONNECTION is client address, client port, server address, server port (ssh(1)). Where sudo
    took it away but a login from elsewhere shows (SSH_TTY, SUDO_USER), the line is a guess.
    """
    parts = urlsplit(redirect)
    if parts.hostname not in LOOPBACK:
        return None
    fields = environ.get("SSH_CONNECTION", "").split()
    far = bool(fields or environ.get("SSH_TTY") or environ.get("SUDO_USER"))
    if not far:
        return None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    user = environ.get("SUDO_USER") or environ.get("USER") or getpass.getuser()
    known = len(fields) == 4
    address = fields[2] if known else os.uname().nodename
    ssh_port = f" -p {int(fields[3])}" if known and fields[3] not in ("22", "") else ""
    target = shlex.quote(f"{user}@{address}")
    command = f"ssh -L {port}:127.0.0.1:{listen_port}{ssh_port} {target}"
    return Tunnel(command, guessed=not known)
