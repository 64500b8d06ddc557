"""`agents add` and `agents retry`, and what is printed of names that try a program out."""

from __future__ import annotations

import csv

from tests.cli.conftest import Program
from ttr_tui.model import Company


async def test_all_who_match_a_search_are_added_and_written_as_csv(
    ttr: Program, connected: Company
) -> None:
    """Each outcome with its reason; the file is ours alone and no cell starts a formula."""
    file = ttr.folder / "outcomes.csv"
    done = await ttr(
        "agents", "add", connected.name, "--search", "a", "--all-matching",
        "--csv", str(file), "--yes", "--json",
    )  # fmt: skip
    outcomes = done.record["outcomes"]
    assert len(outcomes) > 3
    failed = [o for o in outcomes if o["outcome"] not in {"added", "already an agent"}]
    assert done.status == (1 if failed else 0)
    assert all(o["reason"] for o in failed)
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open(newline="") as opened:
        rows = list(csv.reader(opened))
    assert len(rows) == len(outcomes) + 1
    assert not [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@"}]
    assert done.record["run"]["counts"].get("added", 0) == len(outcomes) - len(failed)


async def test_a_user_nobody_goes_by_adds_nobody(ttr: Program, connected: Company) -> None:
    """One slip among several names stops all of them, before anything is written."""
    tenant = ttr.sandbox.tenants[0]
    done = await ttr(
        "agents", "add", connected.name, "--user", tenant.ordinary.user_principal_name,
        "--user", "nobody@contoso.example", "--yes", "--json",
    )  # fmt: skip
    assert done.status == 1
    assert "nobody@contoso.example" in done.record["error"]["happened"]
    agents = (await ttr("agents", "list", "--json")).record["companies"][0]["agents"]
    assert agents == []


async def test_there_is_nothing_to_retry_without_a_run(ttr: Program, connected: Company) -> None:
    """The sentence says what to do first."""
    done = await ttr("agents", "retry", connected.name)
    assert done.status == 1
    assert "has no run yet" in done.err


async def test_what_failed_is_tried_again(ttr: Program, connected: Company) -> None:
    """Mailboxes that answer now are added; the run is the same one."""
    user = ttr.sandbox.tenants[0].ordinary.user_principal_name
    ttr.sandbox.dials.blocked.add(user)
    words = ("agents", "add", connected.name, "--user", user, "--yes", "--json")
    blocked = await ttr(*words)
    assert blocked.status == 1
    (outcome,) = blocked.record["outcomes"]
    assert outcome["outcome"] == "blocked"
    ttr.sandbox.dials.blocked.clear()
    retried = await ttr("agents", "retry", connected.name, "--user", outcome["address"], "--json")
    assert retried.status == 0, retried.err
    assert retried.record["run"]["id"] == blocked.record["run"]["id"]
    assert [o["outcome"] for o in retried.record["outcomes"]] == ["added"]


async def test_names_from_outside_are_printed_without_control_characters(
    ttr: Program, connected: Company
) -> None:
    """The directory holds escape sequences, bidi controls and formulas; the terminal does not."""
    for words in (("users", connected.name, "--show-hidden"), ("users", connected.name, "--json")):
        done = await ttr(*words)
        assert done.status == 0
        printed = done.out + done.err
        assert not [c for c in printed if (ord(c) < 32 and c != "\n") or c in "\x7f\u202e\u2066"]
    assert "<1b>" in (await ttr("users", connected.name, "--show-hidden")).out
