"""A process that has the program loaded and forks it for each command: a start costs no import.

The forked child is a process of its own with its own streams, environment, signals and exit status;
only the reading of the program's code from disk is not repeated.
"""

from __future__ import annotations

import array
import importlib
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence

LONGEST = 1 << 20

LOADED = (
    "aiohttp.web",
    "msal",
    "ttr_tui.callback.server",
    "ttr_tui.cli.adding",
    "ttr_tui.cli.agents",
    "ttr_tui.cli.attempts",
    "ttr_tui.cli.authentications",
    "ttr_tui.cli.connect",
    "ttr_tui.cli.serve",
    "ttr_tui.flows.export",
    "ttr_tui.runtime",
)
"""Loaded once, for every child."""


def serve(channel: socket.socket) -> None:
    """Fork a child for each message until the other end closes.

    A message is JSON with `words` and `environ`; along come four descriptors: the child's three
    streams, and one to which its process id and later its exit status are written.
    """
    for module in LOADED:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, LONGEST, 4)
        if not message:
            return
        if os.fork() == 0:
            _keep(json.loads(message), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _keep(asked: dict[str, object], descriptors: Sequence[int]) -> None:
    """Fork the command, wait for it, and report."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    report = descriptors[3]
    child = os.fork()
    if child == 0:
        _become(asked, descriptors)
    for descriptor in descriptors[:3]:
        os.close(descriptor)
    os.write(report, f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    os.write(report, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(asked: dict[str, object], descriptors: Sequence[int]) -> None:
    """Be the command: its streams, its environment, its arguments."""
    from ttr_tui.__main__ import main  # noqa: PLC0415 - as above

    for stream, descriptor in enumerate(descriptors[:3]):
        os.dup2(descriptor, stream)
    for descriptor in descriptors:
        os.close(descriptor)
    words, environ = asked["words"], asked["environ"]
    assert isinstance(words, list)
    assert isinstance(environ, dict)
    os.environ.clear()
    os.environ.update(environ)
    # The interpreter's own streams remember what they were opened on.
    sys.stdin = os.fdopen(0, encoding="utf-8")
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1)
    sys.argv = ["ttr-tui", *words]
    status = 0
    try:
        main()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException as crash:  # noqa: BLE001 - as the interpreter would
        sys.excepthook(type(crash), crash, crash.__traceback__)
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def ask(
    channel: socket.socket, words: Sequence[str], environ: dict[str, str], streams: Sequence[int]
) -> int:
    """Have a command started on three streams; return where its id and status are read."""
    reading, writing = os.pipe()
    message = json.dumps({"words": list(words), "environ": environ}).encode()
    rights = array.array("i", [*streams, writing])
    channel.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    os.close(writing)
    return reading


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
