"""What a directory of any size is read by: filters by name, counts, links to changes."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import quote

from tests.sandbox.client import Client, Reply, client_of
from ttr_tui.sandbox import Sandbox, user_properties
from ttr_tui.sandbox.filters import NameIndex, read_filter
from ttr_tui.sandbox.people import Directory, Person
from ttr_tui.sandbox.rows import rows

UPN = "userPrincipalName"


async def found(client: Client, token: str, text: str, *, eventual: bool = True) -> Reply:
    path = f"/users?$filter={quote(text)}&$count=true&$select=id,{UPN}&$top=999"
    return await client.graph(path, token, eventual=eventual)


async def test_beginnings_of_names_and_their_opposite(sandbox: Sandbox) -> None:
    """Parts and their remainder hold everybody once; `not` is advanced; fifteen `or` are too many.

    Case does not count, and each part is counted.
    """
    async with client_of(sandbox) as client:
        await client.consent()
        token = await client.app_token()
        people = client.tenant.directory.people
        some = f"startsWith({UPN},'A') or startsWith({UPN},'m')"
        rest = f"not startsWith({UPN},'a') and not(startsWith({UPN},'M'))"
        replies = [await found(client, token, text) for text in (some, rest)]
        ids = [user["id"] for reply in replies for user in reply.values]
        assert sorted(map(str, ids)) == sorted(person.id for person in people)
        assert sum(int(str(r.json["@odata.count"])) for r in replies) == len(people)
        either = await found(client, token, f"({some}) and not ({some})")
        assert either.values == []
        assert (await found(client, token, rest, eventual=False)).status == 400
        for bad in (f"({some}", f"{some} and", f"not {some})"):
            assert (await found(client, token, bad)).status == 400, bad
        many = " or ".join(f"startsWith({UPN},'{n}')" for n in range(16))
        refused = await found(client, token, many)
        assert refused.code == "Request_UnsupportedQuery"
        assert "Max allowed: 15" in refused.text
        long = " and ".join([f"not startsWith({UPN},'{n}')" for n in range(60)])
        assert "characters" in (await found(client, token, long)).text


def test_a_large_directory_answers_as_a_small_one_does() -> None:
    """Rows written as text, and filters answered from an index of names, say the same."""
    people = Directory("contoso.example", 365, 2_000, curious=True).people
    everything = user_properties.ALL
    entries = [user_properties.shown(person, everything) for person in people]
    assert rows(people, everything) == json.dumps(entries)
    names = NameIndex(people)
    for text in (
        f"startsWith({UPN},'S')",
        f"startsWith({UPN},'sa') or startsWith({UPN},'m')",
        f"startsWith({UPN},'s') and not(startsWith({UPN},'sa')) and not startsWith({UPN},'se')",
    ):
        condition = read_filter(text, advanced=True)
        one_by_one = {place for place, person in enumerate(people) if condition.test(person)}
        assert condition.places(names) == one_by_one != set(), text
    assert read_filter("accountEnabled eq true", advanced=False).places(names) is None


async def test_counts_lag_and_links_end(sandbox: Sandbox) -> None:
    """A count is wrong by as many as said; a next link is over before its time, where told."""
    async with client_of(sandbox) as client:
        await client.consent()
        token, dials = await client.app_token(), sandbox.dials
        dials.count_off = -2
        assert (await client.graph("/users/$count", token, eventual=True)).text == "58"
        page = await client.graph("/users?$count=true&$top=10", token, eventual=True)
        assert page.json["@odata.count"] == 58
        dials.expire_page_next, dials.expire_page_at = 1, "startsWith("
        link = str(page.json["@odata.nextLink"])
        assert (await client.graph(link, token, eventual=True)).status == 200
        path = f"/users?$top=1&$count=true&$filter=startsWith({UPN},'a')"
        link = str((await client.graph(path, token, eventual=True)).json["@odata.nextLink"])
        answers = [await client.graph(link, token, eventual=True) for _ in range(2)]
        assert [answer.status for answer in answers] == [400, 200]
        assert answers[0].code == "Directory_ExpiredPageToken"


async def test_a_pause_is_for_everybody(sandbox: Sandbox) -> None:
    """Who asks before a pause is over is told to wait as well, and counted; so is who asks at once.

    The requests to Graph that are under way at once are counted.
    """
    async with client_of(sandbox) as client:
        await client.consent()
        token, dials = await client.app_token(), sandbox.dials
        dials.slow_seconds = 0.1
        await asyncio.gather(*(client.graph("/organization", token) for _ in range(5)))
        assert sandbox.most_at_once == 5
        dials.slow_seconds, dials.throttle_all, dials.throttle_next = 0.0, True, 1
        statuses = [(await client.graph("/organization", token)).status for _ in range(3)]
        assert (statuses, sandbox.impatient) == ([429] * 3, 2)
        await asyncio.sleep(1.0)
        assert (await client.graph("/organization", token)).status == 200


async def test_changes_are_told(sandbox: Sandbox) -> None:
    """Tracked properties alone; who left, came back, left for good, is new; pages; the end."""
    async with client_of(sandbox) as client:
        await client.consent()
        token, dials, directory = await client.app_token(), sandbox.dials, client.tenant.directory
        latest = await client.graph(
            "/users/delta?$deltatoken=latest&$select=displayName,department", token
        )
        assert latest.values == []
        first, second, third, fourth = directory.people[10:14]
        first.job_title, second.department = "Unseen", "Seen"
        directory.changed(first, "jobTitle")
        directory.changed(second, "department")
        directory.remove(third)
        directory.remove(fourth)
        directory.purge(fourth.id)
        directory.add(Person("0" * 36, "New", "new@contoso.example", None))
        link = str(latest.json["@odata.deltaLink"])
        changes = await client.graph(link, token)
        assert changes.values == [
            {"id": second.id, "displayName": second.display_name, "department": "Seen"},
            {"id": third.id, "@removed": {"reason": "changed"}},
            {"id": fourth.id, "@removed": {"reason": "deleted"}},
            {"id": "0" * 36, "displayName": "New", "department": None},
        ]
        directory.restore(third.id)
        dials.delta_page, dials.delta_replays, dials.empty_page_next = 3, True, 1
        seen: list[dict[str, object]] = []
        pages = 0
        while "@odata.deltaLink" not in (page := await client.graph(link, token)).json:
            seen, pages, link = [*seen, *page.values], pages + 1, str(page.json["@odata.nextLink"])
        assert pages == 3
        assert [user["id"] for user in seen].count(second.id) == 2
        assert [user["id"] for user in page.values].count(third.id) == 2
        dials.delta_gone = "gone"
        gone = await client.graph(link, token)
        assert (gone.status, "delta?$deltatoken=" in gone.headers["Location"]) == (410, True)
        dials.delta_gone = "resyncRequired"
        assert (await client.graph(link, token)).status == 400
