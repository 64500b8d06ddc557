"""The service's units and sudo's rule, as systemd and sudo read them."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.proxies import DEPLOY
from ttr_tui.settings.listening import DEFAULT

UNITS = DEPLOY / "systemd"
SERVICE, SOCKET = UNITS / "ttr-tui.service", UNITS / "ttr-tui.socket"
CREDENTIALS = UNITS / "ttr-tui.service.d" / "credentials.conf"
ACCOUNT = "ttr-tui"
PROGRAM = "/opt/ttr-tui/bin/ttr-tui --env-file /etc/ttr-tui/env"

WORST_EXPOSURE = 1.5
"""What docs/deployment.md promises of `systemd-analyze security`."""


def needs(program: str) -> pytest.MarkDecorator:
    """Skip where a program of the system is not installed."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the system to its end."""
    return subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


@needs("systemd-analyze")
def test_the_units_are_understood(tmp_path: Path) -> None:
    """Every line of them, the variant's too; a line systemd does not know would be left out."""
    shutil.copytree(UNITS, tmp_path, dirs_exist_ok=True)
    unit = tmp_path / SERVICE.name
    unit.write_text(unit.read_text().replace(PROGRAM, f"/bin/true {PROGRAM}"))
    checked = run("systemd-analyze", "verify", str(unit), str(tmp_path / SOCKET.name))
    ours = [line for line in checked.stderr.splitlines() if ACCOUNT in line]
    assert (checked.returncode, ours) == (0, [])


@needs("systemd-analyze")
def test_the_service_is_exposed_no_more_than_is_promised() -> None:
    """`systemd-analyze security` says how much a break-in would get."""
    bound = f"--threshold={round(WORST_EXPOSURE * 10)}"
    checked = run("systemd-analyze", "security", "--offline=true", bound, str(SERVICE))
    assert checked.returncode == 0, checked.stdout
    document = (DEPLOY.parent / "docs" / "deployment.md").read_text()
    assert f"{WORST_EXPOSURE} or less" in document


def test_every_file_the_documentation_names_is_there() -> None:
    """Its commands are typed as they stand."""
    document = (DEPLOY.parent / "docs" / "deployment.md").read_text()
    named = set(re.findall(r"deploy/[\w./-]*\w", document))
    assert len(named) >= 9
    assert [name for name in named if not (DEPLOY.parent / name).exists()] == []


def test_socket_and_callback_have_one_address() -> None:
    """The unit's is the one the callback server listens on by default."""
    assert f"ListenStream={DEFAULT[0]}:{DEFAULT[1]}\n" in SOCKET.read_text()


def test_all_run_the_program_on_the_same_settings_as_the_same_account() -> None:
    """Service, sudo's rule and what people type."""
    service = configparser.RawConfigParser(strict=False, interpolation=None)
    service.read(SERVICE)
    assert service["Service"]["User"] == ACCOUNT
    assert service["Service"]["ExecStart"] == f"{PROGRAM} serve"
    assert f"u {ACCOUNT} " in (DEPLOY / "sysusers.d" / "ttr-tui.conf").read_text()
    assert f'sudo -u {ACCOUNT} -- {PROGRAM} "$@"' in (DEPLOY / "bin" / "ttr-tui").read_text()
    rule = (DEPLOY / "sudoers.d" / "ttr-tui").read_text()
    assert f"Cmnd_Alias TTR_TUI = {PROGRAM}, " in rule
    assert f"ALL = ({ACCOUNT}) NOPASSWD: TTR_TUI, !" in rule


@needs("systemd-sysusers")
def test_account_and_group_are_made(tmp_path: Path) -> None:
    """In an empty system: no shell, and the state directory as its home."""
    (tmp_path / "etc").mkdir()
    made = run("systemd-sysusers", f"--root={tmp_path}", str(DEPLOY / "sysusers.d/ttr-tui.conf"))
    assert made.returncode == 0, made.stderr
    (account,) = [
        line.split(":")
        for line in (tmp_path / "etc" / "passwd").read_text().splitlines()
        if line.startswith(f"{ACCOUNT}:")
    ]
    assert account[5:] == ["/var/lib/ttr-tui", "/usr/sbin/nologin"]
    assert "\nttr-tui-operators:" in "\n" + (tmp_path / "etc" / "group").read_text()


@needs("visudo")
def test_sudos_rule_is_understood() -> None:
    """Sudo refuses everything to everybody when one file of its rules is broken."""
    checked = run("visudo", "-cf", str(DEPLOY / "sudoers.d" / "ttr-tui"))
    assert checked.returncode == 0, checked.stderr


@needs("cvtsudoers")
def test_sudo_keeps_who_acts_from_where_and_no_setting_of_ours() -> None:
    """And nothing by which an operator could have another program or another CA believed."""
    rule = str(DEPLOY / "sudoers.d" / "ttr-tui")
    shown = json.loads(run("cvtsudoers", "-f", "json", rule).stdout)
    options = [option for default in shown["Defaults"] for option in default["Options"]]
    kept = {name for option in options for name in option.get("env_keep", [])}
    assert {"SSH_CONNECTION", "SSH_TTY", "TERM"} <= kept
    assert [name for name in kept if name.startswith(("TTR_", "MS_", "SSL_", "PYTHON", "LD"))] == []
    assert {"env_reset": True} in options
