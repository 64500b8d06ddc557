"""Ten thousand malformed requests against the whole product: nothing breaks, changes or grows."""

from __future__ import annotations

import asyncio
import gc
import random
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.callback.test_malformed import requests
from tests.office import Office
from ttr_tui.model import Purpose

MANY = 10_000
AT_ONCE = 100
PATIENCE = 0.2
"""Seconds for an answer; a request that never ends gets none, and is left."""
GROWTH = 8 << 20
"""Bytes the process may have more after the last 8,000 than after the first 2,000."""

_KEPT = ("attempts", "authorization_requests", "kept_sign_ins", "agents", "authentications", "keys")


def resident() -> int:
    """Return the bytes this process holds in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def spoiled(sent: bytes, chance: random.Random) -> bytes:
    """Return a request with some of its bytes lost, doubled or replaced."""
    made = bytearray(sent)
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(made) + 1)
        made[at : at + chance.randrange(6)] = chance.randbytes(chance.randrange(6))
    return bytes(made)


async def status(port: int, sent: bytes) -> bytes:
    """Return the first digit of an answer's status, empty for none."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(sent)
                return (await reader.read(64))[9:10]
            finally:
                writer.transport.abort()
    except OSError:  # a time limit is one
        return b""


async def kept(office: Office) -> list[list[tuple[object, ...]]]:
    """Return every row that a request could have changed."""
    db = office.runtime.store._db
    return [[tuple(row) for row in await db.rows(f"SELECT * FROM {name}")] for name in _KEPT]  # noqa: S608 - our own names


@settings(
    max_examples=1,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(pool=st.lists(requests(), min_size=150, max_size=150))
async def test_ten_thousand_malformed_requests_change_nothing(
    office: Office, pool: list[bytes]
) -> None:
    """No answer of 500 or above, the same rows as before, and no more memory."""
    company = await office.add_company()
    for purpose in (Purpose.ADMIN_CONSENT, Purpose.COMPANY_MASTER):
        await office.runtime.begin(company, purpose)
    before, chance = await kept(office), random.Random(10)  # noqa: S311 - the same each time
    port = office.runtime.settings.listen[1]
    statuses: set[bytes] = set()

    async def ask(count: int) -> None:
        for _ in range(count):
            statuses.add(await status(port, spoiled(chance.choice(pool), chance)))

    await asyncio.gather(*(ask(MANY // AT_ONCE // 5) for _ in range(AT_ONCE)))
    early = resident()
    await asyncio.gather(*(ask(MANY // AT_ONCE * 4 // 5) for _ in range(AT_ONCE)))
    assert statuses <= {b"", b"2", b"3", b"4"}
    assert b"4" in statuses
    assert await kept(office) == before
    assert resident() - early < GROWTH
