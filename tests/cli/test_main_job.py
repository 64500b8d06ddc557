"""The main job, headless: connect a tenant, add agents, look, revoke - in processes of its own."""

from __future__ import annotations

from tests.cli.conftest import Program
from ttr_tui.model import Company


async def test_the_main_job_through_the_command_line(ttr: Program) -> None:
    """From an empty store to agents and back to none, with JSON all the way."""
    tenant = ttr.sandbox.tenants[0]
    added = await ttr("companies", "add", "Contoso Ltd", tenant.domain, "--json")
    assert added.status == 0, added.err
    assert added.record["company"]["tenant_id"] == tenant.id

    process = await ttr.start("connect", "Contoso Ltd", "--yes", "--json")
    events = await ttr.follow_links(process)
    connected = await ttr.finish(process)
    assert connected.status == 0, connected.err
    assert [e["event"] for e in events] == ["link", "granted", "link", "signed_in", "connected"]
    master = events[-1]["company_master"]
    assert master["user_principal_name"] == "Company Master"
    assert master["status"] == "healthy"
    assert master["person"]["tenant_id"] == tenant.id

    users = await ttr("users", tenant.domain, "--json")
    assert users.status == 0, users.err
    document = users.record
    assert document["complete"] is True
    assert document["total"] >= 60
    assert document["matched"] == len(document["users"])

    chosen = [u for u in document["users"] if u["kind"] == "member"][:3]
    named = [part for user in chosen for part in ("--user", user["user_principal_name"])]
    adding = await ttr("agents", "add", "Contoso Ltd", *named, "--yes", "--json")
    assert adding.status == 0, adding.err
    assert {o["outcome"] for o in adding.record["outcomes"]} == {"added"}
    again = await ttr("agents", "add", "Contoso Ltd", *named, "--yes", "--json")
    assert again.status == 0
    assert {o["outcome"] for o in again.record["outcomes"]} == {"already an agent"}
    assert again.record["run"] is None

    agents = await ttr("agents", "list", "--json")
    (of_company,) = agents.record["companies"]
    assert {a["object_id"] for a in of_company["agents"]} == {u["object_id"] for u in chosen}
    assert {a["authentication"]["kind"] for a in of_company["agents"]} == {"child"}

    revoked = await ttr(
        "authentications", "revoke", "--company-master", "Contoso Ltd", "--yes", "--json"
    )
    assert revoked.status == 0, revoked.err
    assert (revoked.record["deleted"], revoked.record["children"]) == (4, 3)
    assert revoked.record["erased"] is True
    left = (await ttr("authentications", "list", "--json")).record["companies"][0]
    assert (left["company_master"], left["children"]) == (None, [])
    assert len(left["not_authenticated"]) == 3

    journal = await ttr("journal", "--since", "1h", "--json")
    whats = [entry["what"] for entry in journal.record["entries"]]
    assert "company added" in whats
    assert "authentications deleted" in whats
    removed = await ttr("companies", "remove", "Contoso Ltd", "--yes", "--json")
    assert removed.status == 0, removed.err
    assert (await ttr("companies", "list", "--json")).record == {"companies": []}


async def test_the_same_in_words(ttr: Program, connected: Company) -> None:
    """Without --json: tables for people, with the words of the screens."""
    listed = (await ttr("companies", "list")).out.splitlines()
    assert listed[0].split() == ["Company", "Domain", "Tenant", "Agents", "State"]
    assert listed[1].startswith(connected.name)
    assert listed[1].endswith("healthy")
    tree = await ttr("authentications", "list", connected.domain)
    assert "Company Master" in tree.out
    shown = await ttr("authentications", "show", tree.out.splitlines()[1].split()[-1])
    assert "Mail.ReadBasic" in shown.out
    assert "healthy since" in shown.out
    revoked = await ttr("authentications", "revoke", "--company-master", connected.name, "--yes")
    assert "Erased here      yes" in revoked.out
    assert "Still granted 1" in revoked.out
