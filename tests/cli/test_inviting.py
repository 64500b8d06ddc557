"""`agents invite`, `invitations`, `pin`, `remove`: links for many, and who an agent is."""

from __future__ import annotations

import csv
import email
from email.policy import SMTP

from tests.cli.conftest import Program
from ttr_tui.model import Company
from ttr_tui.sandbox.browser import Administrator
from ttr_tui.sandbox.people import Kind


async def test_owners_are_invited_listed_and_sign_in_elsewhere(
    ttr: Program, granted: Company
) -> None:
    """Links as a table and as drafts, ours alone; one use each; who is missing gets a new one."""
    first, second = (one.user_principal_name for one in ttr.members(2))
    file, folder = ttr.folder / "links.csv", ttr.folder / "mail"
    done = await ttr(
        "agents", "invite", granted.name, "--user", first, "--user", second, "--days", "3",
        "--csv", str(file), "--eml", str(folder), "--yes", "--json",
    )  # fmt: skip
    assert done.status == 0, done.err
    links = {one["expected"]["address"]: one["link"] for one in done.record["invitations"]}
    assert set(links) == {first, second}
    assert {one["state"] for one in done.record["invitations"]} == {"not opened"}
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open(newline="") as opened:
        assert {row[-1] for row in list(csv.reader(opened))[1:]} == set(links.values())
    assert folder.stat().st_mode & 0o777 == 0o700
    for draft in folder.iterdir():
        assert draft.stat().st_mode & 0o777 == 0o600
        message = email.message_from_bytes(draft.read_bytes(), policy=SMTP)
        assert links[str(message["To"])] in message.get_content()
    serving = await ttr.start("attempts", "watch", done.record["invitations"][0]["id"], "--json")
    await ttr.event(serving, "attempt")
    await Administrator(ttr.sandbox.ca_file).follow(links[first], account=first)
    await ttr.event(serving, "stored")
    assert (await ttr.finish(serving)).status == 0
    listed = (await ttr("agents", "invitations", granted.name, "--json")).record["invitations"]
    states = {one["expected"]["address"]: (one["state"], one["link"]) for one in listed}
    assert states == {first: ("done", None), second: ("not opened", links[second])}
    again = await ttr("agents", "invite", granted.name, "--missing", "--yes", "--json")
    (renewed,) = again.record["invitations"]
    assert renewed["expected"]["address"] == second
    assert renewed["link"] != links[second]
    printed = await ttr("agents", "invitations", granted.name)
    assert renewed["link"] in printed.out
    assert links[second] not in printed.out


async def test_shared_mailboxes_are_left_out_with_the_reason(
    ttr: Program, granted: Company
) -> None:
    """The others are invited; the status says that somebody was left out."""
    people = ttr.sandbox.tenants[0].directory.people
    shared = next(one for one in people if one.kind is Kind.SHARED).user_principal_name
    (able,) = ttr.members(1)
    words = ("--user", shared, "--user", able.user_principal_name)
    done = await ttr("agents", "invite", granted.name, *words, "--yes", "--json")
    assert done.status == 1
    assert len(done.record["invitations"]) == 1
    (left,) = done.record["left_out"]
    assert left["user_principal_name"] == shared
    assert "Bulk Add" in left["reason"]


async def test_a_file_and_a_group_say_who_is_invited(ttr: Program, connected: Company) -> None:
    """As with agents add: who was found and who was not is told; then they are invited."""
    tenant = ttr.sandbox.tenants[0]
    team = {one.id for one in tenant.directory.people if one.department == "IT"}
    file = ttr.folder / "new.csv"
    file.write_text(f"{tenant.ordinary.user_principal_name}\nnobody@contoso.example\n")
    words = ("agents", "invite", connected.name, "--group", "Team IT", "--from", str(file))
    done = await ttr(*words, "--yes", "--json")
    assert done.status == 1
    assert "not found: line 2: nobody@contoso.example" in done.err
    chosen = done.record["chosen"]
    assert chosen["groups"][0]["found"] == len(team)
    assert chosen["found"] == len(done.record["invitations"]) + len(done.record["left_out"])
    invited = {one["expected"]["object_id"] for one in done.record["invitations"]}
    assert tenant.ordinary.id in invited
    assert invited <= team | {tenant.ordinary.id}
    wrong = await ttr("agents", "invite", connected.name, "--missing", "--group", "Team IT")
    assert wrong.status == 2
    assert "--missing says itself who is meant" in wrong.err


async def test_all_who_match_a_search_are_invited(ttr: Program, connected: Company) -> None:
    """The same choosing as that of agents add; files are never overwritten."""
    (able,) = ttr.members(1)
    file = ttr.folder / "links.csv"
    file.write_text("mine")
    words = (
        "agents", "invite", connected.name, "--search", able.user_principal_name, "--all-matching",
    )  # fmt: skip
    done = await ttr(*words, "--csv", str(file), "--yes")
    assert (done.status, done.out) == (1, "")
    assert "links.csv is there already" in done.err
    assert file.read_text() == "mine"
    done = await ttr(*words, "--yes")
    assert done.status == 0, done.err
    assert able.user_principal_name in done.out
    assert "/msgraph-auth/" in done.out
    found = await ttr("agents", "invite", connected.name, "--user", able.user_principal_name)
    assert "Nobody can be asked here." in found.err


async def test_nobody_is_invited_before_anybody_can_be_asked_for(ttr: Program) -> None:
    """Without admin permission the sentence says what to do."""
    await ttr("companies", "add", "Contoso", ttr.sandbox.tenants[0].domain)
    (able,) = ttr.members(1)
    words = ("agents", "invite", "Contoso", "--user", able.user_principal_name, "--yes", "--json")
    done = await ttr(*words)
    assert done.status == 1
    assert "admin permission" in done.record["error"]["means"]


async def test_an_agent_is_pinned_to_somebody_else_and_removed(
    ttr: Program, granted: Company
) -> None:
    """Its link follows; removed it leads nowhere; an authentication keeps it."""
    first, second = (one.user_principal_name for one in ttr.members(2))
    words = ("agents", "invite", granted.name, "--user", first, "--yes", "--json")
    (invited,) = (await ttr(*words)).record["invitations"]
    pin = ("agents", "pin", granted.name, "--agent", first, "--to", second)
    asked = await ttr(*pin, "--json")
    assert (asked.status, asked.record["error"]["kind"]) == (1, "NotConfirmed")
    pinned = await ttr(*pin, "--yes", "--json")
    assert pinned.status == 0, pinned.err
    assert pinned.record["agent"]["address"] == second
    assert (await ttr("agents", "remove", granted.name, "--user", first, "--yes")).status == 1
    removed = await ttr("agents", "remove", granted.name, "--user", second, "--yes", "--json")
    assert removed.status == 0, removed.err
    assert removed.record["removed"]["address"] == second
    assert (await ttr("attempts", "watch", invited["id"])).status == 1
    whats = [e["what"] for e in (await ttr("journal", "--json")).record["entries"]]
    assert "agent pinned to another person" in whats
    assert "agent removed" in whats


async def test_an_agent_with_an_authentication_stays(ttr: Program, connected: Company) -> None:
    """It is deleted first; pinning it to somebody else is refused for the same reason."""
    first, second = (one.user_principal_name for one in ttr.members(2))
    assert (await ttr("agents", "add", connected.name, "--user", first, "--yes")).status == 0
    done = await ttr("agents", "remove", connected.name, "--user", first, "--yes", "--json")
    assert (done.status, done.record["error"]["kind"]) == (1, "AgentHeld")
    words = ("agents", "pin", connected.name, "--agent", first, "--to", second, "--yes", "--json")
    done = await ttr(*words)
    assert (done.status, done.record["error"]["kind"]) == (1, "PinRefused")
