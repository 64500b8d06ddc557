"""Files that are none: pipes into which nobody writes, and devices without an end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.settings.conftest import Read
from ttr_tui.errors import StoreKeyWrong
from ttr_tui.settings import read_settings
from ttr_tui.settings.opened import first_bytes
from ttr_tui.store.key_file import load_store_key


def test_a_pipe_nobody_writes_into_holds_up_nothing(tmp_path: Path) -> None:
    """Opening it does not wait for a writer, reading it not for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    with pytest.raises(TimeoutError, match="nothing was written into it"):
        first_bytes(pipe, 10, seconds=0.05)


def test_a_pipe_that_is_written_into_is_read(read: Read, env_file: Path) -> None:
    """`--env-file <(...)` reads what another program writes."""
    read()
    reading, writing = os.pipe()
    command = [sys.executable, "-c", f"import shutil,sys; print(open({str(env_file)!r}).read())"]
    with subprocess.Popen(command, stdout=writing):  # noqa: S603 - our own interpreter and script
        os.close(writing)
        settings = read_settings({}, Path(f"/dev/fd/{reading}"))
    os.close(reading)
    assert settings.faults == ()


def test_a_device_without_an_end_is_no_key(tmp_path: Path) -> None:
    """It is not read until the memory is full."""
    with pytest.raises(StoreKeyWrong):
        load_store_key(Path("/dev/zero"), True, tmp_path)
