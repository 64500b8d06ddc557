"""`ttr-tui setup`: from the portal's URL to an env file without a fault."""

from __future__ import annotations

import json
import secrets
import stat
import uuid
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ttr_tui.cli.root import program
from ttr_tui.settings import read_settings

PORTAL = "https://portal.contoso.com"
ID = str(uuid.uuid4())


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The platform's directories away from the real ones."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")


def set_up(*words: str, typed: str = "") -> Result:
    """Run the command with something on its standard input."""
    return CliRunner().invoke(program, ["setup", "--portal-url", PORTAL, *words], input=typed)


def test_what_is_written_is_read_without_a_fault_and_never_over_another_file(
    tmp_path: Path,
) -> None:
    """In the config directory, for its owner alone; the second time it says what would be there."""
    given = f"{secrets.token_urlsafe(20)}~'#{secrets.token_urlsafe(5)}"
    words = ("--client-id", ID.upper(), "--secret-file", "-", "--secret-ends", "2031-02-03")
    done = set_up(*words, typed=f"{given}\n")
    assert done.exit_code == 0, done.output
    env_file = tmp_path / "config" / "ttr-tui" / "env"
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(env_file.parent.stat().st_mode) == 0o700
    read = read_settings({}, env_file)
    assert read.faults == ()
    registration = read.require_microsoft()
    assert (registration.client_id, registration.client_secret.reveal()) == (ID, given)
    assert str(read.secret_ends) == "2031-02-03"
    lines = done.stdout.splitlines()
    assert all(url in lines for url in read.redirects.values())
    assert "  ttr-tui settings" in done.stderr.splitlines()
    before = env_file.read_bytes()
    again = set_up(*words, typed=f"{given}\n")
    assert again.exit_code == 1
    assert "is there already. It was not written over" in again.stderr
    assert "MS_GRAPH_CLIENT_SECRET=(the secret's Value)" in again.stdout
    assert env_file.read_bytes() == before
    assert given not in done.output + again.output


def test_as_a_document_for_another_cloud_and_hosting(tmp_path: Path) -> None:
    """Everything of the guide, what was written and what is wrong with it."""
    file, target = tmp_path / "secret", tmp_path / "new" / "env"
    given = secrets.token_urlsafe(30)
    file.write_text(given)
    options = ("--hosting", "saas", "--cloud", "usgov", "--as-in-guide", "--json")
    words = ("--client-id", ID, "--secret-file", str(file), "--write", str(target), *options)
    done = set_up(*words)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["manifest"]["signInAudience"] == "AzureADMultipleOrgs"
    assert document["az"][0] == "az cloud set --name AzureUSGovernment"
    assert (document["written"], document["faults"]) == (True, [])
    assert document["next"][0] == f"ttr-tui --env-file {target} settings"
    assert document["next"][2].endswith(" companies add NAME DOMAIN")
    read = read_settings({}, target)
    assert (read.hosting.value, read.graph_base_url) == ("saas", "https://graph.microsoft.us")
    assert "still holds the secret: delete it" in done.stderr
    refused = json.loads(set_up(*words).stdout)
    assert (refused["written"], refused["error"]["kind"]) == (False, "NotWritten")
    assert refused["env_lines"] == document["env_lines"]
    assert given not in done.output + str(refused)


def test_what_is_wrong_or_missing_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    """A wrong option is wrong use; what nobody answers and what is no secret are refused."""
    cases = (
        (("--client-id", "nonsense"), "", 2, "--client-id is not a GUID"),
        (("--portal-url", "http://portal"), "", 2, "It is not https"),
        (("--secret-ends", "soon"), "", 2, "is no day as YYYY-MM-DD"),
        (("--secret-ends", "2020-01-01"), "", 2, "--secret-ends 2020-01-01 is over"),
        ((), "", 1, "The client id is not given. Nobody can be asked here"),
        (("--client-id", ID), "", 1, "Nobody can be asked here. Give --secret-file"),
        (("--client-id", ID, "--secret-file", "/nowhere"), "", 1, "cannot be read: No such file"),
        (("--client-id", ID, "--secret-file", "-"), ID, 1, "shaped like the secret's ID"),
        (("--client-id", ID, "--secret-file", "-"), "", 1, "is empty"),
    )
    for words, typed, status, said in cases:
        done = set_up(*words, typed=typed)
        assert (done.exit_code, said in done.stderr) == (status, True), (words, done.output)
    printed = set_up("--print")
    assert printed.exit_code == 0
    assert f"{PORTAL}/msgraph-auth" in printed.stdout.splitlines()
    assert not (tmp_path / "config").exists()
