"""Changes of a directory: who is there, who is not, who is unclear, and links that are over."""

from __future__ import annotations

import asyncio

import pytest

from tests.microsoft.conftest import Connected
from tests.microsoft.liar import Liar, Reply
from ttr_tui.errors import AnswerBroken, ForeignHost, GraphRefused
from ttr_tui.microsoft import Gate, changes, directory, requests_share, waits_told_to
from ttr_tui.model import Secret

DELTA = "/v1.0/users/delta"


async def test_changes_come_page_by_page(connected: Connected, token: Secret) -> None:
    """An entry may come twice, say that somebody left, or say too little to be believed."""
    root = f"{connected.graph.url}{DELTA}"
    entries = [
        {"id": "u-1", "userPrincipalName": "old@x"},
        {"id": "u-1", "userPrincipalName": "new@x"},
        {"id": "u-2", "@removed": {"reason": "changed"}},
        {"id": "u-3", "displayName": "Only a name"},
        {"id": "u-4", "userPrincipalName": "back@x"},
        {"id": "u-4", "@removed": {"reason": "changed"}},
        {"displayName": "nobody"},
    ]
    connected.graph.on(
        "GET",
        DELTA,
        Reply({"value": entries, "@odata.nextLink": f"{root}?$skiptoken=2"}),
        Reply({"value": [], "@odata.deltaLink": f"{root}?$deltatoken=3"}),
    )
    link = f"{root}?$deltatoken=1"
    trail = connected.ms.graph.trail(link)
    first = await changes.change_page(connected.ms, token, link, trail)
    assert [user.user_principal_name for user in first.users] == ["new@x"]
    assert (first.removed, first.unclear) == (["u-2"], ["u-3", "u-4"])
    last = await changes.change_page(connected.ms, token, first.next_link, trail)
    assert (first.delta_link, last.delta_link) == ("", f"{root}?$deltatoken=3")


async def test_who_is_unclear_is_asked_for(connected: Connected, token: Secret) -> None:
    """Twenty at a time; who is not found is gone."""
    found = {"id": "0", "status": 200, "body": {"id": "0", "userPrincipalName": "a@x"}}
    missing = [{"id": str(i), "status": 404, "body": {}} for i in range(1, 21)]
    connected.graph.on(
        "POST",
        "/v1.0/$batch",
        Reply({"responses": [found, *missing[:19]]}),
        Reply({"responses": missing[19:]}),
    )
    ids = [str(i) for i in range(21)]
    users, gone = await changes.users_as_they_are(connected.ms, token, ids)
    assert ([user.object_id for user in users], gone) == (["0"], ids[1:])


async def test_a_link_that_leads_elsewhere_is_not_kept(
    connected: Connected, token: Secret, foreign: Liar
) -> None:
    """Neither the first link to changes nor the next; a round that has none is broken."""
    away = Reply({"value": [], "@odata.deltaLink": f"{foreign.url}{DELTA}?$deltatoken=1"})
    connected.graph.on("GET", DELTA, away)
    with pytest.raises(ForeignHost):
        await changes.link_from_now_on(connected.ms, token)
    link = f"{connected.graph.url}{DELTA}?$deltatoken=1"
    with pytest.raises(ForeignHost):
        await changes.change_page(connected.ms, token, link, connected.ms.graph.trail(link))
    assert foreign.seen == []
    connected.graph.on("GET", DELTA, Reply({"value": []}))
    with pytest.raises(AnswerBroken):
        await changes.link_from_now_on(connected.ms, token)
    with pytest.raises(AnswerBroken):
        await changes.change_page(connected.ms, token, link, connected.ms.graph.trail(link))


def test_what_means_that_a_link_is_over() -> None:
    """410, the codes Microsoft names, and a link Graph no longer understands."""
    for status, code in ((410, ""), (400, "x"), (404, ""), (409, "SyncStateNotFound")):
        assert changes.is_over(GraphRefused("No.", status=status, code=code)), (status, code)
    assert not changes.is_over(GraphRefused("No.", status=403, code="Denied"))


async def test_one_pause_holds_all_that_share_a_gate(connected: Connected, token: Secret) -> None:
    """A 429 to one request is waited out by those that were not sent yet; few go at once."""
    connected.graph.on("GET", "/v1.0/busy", Reply("", 429, {"Retry-After": "1"}), Reply({"a": 1}))
    connected.graph.on("GET", "/v1.0/idle", Reply({"a": 1}))
    waits = asyncio.Event()
    with requests_share(Gate(2)), waits_told_to(lambda _wait: waits.set()):
        busy = asyncio.create_task(connected.ms.graph.get("/busy", token))
        await asyncio.wait_for(waits.wait(), 5)
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(connected.ms.graph.get("/idle", token) for _ in range(3)))
        assert asyncio.get_running_loop().time() - began > 0.9
        assert await busy == {"a": 1}
    await connected.ms.graph.get("/idle", token)


async def test_the_next_link_is_known_before_a_page_is_parsed(
    connected: Connected, token: Secret
) -> None:
    """Wherever it stands; a name that looks like it is none, a second one is not believed."""
    link = f"{connected.graph.url}/v1.0/users?$skiptoken=2"
    odd = {"id": "1", "displayName": '"@odata.nextLink":"https://evil.example"'}
    named = {"id": "2", "displayName": "@odata.nextLink"}
    for body in (
        {"@odata.nextLink": link, "value": [odd, named]},
        {"value": [odd, named], "@odata.nextLink": link, "@odata.count": 12},
    ):
        connected.graph.on("GET", "/v1.0/users", Reply(body))
        came = await connected.ms.graph.page("/users", token)
        assert came.next_link == link
        page = await directory.users_of(came, connected.ms.graph.trail("/users"))
        assert [user.object_id for user in page.users] == ["1", "2"]
    inner = {"id": "1", "manager": {"@odata.nextLink": f"{link}1"}}
    connected.graph.on("GET", "/v1.0/users", Reply({"value": [inner]}))
    came = await connected.ms.graph.page("/users", token)
    with pytest.raises(AnswerBroken):
        came.parsed()
