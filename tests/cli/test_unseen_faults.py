"""Faults that nobody waits for: in a thread, or as something is thrown away."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys

import pytest

THREAD = "import threading; t = threading.Thread(target=fail); t.start(); t.join()"
THROWN_AWAY = "type('Gone', (), {'__del__': lambda self: fail()})()"


@pytest.mark.parametrize("how", [THREAD, THROWN_AWAY])
def test_a_fault_nobody_waits_for_shows_no_value(how: str) -> None:
    """Python would print the message, and with it whatever a library put there."""
    secret = secrets.token_urlsafe(30)
    script = f"""
import os
from ttr_tui.cli import report_without_values
def fail():
    raise ValueError(os.environ["HIDDEN"])
report_without_values()
{how}
"""
    ended = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", script],
        env={**os.environ, "HIDDEN": secret},
        capture_output=True,
        text=True,
        check=True,
    )
    assert secret not in ended.stdout + ended.stderr
    assert "ValueError" in ended.stderr
    assert "in fail" in ended.stderr
