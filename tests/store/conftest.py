"""Fixtures for everything that is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.premises import Connected, Premises, connect
from ttr_tui.store import Store


@pytest.fixture
def premises(tmp_path: Path) -> Premises:
    """An empty folder."""
    return Premises(tmp_path)


@pytest.fixture
async def store(premises: Premises) -> AsyncIterator[Store]:
    """An empty store, open."""
    async with premises.opened() as opened:
        yield opened


@pytest.fixture
async def connected(store: Store) -> Connected:
    """A store with one company in every state an agent can be in."""
    return await connect(store)
