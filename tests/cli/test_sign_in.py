"""`agents authenticate` and `authentications reauth`: owners sign in, in browsers anywhere."""

from __future__ import annotations

from typing import Any

from tests.cli.conftest import Program
from ttr_tui.model import Company
from ttr_tui.sandbox.browser import Administrator


def browser(ttr: Program) -> Administrator:
    """A browser of somebody's own."""
    return Administrator(ttr.sandbox.ca_file)


async def own(ttr: Program, company: Company) -> list[dict[str, Any]]:
    """What is stored of owners who signed in."""
    listed = await ttr("authentications", "list", company.name, "--json")
    found: list[dict[str, Any]] = listed.record["companies"][0]["own"]
    return found


async def test_an_owner_signs_in_and_nobody_is_asked(ttr: Program, granted: Company) -> None:
    """The person was looked up and the browser pressed the button: stored, and proven."""
    (person,) = ttr.members(1)
    address = person.user_principal_name
    process = await ttr.start(
        "agents", "authenticate", granted.name, "--user", address.upper(), "--json"
    )
    events = await ttr.follow_links(process, account=address)
    done = await ttr.finish(process)
    assert done.status == 0, done.err
    assert [event["event"] for event in events] == ["link", "stored"]
    assert events[0]["step"] == "agent"
    assert events[1]["authentication"]["kind"] == "own"
    assert events[1]["authentication"]["object_id"] == person.id
    assert [row["status"] for row in await own(ttr, granted)] == ["healthy"]
    held = await ttr("agents", "authenticate", granted.name, "--user", address, "--json")
    assert (held.status, held.record["error"]["kind"]) == (1, "AgentHeld")


async def test_somebody_else_is_told_and_the_link_still_works(
    ttr: Program, granted: Company
) -> None:
    """Both are named; the command goes on waiting for the right one."""
    right, wrong = ttr.members(2)
    process = await ttr.start(
        "agents", "authenticate", granted.name, "--user", right.user_principal_name, "--json"
    )
    link = (await ttr.event(process, "link"))["link"]
    await browser(ttr).follow(link, account=wrong.user_principal_name)
    told = (await ttr.event(process, "wrong_person"))["error"]
    assert told["kind"] == "WrongPerson"
    assert right.user_principal_name in told["happened"]
    assert wrong.user_principal_name in told["happened"]
    await browser(ttr).follow(link, account=right.user_principal_name)
    assert (await ttr.event(process, "stored"))["authentication"]["object_id"] == right.id
    assert (await ttr.finish(process)).status == 0


async def test_microsofts_refusal_is_shown_whole(ttr: Program, granted: Company) -> None:
    """With its own kind, its code and its ids."""
    ttr.sandbox.dials.sign_in_refused = 53003
    (person,) = ttr.members(1)
    address = person.user_principal_name
    process = await ttr.start("agents", "authenticate", granted.name, "--user", address, "--json")
    events = await ttr.follow_links(process, account=address)
    done = await ttr.finish(process)
    assert done.status == 1
    error = events[-1]["error"]
    assert (error["kind"], error["code"]) == ("SignInDenied", "AADSTS53003")
    assert error["correlation_id"] in done.err
    assert error["trace_id"]


async def test_before_any_permission_the_word_is_asked(ttr: Program) -> None:
    """Who cannot be looked up is confirmed; without anybody to ask, no link is made."""
    ttr.sandbox.dials.users_may_consent = True
    await ttr("companies", "add", "Contoso", ttr.sandbox.tenants[0].domain)
    person, other = ttr.members(2)
    words = ("agents", "authenticate", "Contoso", "--user", person.user_principal_name, "--json")
    refused = await ttr(*words)
    assert (refused.status, refused.record["error"]["kind"]) == (1, "NotConfirmed")
    process = await ttr.start(*words, "--expect", person.user_principal_name)
    events = await ttr.follow_links(process, account=other.user_principal_name)
    assert (await ttr.finish(process)).status == 1
    assert [event.get("event") for event in events] == ["link", "signed_in", None]
    process = await ttr.start(*words, "--expect", person.user_principal_name)
    events = await ttr.follow_links(process, account=person.user_principal_name)
    assert (await ttr.finish(process)).status == 0
    assert [event["event"] for event in events] == ["link", "signed_in", "stored"]
    assert events[-1]["authentication"]["object_id"] == person.id


async def test_expecting_another_than_is_asked_for_makes_no_link(
    ttr: Program, granted: Company
) -> None:
    """The two names on one command line contradict each other."""
    first, second = ttr.members(2)
    done = await ttr(
        "agents", "authenticate", granted.name, "--user", first.user_principal_name,
        "--expect", second.user_principal_name, "--json",
    )  # fmt: skip
    assert (done.status, done.record["error"]["kind"]) == (1, "NotConfirmed")


async def test_nobody_by_that_address_is_refused(ttr: Program, granted: Company) -> None:
    """Before any link is made."""
    done = await ttr("agents", "authenticate", granted.name, "--user", "no@nowhere.x", "--json")
    assert (done.status, done.record["error"]["kind"]) == (1, "NobodyFound")


async def test_a_company_master_and_a_child_sign_in_again(ttr: Program, connected: Company) -> None:
    """Replaced, never doubled: the master keeps its children, the child leaves its parent."""
    (person,) = ttr.members(1)
    upn = person.user_principal_name
    assert (await ttr("agents", "add", connected.name, "--user", upn, "--yes")).status == 0
    process = await ttr.start(
        "authentications", "reauth", "--company-master", connected.name, "--json"
    )
    events = await ttr.follow_links(process)
    assert (await ttr.finish(process)).status == 0
    assert [event["event"] for event in events] == ["link", "stored"]
    assert events[1]["authentication"]["kind"] == "company_master"
    assert events[1]["authentication"]["signed_in_again_at"]
    listed = (await ttr("authentications", "list", "--json")).record["companies"][0]
    (child,) = listed["children"]
    process = await ttr.start("authentications", "reauth", child["id"], "--json")
    events = await ttr.follow_links(process, account=upn)
    done = await ttr.finish(process)
    assert done.status == 0, done.err
    assert events[1]["authentication"]["id"] == child["id"]
    assert [row["id"] for row in await own(ttr, connected)] == [child["id"]]


async def test_an_unknown_authentication_is_refused(ttr: Program, granted: Company) -> None:
    """The sentence says where the ids are."""
    done = await ttr("authentications", "reauth", "nothing", "--json")
    assert done.status == 1
    assert "nothing" in done.record["error"]["happened"]
