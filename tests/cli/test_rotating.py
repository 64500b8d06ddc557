"""`settings rotate-secret`: typed unseen or from a file, asked for a yes, and never printed."""

from __future__ import annotations

import os
import secrets

from tests.cli.conftest import Program, shown


async def test_the_secret_is_typed_unseen_and_used_only_after_a_yes(
    ttr: Program, terminal: tuple[int, int]
) -> None:
    """What is typed is not echoed; the terminal echoes again afterwards."""
    new = ttr.sandbox.add_secret()
    ttr.secrets.append(new)
    person, program = terminal
    words = ("settings", "rotate-secret", "--tenant", ttr.sandbox.home.domain, "--json")
    process = await ttr.start(*words, terminal=program)
    await shown(person, "it is not shown here): ")
    os.write(person, f"{new}\n".encode())
    await shown(person, "Its last day as YYYY-MM-DD")
    os.write(person, b"2031-02-03\n")
    await shown(person, "Type yes to go on: ")
    os.write(person, b"yes\n")
    done = await ttr.finish(process)
    assert done.status == 0
    assert done.record["rotated"]["ends"] == "2031-02-03"
    assert new not in os.read(person, 4096).decode()
    written = ttr.env_file.read_text()
    assert f"MS_GRAPH_CLIENT_SECRET={new}\n" in written
    assert "TTR_CLIENT_SECRET_ENDS=2031-02-03\n" in written


async def test_what_is_refused_is_status_1_and_changes_nothing(ttr: Program) -> None:
    """With Microsoft's code, and with a document where that was asked for."""
    wrong, file = secrets.token_urlsafe(30), ttr.folder / "new-secret"
    ttr.secrets.append(wrong)
    file.write_text(f"{wrong}\n")
    before = ttr.env_file.read_bytes()
    words = ("settings", "rotate-secret", "--secret-file", str(file))
    asked = await ttr(*words)
    assert (asked.status, "Give --yes to go on" in asked.err) == (1, True)
    done = await ttr(*words, "--tenant", ttr.sandbox.home.domain, "--yes", "--json")
    assert done.status == 1
    assert done.record["error"]["code"] == "AADSTS7000215"
    assert done.record["error"]["kind"] == "SecretUnusable"
    assert ttr.env_file.read_bytes() == before
