"""Owners of leases: whether a process lives is the kernel's word, not a clock's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ttr_tui.store.owners import Owners

HOLD = """
import sys
from pathlib import Path
from ttr_tui.store.owners import Owners
print(Owners(Path(sys.argv[1])).name, flush=True)
sys.stdin.read()
"""


def test_a_killed_process_is_known_to_be_dead(tmp_path: Path) -> None:
    """Alive while it runs, gone the moment it was killed, its file swept by the next."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        name = other.stdout.readline().strip()
        ours = Owners(tmp_path)
        assert ours.live(name)
        assert (tmp_path / f"owner-{name}").stat().st_mode & 0o777 == 0o600
        other.kill()
        other.wait()
        assert not ours.live(name)
    ours.leave()
    swept = Owners(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [f"owner-{swept.name}"]
    swept.leave()


def test_who_left_is_gone_and_a_strangers_name_is_left_to_the_clock(tmp_path: Path) -> None:
    """Leaving may be done twice; a name that is none of ours is never judged."""
    first, second = Owners(tmp_path), Owners(tmp_path)
    assert first.live(second.name)
    second.leave()
    second.leave()
    assert not first.live(second.name)
    assert first.live("somebody else")
    first.leave()
    assert list(tmp_path.iterdir()) == []
