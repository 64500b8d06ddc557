"""A whole product against a sandbox tenant: settings, store, callback server, a person's browser.

`open_office` is what a terminal on the customer's server would be; two of them on one `folder` are
two programs on one store.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ttr_tui.flows import companies, sign_in
from ttr_tui.model import Actor, Attempt, Authentication, Company, DirectoryUser, Purpose, Station
from ttr_tui.runtime import Runtime, open_runtime
from ttr_tui.sandbox import Sandbox, Tenant
from ttr_tui.sandbox.browser import Administrator, Page
from ttr_tui.settings import Settings, read_settings
from ttr_tui.store import Marks

T = TypeVar("T")

PATIENCE = 20.0


@dataclass
class Office:
    """A runtime, the sandbox it speaks to, and somebody's browser."""

    runtime: Runtime
    sandbox: Sandbox
    browser: Administrator

    async def add_company(self, tenant: Tenant | None = None, name: str = "") -> Company:
        """Add a company for a tenant (the first one, under its own name, unless told)."""
        tenant = tenant or self.sandbox.tenants[0]
        access = self.runtime.access
        found = await companies.resolve(access, tenant.domain)
        return await companies.add(access, name or tenant.name, tenant.domain, found)

    async def grant(self, company: Company) -> Page:
        """Grant admin permission through the start link, and wait for its proof."""
        attempt = await self.runtime.begin(company, Purpose.ADMIN_CONSENT)
        page = await self.browser.follow(attempt.link)
        await self.until_station(attempt, Station.PROVEN)
        return page

    async def come_back(self, company: Company, account: str = "") -> Attempt:
        """Sign in through the start link, up to the operator's question."""
        attempt = await self.runtime.begin(company, Purpose.COMPANY_MASTER)
        await self.browser.follow(attempt.link, account=account)
        return await self.runtime.store.attempts.get(attempt.id)

    async def sign_in(self, company: Company) -> Authentication:
        """Sign in the Company Master and confirm it."""
        attempt = await self.come_back(company)
        return await sign_in.confirm(self.runtime.access, attempt)

    async def connected(self, tenant: Tenant | None = None) -> Company:
        """Return a company that is added, granted and signed in."""
        company = await self.add_company(tenant)
        await self.grant(company)
        await self.sign_in(company)
        return await self.runtime.store.companies.get(company.id)

    async def marks(self, company: Company, users: Sequence[DirectoryUser]) -> Marks:
        """Return these users of the local copy as they are selected."""
        copy = await self.runtime.store.directory(company)
        return await copy.addresses.marks_of([user.object_id for user in users])

    async def until_station(self, attempt: Attempt, station: Station) -> Attempt:
        """Wait until an attempt has come to a station."""

        async def there() -> Attempt | None:
            now = await self.runtime.store.attempts.get(attempt.id)
            return now if now.station is station else None

        return await until(there)


async def until(look: Callable[[], Awaitable[T | None]]) -> T:
    """Ask again until there is an answer; fail after some seconds."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        found = await look()
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, "it never came about"
        await asyncio.sleep(0.02)


def free_port() -> int:
    """Return a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def office_settings(sandbox: Sandbox, folder: Path, port: int) -> Settings:
    """Return settings that point at the sandbox, with everything of ours below `folder`."""
    folder.mkdir(mode=0o700, exist_ok=True)
    key_file = folder / "store.key"
    if not key_file.exists():
        key_file.touch(mode=0o600)
        key_file.write_text(secrets.token_hex(32), encoding="ascii")
    environ = {
        **sandbox.settings(port),
        "TTR_CALLBACK_LISTEN": f"127.0.0.1:{port}",
        "TTR_DATA_DIR": str(folder / "data"),
        "TTR_KEY_FILE": str(key_file),
        "TTR_HOSTING": sandbox.hosting,
        "NO_PROXY": "127.0.0.1,localhost",
    }
    settings = read_settings(environ)
    assert [fault.sentence() for fault in settings.faults if fault.severity == "fault"] == []
    return settings


@asynccontextmanager
async def open_office(
    sandbox: Sandbox, folder: Path, *, port: int = 0, who: str = "anna"
) -> AsyncIterator[Office]:
    """Open the product on `folder`; a second one on the same port uses the first one's server."""
    settings = office_settings(sandbox, folder, port or free_port())
    async with open_runtime(settings, Actor(who, "203.0.113.7"), syslog=False) as runtime:
        yield Office(runtime, sandbox, Administrator(sandbox.ca_file))
