"""`users --filter` and `agents add` by file, group and filter, from the shell."""

from __future__ import annotations

from tests.cli.conftest import Program
from ttr_tui.model import Company
from ttr_tui.sandbox.people import Kind


async def test_who_is_meant_is_told_before_anything_happens(
    ttr: Program, connected: Company
) -> None:
    """A file and a group add up; nobody is added by a dry run, and not all found is status 1."""
    tenant = ttr.sandbox.tenants[0]
    guest = next(one for one in tenant.directory.people if one.kind is Kind.GUEST)
    lines = [
        "Name;E-Mail",
        f"Huber;{tenant.ordinary.user_principal_name}",
        f"Gast;{guest.user_principal_name}",
        "Nobody;nobody@contoso.example",
        "Desk;front-desk@contoso.example",
        "None;",
    ]
    file = ttr.folder / "new.csv"
    file.write_bytes("\r\n".join(lines).encode("utf-16"))
    words = ("agents", "add", connected.name, "--from", str(file), "--group", "Team IT")
    done = await ttr(*words, "--dry-run", "--json")
    assert done.status == 1, done.err
    it = {one.id for one in tenant.directory.people if one.department == "IT"}
    chosen = done.record["chosen"]
    (told,) = chosen["files"]
    assert (told["encoding"], told["column"], told["found"]) == ("UTF-16", "E-Mail", 2)
    assert [one["line"] for one in told["not_found"]] == [4]
    assert [len(one["users"]) for one in told["ambiguous"]] == [2]
    assert [one["line"] for one in told["unusable"]] == [6]
    assert chosen["groups"][0]["found"] == len(it)
    assert chosen["hidden"]["guest"] >= 1
    users = done.record["users"]
    assert len(users) == chosen["found"]
    ids = {one["object_id"] for one in users}
    assert tenant.ordinary.id in ids
    assert ids <= it | {tenant.ordinary.id}
    assert {one["would"] for one in users} == {"added"}
    assert "not found: line 4: nobody@contoso.example" in done.err
    assert "Left out as hidden:" in done.err
    refused = await ttr(*words)
    assert refused.status == 1
    assert "Nobody can be asked here" in refused.err
    assert (await ttr("agents", "list", "--json")).record["companies"][0]["agents"] == []


async def test_filters_choose_as_in_the_search_box(ttr: Program, connected: Company) -> None:
    """What cannot be a filter is wrong use; who is found can be added, and is an agent then."""
    done = await ttr("users", connected.name, "--filter", "enabled:perhaps")
    assert done.status == 2
    assert "enabled:yes" in done.err
    words = ("agents", "add", connected.name, "--filter")
    done = await ttr(*words, "department:it")
    assert done.status == 2
    assert "--all-matching" in done.err
    text = "department:IT kind:member"
    found = await ttr(
        "users", connected.name, "--filter", text, "--sort", "address", "--refresh", "--json"
    )
    assert found.status == 0, found.err
    addresses = [one["address"] for one in found.record["users"]]
    people = ttr.sandbox.tenants[0].directory.people
    assert set(addresses) == {
        one.mail for one in people if one.department == "IT" and one.kind is Kind.MEMBER
    }
    assert addresses == sorted(addresses, key=str.casefold)
    added = await ttr(*words, text, "--all-matching", "--yes", "--json")
    assert added.status == 0, added.err
    assert {one["outcome"] for one in added.record["outcomes"]} == {"added"}
    assert added.record["chosen"]["found"] == len(addresses)
    nobody = await ttr(*words, f"{text} agent:no", "--all-matching", "--dry-run", "--json")
    assert (nobody.status, nobody.record["chosen"]["found"], nobody.record["users"]) == (1, 0, [])
    agents = await ttr("users", connected.name, "--filter", "agent:yes", "--json")
    assert {one["address"] for one in agents.record["users"]} == set(addresses)
