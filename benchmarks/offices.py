"""Installations of the product in folders of their own, connected and filled as a person would."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tenant import Tenant
from ttr_tui.flows import companies, polling, sign_in
from ttr_tui.model import Actor, Company, Purpose, Station
from ttr_tui.query import Query
from ttr_tui.runtime import Runtime, open_runtime
from ttr_tui.sandbox.browser import Administrator
from ttr_tui.settings import read_settings
from ttr_tui.store import DirectoryCopy

PATIENCE = 60.0

_SAME = 4
"""Looks at a size, half a second apart, that find the same."""


@dataclass(frozen=True)
class Office:
    """An installation: what it is told, and where it lies."""

    folder: Path
    settings: dict[str, str]
    domain: str

    @property
    def environ(self) -> dict[str, str]:
        """The settings of this installation, as a process is given them."""
        return {
            **self.settings,
            "TTR_DATA_DIR": str(self.folder / "data"),
            "TTR_KEY_FILE": str(self.folder / "store.key"),
            "TTR_ENV_FILE": str(self.folder / "env"),
            "NO_PROXY": "127.0.0.1,localhost",
        }

    @property
    def port(self) -> int:
        """The port its callback server listens on."""
        return int(self.settings["TTR_CALLBACK_LISTEN"].rpartition(":")[2])

    def copied(self, folder: Path) -> Office:
        """Return a copy in another folder; none of its processes may be running."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        return Office(folder, self.settings, self.domain)

    def written(self) -> Path:
        """Write its settings down for a process that is given a file; return that."""
        file = self.folder / "settings.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps({**self.environ, "BENCH_DOMAIN": self.domain}), encoding="utf-8")
        return file

    @asynccontextmanager
    async def opened(self, *, serve: bool = False) -> AsyncIterator[Runtime]:
        """Open the product on it, in this process."""
        async with opened(self.environ, serve=serve) as runtime:
            yield runtime

    async def read_directory(self) -> None:
        """Poll the company's whole directory, and wait until all of it stands in order."""
        async with self.opened() as runtime:
            company = await company_of(runtime)
            await polling.poll(runtime.access, company)
            await wait_for_order(await runtime.store.directory(company))
            await self.wait_for_room()

    async def wait_for_room(self) -> None:
        """Wait until the copy has given back what building its order took."""
        sizes: list[int] = []
        while len(sizes) < _SAME or len(set(sizes[-_SAME:])) > 1:
            await asyncio.sleep(0.5)
            sizes.append(self.size_of_copy)

    @property
    def size_of_copy(self) -> int:
        """The bytes that the copy of its directory takes."""
        return sum(file.stat().st_size for file in self.folder.glob("data/directory-*"))


@asynccontextmanager
async def opened(environ: dict[str, str], *, serve: bool = False) -> AsyncIterator[Runtime]:
    """Open the product with these settings; nothing is resumed."""
    settings = read_settings(environ)
    settings.require_microsoft()
    async with open_runtime(
        settings, Actor("bench", "127.0.0.1"), serve=serve, syslog=False
    ) as runtime:
        yield runtime


async def company_of(runtime: Runtime) -> Company:
    """Return the only company there is."""
    return (await runtime.store.companies.list())[0]


async def wait_for_order(copy: DirectoryCopy) -> None:
    """Wait until everybody in a copy has a place in name order, and in the index."""
    await copy.first(Query(), 1)
    while (await copy.state()).unplaced:  # noqa: ASYNC110 - the copy tells nobody
        await asyncio.sleep(0.05)


async def connect(tenant: Tenant, folder: Path) -> Office:
    """Make an installation, grant it admin permission, and sign in its Company Master."""
    _prepare(folder)
    office = Office(folder, tenant.settings(free_port()), tenant.domain)
    browser = Administrator(Path(office.settings["TTR_CA_FILE"]))
    async with office.opened(serve=True) as runtime:
        found = await companies.resolve(runtime.access, tenant.domain)
        company = await companies.add(runtime.access, tenant.name, tenant.domain, found)
        consent = await runtime.begin(company, Purpose.ADMIN_CONSENT)
        await browser.follow(consent.link)
        await _until_proven(runtime, consent.id)
        signing_in = await runtime.begin(company, Purpose.COMPANY_MASTER)
        await browser.follow(signing_in.link)
        await sign_in.confirm(runtime.access, await runtime.store.attempts.get(signing_in.id))
    return office


def _prepare(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700)
    key = folder / "store.key"
    key.touch(mode=0o600)
    key.write_text(secrets.token_hex(32), encoding="ascii")
    (folder / "env").touch(mode=0o600)


async def _until_proven(runtime: Runtime, attempt_id: str) -> None:
    async with asyncio.timeout(PATIENCE):
        async for _ in runtime.store.watch():
            if (await runtime.store.attempts.get(attempt_id)).station is Station.PROVEN:
                return


def free_port() -> int:
    """Return a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
