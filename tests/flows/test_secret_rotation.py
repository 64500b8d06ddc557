"""The client secret is rotated: proven first, put in place whole, and used at once."""

from __future__ import annotations

import asyncio
import logging
import resource
import secrets
import uuid
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.installation import opened, write_env_file
from tests.office import Office, until
from ttr_tui.errors import (
    AnswerBroken,
    ClientRefused,
    NotWritten,
    SecretUnusable,
    StoreError,
    TtrError,
)
from ttr_tui.flows.secret_rotation import rotate
from ttr_tui.logs import start_log
from ttr_tui.model import Secret
from ttr_tui.sandbox import Sandbox
from ttr_tui.settings import read_settings

ENDS = date.today() + timedelta(days=180)  # noqa: DTZ011 - any day to come


async def refused(office: Office, given: str, tenant: str = "") -> TtrError:
    """Try a secret that is not taken; return why."""
    with pytest.raises(TtrError) as caught:
        await rotate(office.runtime.access, Secret(given), None, tenant=tenant)
    assert not given or given not in caught.value.sentence()
    return caught.value


async def test_a_new_secret_is_proven_put_in_place_and_used_at_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """In the env file, with its end; what it says else stays; alarms about the former one end."""
    former = sandbox.client_secret
    file = write_env_file(
        sandbox,
        tmp_path / "office",
        f"export MS_GRAPH_CLIENT_SECRET='{former}' # made by Anna",
        "TTR_CLIENT_SECRET_ENDS=2031-01-01",
    )
    before = file.read_bytes()
    async with opened(sandbox, file) as office:
        end_log = start_log(tmp_path / "log")
        access, store = office.runtime.access, office.runtime.store
        strangers, theirs = [await office.add_company(t) for t in sandbox.tenants[1:3]]
        company = await office.add_company()
        sandbox.tenants[0].grant_all()

        said = await refused(office, secrets.token_urlsafe(30))
        assert "AADSTS7000215" in said.happened
        assert "former secret stays" in said.means
        ended = sandbox.add_secret(days=-1)
        assert "has expired already" in (await refused(office, ended)).happened
        assert file.read_bytes() == before

        sandbox.registration.remove_secret(former)
        with pytest.raises(ClientRefused) as stopped:
            await access.app_token(company, fresh=True)
        for one in (company, theirs):
            await access.alarm(one, stopped.value)
        assert len(await store.alarms.list()) == 2

        new = sandbox.add_secret()
        done = await rotate(access, Secret(new), ENDS)
        assert (done.tenant_id, done.proven_by) == (company.tenant_id, company.name)
        assert (done.file, done.ends, done.ends_removed) == (file, ENDS, False)
        changed = before.replace(former.encode(), new.encode())
        assert file.read_bytes() == changed.replace(b"2031-01-01", str(ENDS).encode())
        assert await access.app_token(company)
        assert office.runtime.settings.secret_ends == ENDS
        assert await store.alarms.list() == []
        assert "in use already" in (await refused(office, new)).happened

        later = sandbox.add_secret()
        logging.getLogger("ttr_tui").warning("a line that holds %s", later)
        assert (await rotate(access, Secret(later), None)).ends_removed
        assert b"TTR_CLIENT_SECRET_ENDS" not in file.read_bytes()
        logging.getLogger("ttr_tui").warning("and now it is known: %s", later)
        written = [entry for entry in await store.journal.since() if "secret" in entry.what]
        assert [(entry.what, entry.outcome) for entry in written] == [
            ("client secret refused", "refused"),
            ("client secret refused", "refused"),
            ("client secret changed", "done"),
            ("client secret changed", "done"),
        ]
        assert not any(value in repr(written) for value in (former, new, later, ended))
        end_log()
        assert later not in (tmp_path / "log").read_text().split("and now it is known")[1]
        assert strangers.consent_proven_at is None
    again = read_settings({}, file)
    assert again.faults == ()
    assert again.require_microsoft().client_secret.reveal() == later


async def test_programs_that_run_take_the_new_secret_over(sandbox: Sandbox, tmp_path: Path) -> None:
    """From the file it was put in, without a restart; then the former one may be deleted."""
    former = sandbox.client_secret
    line = f"MS_GRAPH_CLIENT_SECRET={former}"
    file = write_env_file(sandbox, tmp_path / "office", line)
    async with (
        opened(sandbox, file) as service,
        opened(sandbox, file) as just_starting,
        opened(sandbox, file, MS_GRAPH_CLIENT_SECRET=former) as elsewhere,
        opened(sandbox, file) as office,
    ):
        company = await office.add_company()
        sandbox.tenants[0].grant_all()
        for running in (service, elsewhere):
            await running.runtime.resume()
        new = Secret(sandbox.add_secret())
        await rotate(office.runtime.access, new, ENDS)

        await just_starting.runtime.resume()

        async def taken() -> bool:
            both = (service.runtime.settings, just_starting.runtime.settings)
            return all(one.require_microsoft().client_secret == new for one in both)

        await until(taken)
        sandbox.registration.remove_secret(former)
        assert service.runtime.settings.secret_ends == ENDS
        assert await service.runtime.access.app_token(company, fresh=True)
        kept = elsewhere.runtime.settings.require_microsoft().client_secret
        assert kept == Secret(former)


async def test_a_disk_that_fills_at_the_last_moment_is_told_as_it_is(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The secret is in place, the journal is not: neither is said to be otherwise."""
    file = write_env_file(
        sandbox, tmp_path / "office", f"MS_GRAPH_CLIENT_SECRET={sandbox.client_secret}"
    )
    async with opened(sandbox, file) as office:
        await office.add_company()
        sandbox.tenants[0].grant_all()
        log = tmp_path / "office" / "data" / "store.db-wal"
        new = Secret(sandbox.add_secret())
        former = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 100, former[1]))
        try:
            with pytest.raises(StoreError) as told:
                await rotate(office.runtime.access, new, ENDS)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, former)
        assert "is in place and in use, but" in told.value.happened
        assert office.runtime.settings.require_microsoft().client_secret == new
        assert new.reveal() in file.read_text()
        written = [entry.what for entry in await office.runtime.store.journal.since()]
        assert "client secret changed" not in written


async def test_nobody_to_prove_it_and_nothing_that_could_be_one(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Without a tenant that knows the app one is named; no answer is no refusal."""
    alone = tmp_path / "secret"
    alone.touch(mode=0o600)
    alone.write_text(f"{sandbox.client_secret}\n")
    file = write_env_file(sandbox, tmp_path / "office", f"MS_GRAPH_CLIENT_SECRET_FILE={alone}")
    async with opened(sandbox, file) as office:
        access, new = office.runtime.access, sandbox.add_secret()
        assert "no company yet" in (await refused(office, new)).happened
        await office.add_company(sandbox.tenants[1])
        said = await refused(office, new)
        assert "No tenant proved the new client secret" in said.happened
        assert said.evidence.code == "AADSTS7000229"
        assert "--tenant DOMAIN" in said.cure

        for given, problem in (
            ("", "is empty"),
            (str(uuid.uuid4()), "is shaped like the secret's ID"),
            ("<your secret>", "still holds a placeholder"),
            (f"{new} ", "holds a space"),
            ("x" * 5000, "is far longer than a secret"),
            (sandbox.client_secret, "in use already"),
        ):
            assert problem in (await refused(office, given)).happened
        with pytest.raises(SecretUnusable, match="ended on 2020-01-01"):
            await rotate(access, Secret(new), date(2020, 1, 1))

        sandbox.dials.at, sandbox.dials.html_next = "login POST", 20
        with pytest.raises(AnswerBroken):
            await rotate(access, Secret(new), None, tenant=sandbox.home.domain)
        sandbox.dials.reset()
        assert alone.read_text() == f"{sandbox.client_secret}\n"

        done = await rotate(access, Secret(new), ENDS, tenant=sandbox.home.domain)
        assert (done.file, done.proven_by) == (alone, sandbox.home.domain)
        assert alone.read_text() == f"{new}\n"
        assert f"TTR_CLIENT_SECRET_ENDS={ENDS}".encode() in file.read_bytes()

        sandbox.dials.at, sandbox.dials.slow_seconds = "login POST", 0.3
        waits = asyncio.ensure_future(
            rotate(access, Secret(sandbox.add_secret()), None, tenant=sandbox.home.domain)
        )
        await asyncio.sleep(0.1)
        alone.write_text("somebody else's\n")
        with pytest.raises(NotWritten, match="changed by somebody else meanwhile"):
            await waits
        assert alone.read_text() == "somebody else's\n"
        entries = await office.runtime.store.journal.since()
        assert sum(entry.what == "client secret changed" for entry in entries) == 1


async def test_where_it_cannot_be_changed_from_here_it_says_where(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The process environment, a credential of systemd's; Microsoft is not asked then."""
    file = write_env_file(sandbox, tmp_path / "office")
    environ = {"MS_GRAPH_CLIENT_SECRET": sandbox.client_secret, "TTR_CLIENT_SECRET_ENDS": str(ENDS)}
    async with opened(sandbox, file, **environ) as office:
        new, access = sandbox.add_secret(), office.runtime.access
        asked = len(sandbox.seen)
        assert "process environment" in (await refused(office, new)).happened
        credential = tmp_path / "ttr-client-secret"
        credential.touch(mode=0o600)
        credential.write_text(sandbox.client_secret)
        given = {"MS_GRAPH_CLIENT_SECRET_FILE": str(credential)}
        access.settings = read_settings(given | {"CREDENTIALS_DIRECTORY": str(tmp_path)}, file)
        said = await refused(office, new)
        assert "is a credential that systemd put at" in said.happened
        assert "systemctl restart" in said.cure
        assert len(sandbox.seen) == asked

        both = given | {"TTR_CLIENT_SECRET_ENDS": str(ENDS)}
        access.settings = replace(read_settings(both, file), data_dir=access.settings.data_dir)
        done = await rotate(access, Secret(new), None, tenant=sandbox.home.domain)
        assert credential.read_text() == new
        assert "process environment names the former secret's end" in done.left_to_do[0]
