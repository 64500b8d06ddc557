"""`check` and `forecast` as a monitoring system runs them: first line, lines, exit status."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from click.testing import CliRunner

from tests.cli.conftest import Program
from tests.flows.test_bulk_add import add, members
from tests.office import open_office
from ttr_tui.cli.root import program
from ttr_tui.flows import polling
from ttr_tui.model import Company, now
from ttr_tui.store import BACKUP_NOTE


@pytest.fixture
async def watched(ttr: Program) -> AsyncIterator[Company]:
    """A company with a Company Master and one agent, a secret with a year left, and a backup."""
    year = (now() + timedelta(days=365)).date().isoformat()
    ttr.settings["TTR_CLIENT_SECRET_ENDS"] = year
    ttr.write()
    async with open_office(ttr.sandbox, ttr.folder, port=ttr.port) as office:
        company = await office.connected()
        await polling.poll(office.runtime.access, company)
        await add(office, company, await members(office, company, 1))
        store = office.runtime.store
        async with store.transaction() as tx:
            await store.set_note(tx, BACKUP_NOTE, now().isoformat())
    yield company
    ttr.sandbox.dials.reset()


async def test_a_company_that_is_well_and_then_is_not(ttr: Program, watched: Company) -> None:
    """Nothing green that was not seen, and exactly what was broken is named."""
    well = await ttr("check", watched.domain, "--all", "--json")
    assert (well.status, well.err.count("\n")) == (0, 1), well.out + well.err
    assert (well.record["state"], well.record["status"]) == ("ok", 0)
    (seen,) = well.record["companies"]
    assert [one["step"] for one in seen["findings"]] == [1, 2, 3, 4, 5, 6, 7, None, None]
    verdicts = {one["check"]: one["verdict"] for one in seen["findings"]}
    assert verdicts.pop("authentication settings") == "not known"
    assert set(verdicts.values()) == {"pass"}
    assert seen["authentications"]["healthy"] == 2
    assert seen["authentications"]["troubled"] == []

    ahead = await ttr("forecast", watched.name)
    assert ahead.status == 0, ahead.out
    first, *lines = ahead.out.splitlines()
    assert first.startswith(f"TTR OK - {watched.name}: next is keep-alive due in 2 d | fail=0 ")
    assert [line.split()[1] for line in lines] == [
        "keep-alive",
        "backup",
        "authentication",
        "client",
    ]

    dials = ttr.sandbox.dials
    dials.redirects_foreign, dials.granted_missing = {"https://old.example/cb"}, {"User.Read.All"}
    dials.refresh_revoked = True
    broken = await ttr("check", "--all", "--details")
    assert broken.status == 2
    first, *lines = broken.out.splitlines()
    assert first.startswith(
        "TTR CRITICAL - Contoso Ltd: 3 fail (API permissions, the administrator"
    )
    rows = [line for line in lines if not line.startswith(" ")]
    assert {line.split("Contoso Ltd")[0].strip() for line in rows} <= {
        "PASS",
        "FAIL",
        "WARNING",
        "UNKNOWN",
    }
    assert any(line.startswith("WARNING  Contoso Ltd  redirect URLs ") for line in rows)
    assert any("warning        https://old.example/cb - not ours" in line for line in lines)
    (refused,) = [line for line in rows if " authentication  " in line]
    assert "Company Master, Anna Weber, refused: " in refused

    ahead = await ttr("forecast", "--json")
    assert (ahead.status, ahead.record["state"]) == (2, "critical")
    (ended,) = [one for one in ahead.record["due"] if one["verdict"] == "fail"]
    assert (ended["kind"], ended["company"], ended["days"]) == ("authentication", "Contoso Ltd", -1)


async def test_what_cannot_be_known_is_status_3(ttr: Program, watched: Company) -> None:
    """Silence, a name that nobody goes by, a store that does not open.

    Faulty settings are 2, and so is a server that does not run where it has to.
    """
    unserved = await ttr("check", watched.name, "--service")
    assert unserved.status == 2
    assert "FAIL     env file" in unserved.out
    assert "no server runs here" in unserved.out

    ttr.sandbox.dials.hang = True
    silent = await ttr("check", watched.name, "--timeout", "1")
    assert silent.status == 3, silent.out
    assert "env file                  5 of 5" in silent.out
    assert silent.out.count("no answer within 1 s") >= 7
    ttr.sandbox.dials.hang = False

    nobody = await ttr("check", "Nobody", "--json")
    assert (nobody.status, nobody.record["status"]) == (3, 3)
    assert nobody.record["error"]["kind"] == "CompanyUnknown"

    ttr.write(MS_GRAPH_CLIENT_ID="no-guid")
    faulty = await ttr("check")
    assert faulty.status == 2
    assert faulty.out.startswith("TTR CRITICAL - Contoso Ltd: 1 fail (env file)")
    assert "FAIL     Contoso Ltd  env file                  1 fault in the settings" in faulty.out

    ttr.write()
    (ttr.folder / "store.key").write_text(secrets.token_hex(32))
    shut = await ttr("forecast")
    assert shut.status == 3
    assert shut.out.startswith("TTR UNKNOWN - The store in ")
    assert len(shut.out.splitlines()) == 1


def test_a_fault_of_ours_is_status_3() -> None:
    """Python's own status, 1, would be a warning; no value of ours is shown."""
    script = """
from ttr_tui.cli import monitoring, report_without_values
def fail():
    raise ValueError(chr(120) * 9)
report_without_values()
monitoring.Probe("probe", callback=fail).main([])
"""
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stdout.startswith("TTR UNKNOWN - a fault of ours")
    assert "ValueError" in done.stderr
    assert "xxxxxxxxx" not in done.stderr


@pytest.mark.parametrize(
    "words", [["check", "--nonsense"], ["forecast", "a", "b"], ["check", "--timeout", "0"]]
)
def test_wrong_use_is_status_3(words: list[str]) -> None:
    """2 would tell a monitoring system that something is broken."""
    done = CliRunner().invoke(program, words)
    assert (done.exit_code, done.stdout) == (3, "")
    assert "Error: " in done.stderr
    as_json = CliRunner().invoke(program, [*words, "--json"])
    assert as_json.exit_code == 3
    assert '"kind": "WrongUse"' in as_json.stdout
