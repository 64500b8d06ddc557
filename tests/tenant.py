"""A sandbox tenant for any test: small, new for each, with names that try a program out.

`sandbox` is a fixture everywhere. A test that needs another size or hosting uses
`async with Sandbox(users=…) as sandbox:` itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ttr_tui.sandbox import Sandbox
from ttr_tui.sandbox.browser import Administrator

USERS = 60


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Three customer tenants and a publisher, 60 users in the first."""
    async with Sandbox(users=USERS, curious=True) as running:
        yield running


@pytest.fixture
def administrator(sandbox: Sandbox) -> Administrator:
    """Somebody with a browser that trusts the sandbox."""
    return Administrator(sandbox.ca_file)
