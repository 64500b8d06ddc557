"""Files of settings are written whole or not at all, and never over somebody's else."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

import pytest

from ttr_tui.errors import NotWritten
from ttr_tui.settings.writing import (
    change_values,
    change_whole,
    require_changeable,
    value_in,
    write_new,
)


def test_a_new_file_is_for_its_owner_alone_and_never_written_over(tmp_path: Path) -> None:
    """0600 in a directory 0700, whatever the umask; a link that leads nowhere is no free name."""
    file = tmp_path / "config" / "ttr" / "env"
    write_new(file, "A=1\n")
    assert file.read_text() == "A=1\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    dangling = tmp_path / "dangling"
    dangling.symlink_to(tmp_path / "nowhere")
    for taken in (file, dangling, file.parent):
        with pytest.raises(NotWritten, match="is there already"):
            write_new(taken, "B=2\n")
    assert file.read_text() == "A=1\n"
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(NotWritten, match="below cannot be written: Not a directory"):
        write_new(file / "below", "B=2\n")


def test_a_changed_file_keeps_its_mode_its_mark_and_its_link(tmp_path: Path) -> None:
    """A byte order mark stays; of a symbolic link the file it leads to is replaced."""
    former, new = secrets.token_urlsafe(30), secrets.token_urlsafe(30)
    folder = tmp_path / "x"
    folder.mkdir()
    real, link, alone = folder / "real", folder / "env", folder / "alone"
    real.write_bytes(b"\xef\xbb\xbf# x\r\nS='" + former.encode() + b"'\r\nB=\xc3\xa9")
    real.chmod(0o640)
    link.symlink_to("real")
    change_values(link, {"S": new, "E": None}, {"S": former})
    assert real.read_bytes() == b"\xef\xbb\xbf# x\r\nS='" + new.encode() + b"'\r\nB=\xc3\xa9"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert value_in(link, "S") == new
    alone.write_text(f"{former}\n")
    change_whole(alone, new, former)
    assert (alone.read_text(), value_in(alone, "")) == (f"{new}\n", new)
    assert sorted(path.name for path in folder.iterdir()) == ["alone", "env", "real"]


def test_what_a_killed_program_left_beside_it_goes_with_the_next_change(tmp_path: Path) -> None:
    """It holds a secret; what somebody is just writing, and what is not ours, stays."""
    file = tmp_path / "env"
    file.write_text("S=1\n")
    left, being_written, theirs = [
        tmp_path / name for name in (".env.0123abcd", ".env.4567cdef", ".env.original")
    ]
    for beside in (left, being_written, theirs):
        beside.write_text("S=2\n")
    for old in (left, theirs):
        os.utime(old, (1, 1))
    change_values(file, {"S": "3"}, {"S": "1"})
    assert not left.exists()
    assert [being_written.exists(), theirs.exists(), file.read_text()] == [True, True, "S=3\n"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """What reads the secret again while the program runs must not stand still for it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(NotWritten, match="no file that could be changed"):
        value_in(pipe, "")


def test_what_somebody_else_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    """Another value than the one that was read, a file that is gone: nothing is changed."""
    folder = tmp_path / "x"
    folder.mkdir()
    file = folder / "env"
    file.write_text("S=theirs\n")
    with pytest.raises(NotWritten, match="was changed by somebody else meanwhile"):
        change_values(file, {"S": "ours"}, {"S": "former"})
    with pytest.raises(NotWritten, match="was changed by somebody else meanwhile"):
        change_whole(file, "ours", "former")
    with pytest.raises(NotWritten, match="No such file"):
        change_values(folder / "gone", {"S": "ours"}, {})
    file.write_text("S=theirs\n" * 20_000)
    with pytest.raises(NotWritten, match="too large"):
        change_values(file, {"S": "ours"}, {})
    assert [path.name for path in folder.iterdir()] == ["env"]


def test_what_may_not_be_replaced_is_known_before(tmp_path: Path) -> None:
    """A directory, a device, a directory that is not ours to write into."""
    for path, reason in ((tmp_path, "no file that could"), (Path("/dev/null"), "no file that")):
        with pytest.raises(NotWritten, match=reason):
            require_changeable(path)
    if os.geteuid():
        with pytest.raises(NotWritten, match="may not write into /etc"):
            require_changeable(Path("/etc/passwd"))
