"""A terminal that is gone: noticed also where no signal says so (a session of its own, nohup)."""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable
from contextlib import suppress


class HangUp:
    """Calls `gone` once when the other end of the terminal at `descriptor` is closed.

    Nothing is read and nothing polled: epoll(7) tells EPOLLHUP unasked. Where there is no epoll, or
    the descriptor is no terminal, nothing happens.
    """

    def __init__(self, descriptor: int, gone: Callable[[], None]) -> None:
        self._gone = gone
        self._epoll: select.epoll | None = None
        if hasattr(select, "epoll"):
            self._epoll = select.epoll()
            with suppress(OSError):
                self._epoll.register(descriptor, 0)
            asyncio.get_running_loop().add_reader(self._epoll.fileno(), self._told)

    def close(self) -> None:
        """Look no more. May be called twice."""
        if self._epoll is not None and not self._epoll.closed:
            asyncio.get_running_loop().remove_reader(self._epoll.fileno())
            self._epoll.close()

    def _told(self) -> None:
        self.close()
        self._gone()
