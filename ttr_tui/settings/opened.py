"""Reading the beginning of a file somebody named, whatever it turns out to be."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from pathlib import Path

PIPE_SECONDS = 5.0
"""How long a pipe may take to say all it has to say."""


def first_bytes(path: Path, most: int, seconds: float = PIPE_SECONDS) -> bytes:
    """Return at most `most` bytes of what `path` names; raise OSError when it cannot be read.

    A pipe (a shell's `<(...)`) is read too, but nobody is waited for in vain: one into which
    nothing is written raises TimeoutError after `seconds`.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as opened:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return opened.read(most)
        return _from_pipe(descriptor, most, seconds)


def _from_pipe(descriptor: int, most: int, seconds: float) -> bytes:
    read, deadline = b"", time.monotonic() + seconds
    while len(read) < most:
        left = max(0.0, deadline - time.monotonic())
        if not select.select([descriptor], [], [], left)[0]:
            raise TimeoutError(errno.ETIMEDOUT, "nothing was written into it in time")
        part = os.read(descriptor, most - len(read))
        if not part:
            break
        read += part
    return read
