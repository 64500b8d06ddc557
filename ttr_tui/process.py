"""This process: kept from telling on us, and who started it."""

from __future__ import annotations

import gc
import os
import pwd
import resource
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ttr_tui.crash import bare_traceback
from ttr_tui.text import clean
from ttr_tui.version import VERSION

if TYPE_CHECKING:
    from ttr_tui.model import Actor

LOGIN_UID = Path("/proc/self/loginuid")
"""Who logged in, as the kernel's audit knows it through every sudo (proc(5))."""
NOBODY = 4_294_967_295
"""What the kernel says when nobody logged in (a service, a container)."""
TURN_SECONDS = 0.0005
"""How long a thread keeps the interpreter while the event loop waits for it (Python's own: 0.005).
One answer to a browser gives it up some ten times, at each call into the kernel; while a directory
is read, threads that parse would take it each time."""
GARBAGE_FROM = 10_000
"""Net so many new containers are looked through for garbage (Python's own: 700). A page of users is
five thousand, which go again by themselves; looking through all of them holds up every thread."""
_PR_SET_DUMPABLE = 4
_LONGEST_NAME = 64
_LISTENING = "0A"
"""TCP_LISTEN, as /proc/net/tcp writes it."""


def harden_process() -> None:
    """Let no memory of this process reach a disk or another process of its user; idempotent.

    No core dumps, not dumpable (prctl(2): no ptrace by the same user), files made from now on are
    ours alone. From the environment MSAL takes no other token endpoint, and Textual no file or
    host to tell of every key and paste.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    for name in ("MSAL_FORCE_REGION", "TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_SCREENSHOT"):
        os.environ.pop(name, None)
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - 6 ms, and `--version` needs none of it

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def share_interpreter() -> None:
    """Let the event loop have its turn soon, however busy this process's threads are; idempotent.

    A first poll costs the same processor time, and a callback waits half as often.
    """
    sys.setswitchinterval(TURN_SECONDS)
    gc.set_threshold(GARBAGE_FROM, *gc.get_threshold()[1:])


def leave_imports_alone() -> None:
    """Have the garbage collector leave alone what was imported: it stays until the end.

    A full collection looks at some hundred thousand objects and takes 20 to 60 ms, during which no
    key and no request is answered; of what came later it is a few thousand.
    """
    gc.freeze()


def who_is_here(environ: Mapping[str, str], login_uid: Path = LOGIN_UID) -> Actor:
    """Return who acts: the login the kernel knows, else SUDO_USER, else this process's user.

    `origin` is the address an SSH session came from, "" when there is none.
    """
    from ttr_tui.model import Actor  # noqa: PLC0415 - the help needs none of it

    known = _kernel_login(login_uid)
    if known is not None:
        name = _name_of(known)
    else:
        name = environ.get("SUDO_USER", "") or _name_of(os.getuid())
    return Actor(clean(name, _LONGEST_NAME), _origin(environ))


def _kernel_login(login_uid: Path) -> int | None:
    try:
        uid = int(login_uid.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return uid if uid != NOBODY else None


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _origin(environ: Mapping[str, str]) -> str:
    """SSH_CONNECTION is client address, client port, server address, server port (ssh(1))."""
    fields = environ.get("SSH_CONNECTION", "").split()
    if not fields:
        return ""
    import ipaddress  # noqa: PLC0415 - as above

    try:
        return str(ipaddress.ip_address(fields[0].partition("%")[0]))
    except ValueError:
        return clean(fields[0], _LONGEST_NAME)


def crash_report(exception: BaseException) -> str:
    """Return what is shown of a fault of ours: where it happened, and nothing of what with."""
    import platform  # noqa: PLC0415 - seldom needed

    return "\n".join(
        (
            "ttr-tui stopped because of a fault of its own. What is stored stays as it was.",
            "Send us the lines below; no name, address, link or secret is in them.",
            "",
            f"ttr-tui {VERSION}, Python {platform.python_version()}, {platform.system()}",
            bare_traceback(exception),
        )
    )


def listener_on(port: int, proc: Path = Path("/proc")) -> str:
    """Return who listens on a TCP port of this machine, as `nginx, process 812`; "" if unknown.

    Read from proc(5); the processes of other users are known to root alone.
    """
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port, proc)}
    if not sockets:
        return ""
    for directory in proc.glob("[0-9]*"):
        with suppress(OSError):
            if any(str(link.readlink()) in sockets for link in (directory / "fd").iterdir()):
                name = (directory / "comm").read_text(encoding="utf-8", errors="replace").strip()
                return f"{clean(name, _LONGEST_NAME)}, process {directory.name}"
    return ""


def _listening_inodes(port: int, proc: Path) -> set[str]:
    found: set[str] = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (proc / "net" / table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(fields[9])
    return found
