"""Groups are found by what they are called; who is in them is read to the last page."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.microsoft.conftest import QUICK, Connected
from tests.microsoft.liar import Reply
from ttr_tui.errors import GraphRefused, PermissionMissing, TokenStale, TtrError
from ttr_tui.microsoft import Microsoft, groups
from ttr_tui.model import Secret
from ttr_tui.sandbox import Sandbox, Tenant
from ttr_tui.sandbox.groups import groups_of
from ttr_tui.sandbox.people import Kind
from ttr_tui.settings import Registration

GROUP = "0b0b0b0b-0000-4000-8000-00000000000a"


@pytest.fixture
async def asked(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Microsoft, Secret, Tenant]]:
    """The sandbox's first tenant, consented, and our connection to it."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    registration = Registration(sandbox.client_id, Secret(sandbox.client_secret))
    hosts = (sandbox.authority_host, sandbox.graph_base_url)
    async with Microsoft(registration, *hosts, sandbox.ca_file, QUICK) as ms:
        tenant = sandbox.tenants[0]
        tenant.grant_all()
        yield ms, await ms.tokens.for_app(tenant.id), tenant


async def members(ms: Microsoft, token: Secret, group_id: str) -> list[str]:
    return [one async for page in groups.member_ids(ms, token, group_id) for one in page]


async def test_a_group_is_found_by_its_name_its_address_and_its_id(
    asked: tuple[Microsoft, Secret, Tenant],
) -> None:
    """In any case; two of one name are both found, and what nobody is called is no error."""
    ms, token, tenant = asked
    (it,) = await groups.find_groups(ms, token, " team it ")
    assert (it.name, it.mail, it.dynamic, it.hidden) == ("Team IT", "", False, False)
    assert await groups.find_groups(ms, token, it.id.upper()) == [it]
    (dynamic,) = await groups.find_groups(ms, token, "Team Sales")
    assert dynamic.dynamic
    both = await groups.find_groups(ms, token, "Front Desk")
    assert [one.mail for one in both] == ["", f"front-desk-team@{tenant.domain}"]
    assert await groups.find_groups(ms, token, both[1].mail) == [both[1]]
    (council,) = await groups.find_groups(ms, token, "Works Council")
    assert council.hidden
    for nobody in ("", "Team", "x' or displayName eq 'Team IT", GROUP, "a" * 300):
        assert await groups.find_groups(ms, token, nobody) == []


async def test_groups_like_it_are_offered(asked: tuple[Microsoft, Secret, Tenant]) -> None:
    """By the beginnings of words; signs that could end the question are left out of it."""
    ms, token, _ = asked
    assert [one.name for one in await groups.groups_like(ms, token, 'cust" fac')] == [
        "Customer Facing"
    ]
    assert len(await groups.groups_like(ms, token, "team")) == 10
    assert await groups.groups_like(ms, token, '"" :') == []


async def test_members_of_the_groups_within_are_members(
    asked: tuple[Microsoft, Secret, Tenant],
) -> None:
    """At any depth, each once, by a rule or not; nobody of a hidden membership is told."""
    ms, token, tenant = asked
    people = tenant.directory.people
    inner = {"Sales", "Customer Service", "Support"}
    expected = [p.id for p in people if p.department in inner or p is tenant.ordinary]
    (everything,) = await groups.find_groups(ms, token, "Everything")
    assert await members(ms, token, everything.id) == expected
    (sales,) = await groups.find_groups(ms, token, "Team Sales")
    assert await members(ms, token, sales.id) == [p.id for p in people if p.department == "Sales"]
    shared = next(one for one in groups_of(tenant) if one.name == "Front Desk")
    assert await members(ms, token, shared.id) == [p.id for p in people if p.kind is Kind.SHARED]
    for empty in ("Nobody Yet", "Works Council"):
        (group,) = await groups.find_groups(ms, token, empty)
        assert await members(ms, token, group.id) == []


async def test_a_large_group_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the header on every page, without which the second is refused (facts section 6.1)."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with Sandbox(users=2100) as sandbox:
        registration = Registration(sandbox.client_id, Secret(sandbox.client_secret))
        hosts = (sandbox.authority_host, sandbox.graph_base_url)
        async with Microsoft(registration, *hosts, sandbox.ca_file, QUICK) as ms:
            tenant = sandbox.tenants[0]
            tenant.grant_all()
            token = await ms.tokens.for_app(tenant.id)
            (everybody,) = await groups.find_groups(ms, token, "Everybody")
            pages = [page async for page in groups.member_ids(ms, token, everybody.id)]
            assert [len(page) for page in pages] == [999, 999, 102]
            assert len({one for page in pages for one in page}) == 2100


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply({"error": {"code": "Authorization_RequestDenied"}}, 403), PermissionMissing),
        (Reply({"error": {"code": "InvalidAuthenticationToken"}}, 401), TokenStale),
        (Reply({"error": {"code": "Directory_ExpiredPageToken"}}, 400), GraphRefused),
    ],
)
async def test_not_being_told_is_not_an_empty_group(
    connected: Connected, token: Secret, reply: Reply, error: type[TtrError]
) -> None:
    """A refusal on any page is an error, and what is no id is nobody's."""
    path = f"/v1.0/groups/{GROUP}/transitiveMembers/microsoft.graph.user"
    link = f"{connected.graph.url}{path}?$skiptoken=two"
    first = Reply({"value": [{"id": "u-1"}, {"id": None}, 3], "@odata.nextLink": link})
    connected.graph.on("GET", path, first, reply)
    pages = groups.member_ids(connected.ms, token, GROUP)
    assert await anext(pages) == ["u-1"]
    with pytest.raises(error):
        await anext(pages)
    assert {one.headers["ConsistencyLevel"] for one in connected.graph.seen} == {"eventual"}
