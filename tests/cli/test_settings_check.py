"""`ttr-tui settings` names every fault, in words and in JSON, and exits with 2."""

from __future__ import annotations

import json
import secrets
import uuid
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ttr_tui.cli.root import program
from ttr_tui.sandbox import REDIRECT_PATHS


@pytest.fixture
def right(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """Settings without a fault; the platform's directories away from the real ones."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return {
        "MS_GRAPH_CLIENT_ID": str(uuid.uuid4()),
        "MS_GRAPH_CLIENT_SECRET": secrets.token_urlsafe(30),
        **{name: f"https://portal.contoso.com{path}" for name, path in REDIRECT_PATHS.items()},
    }


def check(tmp_path: Path, lines: dict[str, str], *options: str) -> Result:
    """Run the command on an env file with these lines."""
    file = tmp_path / "env"
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
    return CliRunner().invoke(program, ["--env-file", str(file), "settings", *options])


def test_right_settings_are_status_0(tmp_path: Path, right: dict[str, str]) -> None:
    """And what they lead to is printed, but no secret."""
    done = check(tmp_path, right)
    assert done.exit_code == 0
    assert "https://graph.microsoft.com" in done.stdout
    assert "No faults in" in done.stderr
    assert right["MS_GRAPH_CLIENT_SECRET"] not in done.output


def test_faults_are_status_2_and_each_is_a_line(tmp_path: Path, right: dict[str, str]) -> None:
    """With file, line, name, problem and cure."""
    wrong = right | {"MS_GRAPH_CLIENT_ID": "none", "MS_GRAPH_REDIRECT": "http://portal/x"}
    done = check(tmp_path, wrong)
    assert done.exit_code == 2
    assert f"fault: {tmp_path / 'env'}, line 1: MS_GRAPH_CLIENT_ID is not a GUID." in done.stdout
    assert "fault: " in done.stdout
    assert "2 faults in" in done.stderr


def test_as_json_the_faults_are_objects(tmp_path: Path, right: dict[str, str]) -> None:
    """Stable keys for monitoring."""
    done = check(tmp_path, right | {"MS_GRAPH_CLIENT_ID": "none"}, "--json")
    document = json.loads(done.stdout)
    (fault,) = document["faults"]
    assert fault["line"] == 1
    assert fault["name"] == "MS_GRAPH_CLIENT_ID"
    assert set(fault) == {
        "severity", "where", "file", "line", "name", "problem", "cure", "command",
    }  # fmt: skip
    assert document["redirects"] == {}
    assert document["hosting"] == "self"


def test_a_warning_alone_is_status_0(tmp_path: Path, right: dict[str, str]) -> None:
    """It is printed, and closes nothing."""
    done = check(tmp_path, right | {"TTR_NONSENSE": "1"})
    assert done.exit_code == 0
    assert done.stdout.startswith("warning: ")
