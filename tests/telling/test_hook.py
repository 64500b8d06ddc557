"""The hook is told of each change of state, once; it can neither block nor see anything."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.office import office_settings, until
from tests.store.premises import NOON, Connected, Premises
from tests.telling.conftest import Hook
from ttr_tui import telling
from ttr_tui.errors import StoreError, TtrError
from ttr_tui.flows import companies
from ttr_tui.model import Actor, Check, Finding, Problem, Status, Verdict, now
from ttr_tui.runtime import open_runtime
from ttr_tui.sandbox import Sandbox
from ttr_tui.store import Store
from ttr_tui.telling import Pace, Teller

STOPPED = Problem("ClientRefused", "The secret has expired.", "", "you", "", "AADSTS7000222")


async def change(of: Connected, status: Status, reason: str = "") -> None:
    async with of.store.transaction() as tx:
        await of.store.authentications.mark(tx, of.own.id, status, reason, now())


async def left(store: Store) -> int:
    row = await store._db.row("SELECT count(*) FROM changes")
    return int(row[0]) if row else 0


async def test_it_is_started_bare(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No shell, no argument, nothing of our environment, a session of its own, and its stdin."""
    monkeypatch.setenv("MS_GRAPH_CLIENT_SECRET", secrets.token_hex())
    hook.does(
        'echo "$#" > "$heard"; pwd >> "$heard"',
        'env | grep -v -e ^_= -e ^PWD= | sort >> "$heard"',
        'ps -o sid= -p $$ >> "$heard"; cat >> "$heard"; echo noise; echo noise >&2',
    )
    assert await telling.run(hook.path, b"the document") == ""
    count, folder, lang, path, session, given = hook.heard.read_text("utf-8").split("\n")
    assert (count, folder, given) == ("0", "/", "the document")
    assert (lang, path) == ("LANG=C.UTF-8", f"PATH={telling.ENVIRONMENT['PATH']}")
    assert int(session) != os.getsid(0)


async def test_what_goes_wrong_with_it_is_a_sentence(hook: Hook) -> None:
    """Status, signal, no such program; whoever does not read is not waited for."""
    much = b"x" * 1_000_000
    for script, trouble in (
        ("exit 3", "It ended with status 3."),
        ("kill -TERM $$", "Signal 15 ended it."),
        ("exit 0", ""),
    ):
        hook.does(script)
        assert await telling.run(hook.path, much) == trouble
    hook.path.chmod(0o600)
    assert await telling.run(hook.path, b"") == "It cannot be run: Permission denied."
    hook.path.unlink()
    assert await telling.run(hook.path, b"") == "It cannot be run: No such file or directory."


async def test_what_hangs_is_killed_with_all_it_started(hook: Hook) -> None:
    """The whole group: nothing of it is left behind."""
    hook.does('sleep 60 & echo $! > "$heard"', "wait")
    assert await telling.run(hook.path, b"", 0.3) == "It did not end within 0 s and was killed."
    stat = Path("/proc") / hook.heard.read_text("ascii").strip() / "stat"

    async def ended() -> bool:
        with suppress(FileNotFoundError):
            return stat.read_text("ascii").rpartition(")")[2].split()[0] == "Z"
        return True

    await until(ended)


async def test_each_change_is_told_once(connected: Connected, hook: Hook) -> None:
    """Authentications, companies, readiness: in order, in one run, with harmless text."""
    store, company = connected.store, connected.company
    teller = Teller(store, hook.path)
    await change(connected, Status.HEALTHY)
    await change(connected, Status.HEALTHY, "said again")
    await change(connected, Status.REFUSED, "A new \u202epassword.")
    async with store.transaction() as tx:
        await store.alarms.raise_one(tx, company.id, STOPPED.code, STOPPED)
        await store.alarms.raise_one(tx, company.id, STOPPED.code, STOPPED)
        found = Finding(Check.CLIENT_SECRET, Verdict.FAIL, "it ended yesterday", NOON)
        await store.findings.put(tx, company.id, [found])
        await store.alarms.clear(tx, company.id)
    await teller.finish()
    assert len(hook.runs) == 1
    told = [(c["kind"], c["subject"], c["before"], c["after"], c["reason"]) for c in hook.told]
    own = connected.own.id
    assert told == [
        ("authentication", own, "unproven", "healthy", ""),
        ("authentication", own, "healthy", "refused", "A new <U+202E>password."),
        ("company", "AADSTS7000222", "working", "stopped", "The secret has expired."),
        ("readiness", "client secret", "", "fail", "it ended yesterday"),
        ("company", "AADSTS7000222", "stopped", "working", ""),
    ]
    first = hook.told[0]
    assert (first["company"], first["company_id"]) == ("Contoso<1b>[2J Ltd", company.id)
    assert (first["authentication"], first["name"]) == ("own", "Dana Petrova")
    assert first["address"] == "dana.petrova@contoso.example"
    assert hook.told[3]["at"] == "2026-11-23T12:00:00Z"
    assert "authentication" not in hook.told[2]
    await teller.finish()
    assert (len(hook.runs), await left(store)) == (1, 0)


async def test_the_documented_example_is_what_is_told(connected: Connected) -> None:
    """docs/health.md shows the very keys, of an authentication and of a company."""
    page = Path(__file__).parent.parent.parent / "docs" / "health.md"
    example = page.read_text("utf-8").split("```json\n", 1)[1].split("```", 1)[0]
    await change(connected, Status.REFUSED)
    async with connected.store.transaction() as tx:
        await connected.store.alarms.raise_one(tx, connected.company.id, STOPPED.code, STOPPED)
    told = json.loads(telling.document(await connected.store.changes.claim()))
    shown = json.loads(example)
    assert [list(one) for one in shown["changes"]] == [list(one) for one in told["changes"]]


async def test_a_hook_that_fails_is_journalled_once_and_given_up(
    connected: Connected, hook: Hook
) -> None:
    """Tried again after pauses that grow; then the rows go, and the journal says so."""
    store = connected.store
    hook.does('cat >> "$heard"; exit 7')
    await change(connected, Status.REFUSED)
    patient = Teller(store, hook.path)
    await patient.finish()
    await patient.finish()
    assert len(hook.runs) == 1, "not before its pause is over"
    at_once = Pace(pauses=(0.0, 0.0, 0.0))
    for _ in range(3):
        await Teller(store, hook.path, at_once).finish()
    assert (len(hook.runs), await left(store)) == (4, 0)
    await change(connected, Status.HEALTHY)
    await Teller(store, hook.path).finish()
    hook.does('cat >> "$heard"')
    await Teller(store, hook.path).finish()
    assert (len(hook.runs), await left(store)) == (6, 0)
    entries = [(e.what, e.detail) for e in await store.journal.since()]
    assert entries == [
        ("hook failed", "It ended with status 7."),
        ("changes not told", "The hook failed 4 times: It ended with status 7."),
        ("hook works again", ""),
    ]


async def test_one_process_tells_and_what_a_killed_one_left_is_told(
    connected: Connected, hook: Hook, premises: Premises
) -> None:
    """Two programs on one store do not tell twice, and nothing hangs on one that is dead."""
    store = connected.store
    await change(connected, Status.HEALTHY)
    async with premises.opened() as other:
        assert await other.turns.take("telling")
        await Teller(store, hook.path).finish()
        assert hook.runs == []
    await Teller(store, hook.path).finish()
    assert len(hook.told) == 1
    dead = secrets.token_hex(16)
    await change(connected, Status.REFUSED)
    async with store.transaction() as tx:
        await tx.execute("UPDATE changes SET teller = ?", (dead,))
        await store.set_note(tx, "turn of telling", dead)
    await Teller(store, hook.path).finish()
    assert [one["after"] for one in hook.told] == ["healthy", "refused"]


async def test_without_a_hook_changes_are_forgotten(connected: Connected) -> None:
    """The table is bounded; what has just changed waits a while for a program that has one."""
    store, teller = connected.store, Teller(connected.store, None)
    await change(connected, Status.HEALTHY)
    await teller.finish()
    assert await left(store) == 1
    ago = telling.UNTOLD_FOR + timedelta(minutes=1)
    async with store.transaction() as tx:
        await tx.execute("UPDATE changes SET at = at - ?", (ago // timedelta(microseconds=1),))
    await teller.finish()
    assert await left(store) == 0


async def test_trouble_of_the_store_ends_no_telling(
    connected: Connected, hook: Hook, premises: Premises
) -> None:
    """A store that cannot be read for a moment is watched again when it can."""
    teller = Teller(connected.store, hook.path, Pace(gather=0.0, watch_again=0.05))
    following = asyncio.ensure_future(teller.follow())
    await change(connected, Status.HEALTHY)

    async def healthy() -> bool:
        told = [c["after"] for c in hook.told] == ["healthy"]
        return told and not await left(connected.store)

    await until(healthy)
    sidecar, kept = premises.data / "store.id", premises.data / "kept"
    sidecar.rename(kept)
    sidecar.write_text("damaged")
    await asyncio.sleep(0.6)
    with pytest.raises(StoreError):
        await connected.store.companies.list()
    kept.rename(sidecar)
    await change(connected, Status.REFUSED)

    async def refused() -> bool:
        return [c["after"] for c in hook.told] == ["healthy", "refused"]

    await until(refused)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await teller.finish()


async def test_a_running_program_tells_as_changes_come(
    sandbox: Sandbox, tmp_path: Path, hook: Hook
) -> None:
    """A short command tells at its end, a long-lived one at once, whatever is still to be told."""
    settings = replace(office_settings(sandbox, tmp_path / "office", 1), hook=hook.path)
    anna = Actor("anna", "")
    async with open_runtime(settings, anna, syslog=False, serve=False) as runtime:
        tenant = sandbox.tenants[0]
        found = await companies.resolve(runtime.access, tenant.domain)
        company = await companies.add(runtime.access, tenant.name, tenant.domain, found)
        tenant.grant_all()
        sandbox.dials.secret_expired = True
        with pytest.raises(TtrError):
            await runtime.access.app_token(company)
        assert hook.told == []
    assert [(c["company"], c["after"]) for c in hook.told] == [(company.name, "stopped")]

    async with open_runtime(settings, anna, syslog=False, serve=False) as runtime:
        await runtime.resume()
        sandbox.dials.reset()
        await runtime.access.app_token(company, fresh=True)

        async def told() -> bool:
            heard = [c["after"] for c in hook.told] == ["stopped", "working"]
            return heard and not await left(runtime.store)

        await until(told)
        before = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - before < 2
