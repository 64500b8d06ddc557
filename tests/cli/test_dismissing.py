"""`companies dismiss`: what is said to stop a company ends, and the journal has who said so."""

from __future__ import annotations

import asyncio
import json
import secrets
from pathlib import Path

from click.testing import CliRunner, Result

from tests.screens.test_invitations_words import CONTOSO
from ttr_tui.cli.root import program
from ttr_tui.model import Actor, Problem
from ttr_tui.runtime import open_runtime
from ttr_tui.settings import read_settings


async def stopped(env_file: Path) -> None:
    """A store with one company, which a policy stops."""
    settings, actor = read_settings({}, env_file), Actor("anna", "")
    policy = Problem("TokenRefused", "A policy blocked it.", code="AADSTS53003")
    async with (
        open_runtime(settings, actor, serve=False, syslog=False) as runtime,
        runtime.store.transaction() as tx,
    ):
        await runtime.store.companies.add(tx, CONTOSO)
        await runtime.store.alarms.raise_one(tx, CONTOSO.id, policy.code, policy)


def test_what_is_said_to_stop_a_company_is_dismissed(tmp_path: Path) -> None:
    """Asked first; a second time there is nothing to dismiss."""
    data, key_file, env_file = tmp_path / "data", tmp_path / "key", tmp_path / "env"
    for path, words in (
        (key_file, secrets.token_hex(32)),
        (env_file, f"TTR_DATA_DIR={data}\nTTR_KEY_FILE={key_file}\n"),
    ):
        path.touch(mode=0o600)
        path.write_text(words, encoding="utf-8")
    asyncio.run(stopped(env_file))

    def dismiss(*more: str) -> Result:
        words = ["--env-file", str(env_file), "companies", "dismiss", CONTOSO.name, *more]
        return CliRunner().invoke(program, words)

    unasked = dismiss()
    assert unasked.exit_code != 0
    done = dismiss("--yes", "--json")
    assert json.loads(done.stdout)["dismissed"] == ["AADSTS53003"]
    assert "no alarms of Contoso Ltd dismissed" in dismiss("--yes").output
    journal = CliRunner().invoke(program, ["--env-file", str(env_file), "journal", "--json"])
    told = [entry for entry in json.loads(journal.stdout)["entries"] if "alarm" in entry["what"]]
    assert [entry["subject"] for entry in told] == ["AADSTS53003"]
