"""A running server for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.callback.wire import Desk, redirects
from ttr_tui.callback.server import CallbackServer


@pytest.fixture
def desk() -> Desk:
    """Return what the server asks."""
    return Desk()


@pytest.fixture
async def port(desk: Desk) -> AsyncIterator[int]:
    """Return the port of a running server with http redirects."""
    server = CallbackServer(redirects(), ("127.0.0.1", 0), None, desk.answers())
    await server.start()
    yield server.port
    await server.stop()
