"""The process keeps to itself, knows who acts, and crashes without telling."""

from __future__ import annotations

import gc
import os
import pwd
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from ttr_tui.model import Actor, Secret
from ttr_tui.process import (
    GARBAGE_FROM,
    NOBODY,
    TURN_SECONDS,
    crash_report,
    share_interpreter,
    who_is_here,
)


def test_a_hardened_process_dumps_nothing_and_writes_for_itself_alone(tmp_path: Path) -> None:
    """No core, not dumpable, umask 077, and MSAL's region override is gone."""
    code = f"""
import ctypes, os, resource
from pathlib import Path
from ttr_tui.process import harden_process
harden_process(); harden_process()
Path({str(tmp_path / "made")!r}).touch()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0),
      "MSAL_FORCE_REGION" in os.environ)
"""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code],
        env=os.environ | {"MSAL_FORCE_REGION": "westeurope"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[0] == "(0, 0) 0 False"
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o600


def test_threads_give_the_event_loop_its_turn() -> None:
    """A thread that waits for the interpreter gets it in less than a millisecond."""
    former, thresholds = sys.getswitchinterval(), gc.get_threshold()
    try:
        share_interpreter()
        share_interpreter()
        assert sys.getswitchinterval() == pytest.approx(TURN_SECONDS)
        assert gc.get_threshold() == (GARBAGE_FROM, *thresholds[1:])
    finally:
        sys.setswitchinterval(former)
        gc.set_threshold(*thresholds)


def test_what_is_typed_is_written_to_no_log_of_textuals(tmp_path: Path) -> None:
    """Its own log of messages, which the environment can turn on, has each paste in it."""
    log = tmp_path / "log"
    code = """
import asyncio
from ttr_tui.process import harden_process
harden_process()
from textual.app import App
from textual.events import Paste
from ttr_tui.widgets.masked import MaskedPrompt

class Typing(App):
    def compose(self):
        yield MaskedPrompt("New secret")

async def paste():
    app = Typing()
    async with app.run_test() as pilot:
        prompt = app.query_one(MaskedPrompt)
        prompt._masked.post_message(Paste("pasted"))
        await pilot.pause()
        print(prompt.value, app.devtools, "pasted" in app.export_screenshot())

asyncio.run(paste())
"""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code],
        env=os.environ | {"TEXTUAL_LOG": str(log), "TEXTUAL": "devtools,debug"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "****** None False\n"
    assert not log.exists()


def _login(tmp_path: Path, uid: object) -> Path:
    file = tmp_path / "loginuid"
    file.write_text(str(uid))
    return file


def test_the_login_the_kernel_knows_counts_first(tmp_path: Path) -> None:
    """sudo, su and a forged SUDO_USER do not change who logged in."""
    me = pwd.getpwuid(os.getuid())
    environ = {"SUDO_USER": "mallory", "SSH_CONNECTION": "203.0.113.7 50514 192.0.2.1 22"}
    assert who_is_here(environ, _login(tmp_path, me.pw_uid)) == Actor(me.pw_name, "203.0.113.7")


@pytest.mark.parametrize("unknown", [NOBODY, "", "garbage"])
def test_where_the_kernel_knows_nobody_sudo_does(tmp_path: Path, unknown: object) -> None:
    """Containers and services have no login uid."""
    login = _login(tmp_path, unknown)
    assert who_is_here({"SUDO_USER": "anna"}, login) == Actor("anna", "")
    assert who_is_here({}, login).name == pwd.getpwuid(os.getuid()).pw_name
    assert who_is_here({}, tmp_path / "nowhere").name == pwd.getpwuid(os.getuid()).pw_name


def test_a_login_without_a_name_is_its_number(tmp_path: Path) -> None:
    """A directory service may be away."""
    assert who_is_here({}, _login(tmp_path, 3_999_999_999)).name == "uid 3999999999"


@pytest.mark.parametrize(
    ("connection", "origin"),
    [
        ("2001:db8::7 50514 2001:db8::1 22", "2001:db8::7"),
        ("fe80::1%eth0 1 fe80::2 22", "fe80::1"),
        ("UNKNOWN 65535 UNKNOWN 65535", "UNKNOWN"),
        ("\x1b[31m 1 2 3", "<1b>[31m"),
        ("", ""),
    ],
)
def test_the_origin_is_the_ssh_clients_address(
    tmp_path: Path, connection: str, origin: str
) -> None:
    """The first field, cleaned."""
    login = _login(tmp_path, NOBODY)
    assert who_is_here({"SSH_CONNECTION": connection}, login).origin == origin


def test_what_the_environment_says_is_cleaned(tmp_path: Path) -> None:
    """The journal is read on terminals."""
    login = _login(tmp_path, NOBODY)
    assert who_is_here({"SUDO_USER": "a\x1b]0;x\x07" * 20}, login).name.startswith("a<1b>]0;x<07>")
    assert len(who_is_here({"SUDO_USER": "a" * 900}, login).name) == 64


def _fail_with(secret: str) -> None:
    local = secret
    try:
        int(local + "x")
    except ValueError as failure:
        raise RuntimeError(f"cannot use {local}") from failure


def test_a_crash_report_says_where_and_never_with_what() -> None:
    """Messages and locals may hold tokens; types, files, lines and functions do not."""
    secret = secrets.token_urlsafe(20)
    with pytest.raises(RuntimeError, match="cannot use") as caught:
        _fail_with(secret)
    report = crash_report(caught.value)
    assert secret not in report
    assert "cannot use" not in report
    assert "builtins.RuntimeError" in report
    assert "builtins.ValueError" in report
    assert "tests/process/test_process.py:" in report
    assert "in _fail_with" in report


def test_a_crash_report_of_many_failures_stays_short() -> None:
    """Groups name their kinds; an endless recursion is cut."""

    def dive() -> None:
        dive()

    with pytest.raises(RecursionError) as deep:
        dive()
    assert len(crash_report(deep.value).splitlines()) < 50
    group = ExceptionGroup("two", [ValueError("x"), KeyError("y")])
    assert "a group of: KeyError, ValueError" in crash_report(group)


def test_secrets_show_in_no_report_even_as_arguments() -> None:
    """An exception that carries a secret object shows its kind alone."""
    value = secrets.token_urlsafe(20)
    assert value not in crash_report(RuntimeError(Secret(value), value))
