"""The directory: the same from the same seed, the world's names, every kind, quickly made."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from tests.sandbox.client import client_of, until
from ttr_tui.sandbox import Sandbox
from ttr_tui.sandbox.names import CURIOUS
from ttr_tui.sandbox.people import Directory, Kind


def shown(directory: Directory) -> list[tuple[str, str, str]]:
    return [(p.id, p.display_name, p.user_principal_name) for p in directory.people]


def test_a_seed_makes_the_same_people() -> None:
    """Twice the same, and other people from another seed."""
    first, again, other = (Sandbox(users=300, seed=seed).tenants[0] for seed in (1, 1, 2))
    assert shown(first.directory) == shown(again.directory)
    assert first.id == again.id != other.id
    assert shown(first.directory)[4:] != shown(other.directory)[4:]


def test_sizes() -> None:
    """The first tenant has as many users as asked, administrators among them; others fewer."""
    made = Sandbox(users=1000, tenants=5)
    assert [len(t.directory.people) for t in made.tenants] == [1000, 400, 400, 400, 400]
    assert len({t.domain for t in made.tenants}) == 5
    assert len(Sandbox(users=1).tenants[0].directory.people) == 4


def test_a_hundred_thousand_people() -> None:
    """Made in under two seconds, with unique ids and addresses and many equal names."""
    tenant = Sandbox(users=100_000).tenants[0]
    started = time.process_time()
    people = tenant.directory.people
    assert time.process_time() - started < 2
    assert len(people) == 100_000
    assert len({p.id for p in people}) == len({p.user_principal_name for p in people}) == 100_000
    assert max(Counter(p.display_name for p in people).values()) > 10
    assert {p.kind for p in people} == set(Kind)
    scripts = {unicodedata.name(p.display_name[0], "?").split()[0] for p in people}
    wanted = {"LATIN", "CYRILLIC", "GREEK", "CJK", "HANGUL", "ARABIC", "HEBREW", "DEVANAGARI"}
    assert wanted | {"THAI", "TAMIL"} <= scripts
    assert any(p.department is None for p in people)
    assert any(p.mail is None for p in people)
    assert all("#EXT#" in p.user_principal_name for p in people if p.kind is Kind.GUEST)


def test_kinds_look_as_they_do_at_microsoft() -> None:
    """Shared mailboxes and rooms are disabled, unlicensed, and have an address and a mailbox."""
    people = Sandbox(users=2000).tenants[0].directory.people
    for person in people:
        if person.kind in {Kind.SHARED, Kind.ROOM}:
            assert not person.account_enabled
            assert not person.licensed
            assert person.mail
        assert person.mailbox == (person.licensed or person.kind in {Kind.SHARED, Kind.ROOM})
    assert {p.account_enabled for p in people if p.kind is Kind.DISABLED} == {False}


def test_curious_names_are_asked_for() -> None:
    """Names that try a program out stand in a directory only where it is wanted."""
    plain, odd = (Sandbox(users=60, curious=wish).tenants[0].directory for wish in (False, True))
    names = [person.display_name for person in odd.people]
    assert set(CURIOUS) <= set(names)
    assert not set(CURIOUS) & {person.display_name for person in plain.people}
    assert all(p.kind is Kind.MEMBER for p in odd.people if p.display_name in CURIOUS)


def check_folder(folder: Path) -> None:
    files = list(folder.iterdir())
    assert [path.name for path in files] == ["sandbox-ca.pem"]
    assert folder.stat().st_mode & 0o077 == 0
    assert "PRIVATE" not in files[0].read_text()


async def test_nothing_is_left_behind() -> None:
    """While it runs there is one public certificate on disk, no key; afterwards nothing."""
    sandbox = Sandbox(users=5)
    with pytest.raises(RuntimeError):
        sandbox.ca_file  # noqa: B018  # reading it is the point
    await sandbox.start()
    folder: Path = sandbox.ca_file.parent
    check_folder(folder)
    await sandbox.stop()
    assert not await asyncio.to_thread(folder.exists)


async def test_settings_point_at_it(sandbox: Sandbox) -> None:
    """Five redirect URIs are registered; the roots are https on loopback without a path."""
    async with client_of(sandbox) as client:
        settings = sandbox.settings(8400)
        assert settings["MS_GRAPH_REDIRECT"] == "http://localhost:8400/account/microsoft/auth"
        assert settings["MS_GRAPH_AUTHORITY_HOST"] == sandbox.authority_host
        assert settings["TTR_CALLBACK_LISTEN"] == "127.0.0.1:8400"
        assert len({v for n, v in settings.items() if n.startswith("MS_GRAPH_REDIRECT")}) == 5
        assert sandbox.client_secret not in repr(sandbox.registration)
        assert client.redirects.keys() == settings.keys()


async def test_it_stops_while_somebody_waits() -> None:
    """A hanging request does not hold the sandbox up."""
    sandbox = Sandbox(users=5)
    await sandbox.start()
    async with client_of(sandbox) as client:
        await client.consent()
        token = await client.app_token()
        sandbox.dials.slow_seconds = 60
        started = time.monotonic()
        waiting = asyncio.create_task(client.graph("/organization", token))
        await until(lambda: sandbox.seen[-1].startswith("graph"))
        await sandbox.stop()
        assert time.monotonic() - started < 5
        with pytest.raises(aiohttp.ClientError):
            await waiting
