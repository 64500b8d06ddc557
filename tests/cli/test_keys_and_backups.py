"""`backup`, `restore` and `keys`: from the shell, and what they mean for programs that run."""

from __future__ import annotations

import asyncio
import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.office import free_port, office_settings, open_office, until
from tests.screens.seat import seated
from ttr_tui.cli import serve
from ttr_tui.cli.output import Output
from ttr_tui.cli.root import program
from ttr_tui.errors import StoreKeyWrong
from ttr_tui.sandbox import Sandbox
from ttr_tui.store.keys import StoreKey, new_key


class Shell:
    """Commands on a store in a folder, without Microsoft."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key_file = folder, folder / "conf" / "store.key"
        self.key_file.parent.mkdir(mode=0o700)
        self.put_key(new_key().hex())
        self.env_file = folder / "env"
        self.env_file.touch(mode=0o600)
        self.env_file.write_text(
            f"TTR_DATA_DIR={folder / 'data'}\nTTR_KEY_FILE={self.key_file}\n", encoding="utf-8"
        )

    def put_key(self, written: str) -> None:
        self.key_file.touch(mode=0o600)
        self.key_file.write_text(written, encoding="ascii")

    def __call__(self, *words: str) -> Result:
        done = CliRunner().invoke(program, ["--env-file", str(self.env_file), *words])
        assert self.key_file.read_text(encoding="ascii").strip() not in done.output
        return done

    def record(self, *words: str) -> dict[str, Any]:
        done = self(*words, "--json")
        assert done.exit_code == 0, done.output
        document: dict[str, Any] = json.loads(done.stdout)
        return document


def test_a_store_is_backed_up_moved_and_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup with and without a name; wrong keys with both ids; questions nobody can answer; the
    store that a restore replaces is kept.
    """
    shell = Shell(tmp_path)
    assert "There is no store" in shell("keys", "show").stderr
    made = shell("companies", "list")
    assert made.exit_code == 0
    key = shell.record("keys", "show")
    assert f"Its key is {key['key_id']}" in made.stderr
    assert key["key_file"] == str(shell.key_file)
    monkeypatch.chdir(tmp_path)
    named = shell("backup")
    assert f"{key['key_id']}.backup" in named.stdout
    file = tmp_path / "first.backup"
    assert shell("backup", str(file)).stdout == f"{file}\n"
    refused = shell("backup", "make", str(file))
    assert (refused.exit_code, "never written over" in refused.stderr) == (1, True)
    assert shell.record("backup", str(tmp_path / "two"))["key_id"] == key["key_id"]
    seen = shell.record("backup", "verify", str(file))
    assert (seen["key_id"], seen["counts"]["companies"]) == (key["key_id"], 0)
    assert seen["made_at"] is not None

    former = shell.key_file.read_text(encoding="ascii")
    asked = shell("keys", "rotate")
    assert (asked.exit_code, "Nobody can be asked" in asked.stderr) == (1, True)
    moved = shell.record("keys", "rotate", "--yes")
    assert (moved["former_key_id"], moved["installed"]) == (key["key_id"], True)
    assert shell.record("keys", "show")["key_id"] == moved["key_id"]
    assert former not in shell.key_file.read_text(encoding="ascii")
    wrong = shell("backup", "verify", str(file))
    assert wrong.exit_code == 1
    assert key["key_id"] in wrong.stderr
    assert moved["key_id"] in wrong.stderr

    shell.put_key(former)
    assert moved["key_id"] in shell("keys", "show").stderr
    assert "already" in shell("restore", str(file), "--yes").stderr
    assert "comes back" in shell("restore", str(file), "--yes").stderr
    restored = shell.record("restore", str(file), "--replace", "--yes")
    assert Path(restored["kept_aside"]).is_dir()
    assert shell.record("keys", "show")["key_id"] == key["key_id"]
    journal = shell.record("journal")["entries"]
    assert [entry["what"] for entry in journal] == ["backed up", "restored"]


async def test_what_cannot_have_the_new_key_ends_and_says_why(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The service ends as failed, so that it is started again with the new credential; the full
    screen ends too. Neither shows or stores anything more.
    """
    folder, port = tmp_path / "product", free_port()
    folder.mkdir(mode=0o700)
    # No name is left for a key beside it: as little can be written there as beside a credential.
    held = folder / ("k" * 252)
    held.touch(mode=0o600)
    held.write_text(secrets.token_hex(32), encoding="ascii")
    (folder / "store.key").symlink_to(held)
    settings = office_settings(sandbox, folder, port)
    serving = asyncio.create_task(serve.run(settings, Output(as_json=False), None))
    async with open_office(sandbox, folder, port=port) as office, seated(office) as seat:
        new = StoreKey(new_key())
        await rotate(sandbox, folder, port, new)
        with pytest.raises(StoreKeyWrong, match=f"moved to key {new.key_id}"):
            await asyncio.wait_for(serving, 5)

        async def locked_out() -> bool:
            return seat.app.refused is not None

        await until(locked_out)
        assert seat.app.return_code == 1


async def rotate(sandbox: Sandbox, folder: Path, port: int, new: StoreKey) -> None:
    async with open_office(sandbox, folder, port=port) as office:
        rotated = await office.runtime.store.rotate_key(new)
    assert not rotated.installed
