"""The socket a service manager bound for us: the port stays open while the service restarts."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import MutableMapping

from ttr_tui.errors import ListenFailed

FIRST_DESCRIPTOR = 3
"""Where handed over sockets begin (sd_listen_fds(3))."""

_CURE = "Let ListenStream= of the socket unit and TTR_CALLBACK_LISTEN name the same address."


def inherited_socket(
    environ: MutableMapping[str, str], listen: tuple[str, int], first: int = FIRST_DESCRIPTOR
) -> socket.socket | None:
    """Return the socket that was handed over to this process (sd_listen_fds(3)), or None.

    The variables that tell of it are removed from `environ`: they are meant for no other process.
    `listen` is where the callback server is set to listen. The socket, whose descriptor is `first`,
    must be bound there, because the settings were checked for that address and other programs of
    ours look for us on it. Raises ListenFailed when it is not.
    """
    meant_for, count = environ.pop("LISTEN_PID", ""), environ.pop("LISTEN_FDS", "")
    environ.pop("LISTEN_FDNAMES", None)
    if meant_for != str(os.getpid()) or count in {"", "0"}:
        return None
    if count != "1":
        raise _unusable(f"The service manager hands over {count} sockets instead of one")
    try:
        os.set_inheritable(first, False)
        handed = socket.socket(fileno=first)
    except OSError as failure:
        raise _unusable("What the service manager hands over is no socket") from failure
    problem = _problem(handed, listen)
    if problem:
        handed.close()
        raise _unusable(problem)
    return handed


def _problem(handed: socket.socket, listen: tuple[str, int]) -> str:
    listens = handed.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    if not listens or handed.family not in {socket.AF_INET, socket.AF_INET6}:
        return "The service manager's socket does not listen on a TCP port"
    bound = handed.getsockname()[:2]
    if _agree(bound, listen):
        return ""
    where, wanted = (f"{host}:{port}" for host, port in (bound, listen))
    return f"The service manager's socket listens on {where}, and TTR_CALLBACK_LISTEN says {wanted}"


def _agree(bound: tuple[str, int], listen: tuple[str, int]) -> bool:
    address = ipaddress.ip_address(bound[0])
    if listen[0] == "localhost":
        return bound[1] == listen[1] and address.is_loopback
    return (address, bound[1]) == (ipaddress.ip_address(listen[0]), listen[1])


def _unusable(problem: str) -> ListenFailed:
    return ListenFailed(
        f"{problem}.",
        means="No browser can come back from Microsoft to this server meanwhile.",
        cure=_CURE,
    )
