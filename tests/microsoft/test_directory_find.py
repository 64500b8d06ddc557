"""Finding a user by a typed address: by its name, address and aliases, however written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.microsoft.conftest import QUICK, Connected
from tests.microsoft.liar import Reply
from ttr_tui.errors import AnswerBroken, PermissionMissing, TokenStale, TtrError
from ttr_tui.microsoft import Microsoft, directory
from ttr_tui.model import Secret, UserKind
from ttr_tui.sandbox import Person, Sandbox, Tenant
from ttr_tui.sandbox.people import Kind
from ttr_tui.settings import Registration


@dataclass
class Desk:
    """A tenant of the sandbox, consented, and our connection to it."""

    sandbox: Sandbox
    tenant: Tenant
    ms: Microsoft
    token: Secret

    async def found(self, typed: str) -> list[str]:
        """Return the ids of who goes by what was typed."""
        return [user.object_id for user in await directory.find_users(self.ms, self.token, typed)]


@pytest.fixture
async def desk(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    registration = Registration(sandbox.client_id, Secret(sandbox.client_secret))
    hosts = (sandbox.authority_host, sandbox.graph_base_url)
    async with Microsoft(registration, *hosts, sandbox.ca_file, QUICK) as ms:
        tenant = sandbox.tenants[0]
        tenant.grant_all()
        yield Desk(sandbox, tenant, ms, await ms.tokens.for_app(tenant.id))


def guest(tenant: Tenant) -> Person:
    return next(p for p in tenant.directory.people if p.kind is Kind.GUEST)


async def test_a_name_and_an_id_name_one_user(desk: Desk) -> None:
    """In any case, with spaces around them; everything the list of users shows is there."""
    person = desk.tenant.administrator
    for typed in (person.id, person.id.upper(), f"  {person.user_principal_name.upper()}\n"):
        (user,) = await directory.find_users(desk.ms, desk.token, typed)
        assert (user.object_id, user.name) == (person.id, person.display_name)
        assert (user.address, user.kind) == (person.mail, UserKind.MEMBER)


async def test_an_address_that_is_no_name_is_found(desk: Desk) -> None:
    """The primary address where it differs, and an alias; the answer names the primary one."""
    renamed, ordinary = desk.tenant.application_administrator, desk.tenant.ordinary
    assert renamed.mail
    assert renamed.mail != renamed.user_principal_name
    assert await desk.found(renamed.mail.title()) == [renamed.id]
    assert await desk.found(renamed.user_principal_name) == [renamed.id]
    (user,) = await directory.find_users(desk.ms, desk.token, ordinary.aliases[0].upper())
    assert (user.object_id, user.address) == (ordinary.id, ordinary.mail)


async def test_an_alias_two_users_have_names_both(desk: Desk) -> None:
    """Whoever asks must choose: nothing here does."""
    both = {desk.tenant.other_administrator.id, desk.tenant.ordinary.id}
    assert set(await desk.found("front-desk@contoso.example")) == both


async def test_a_guest_is_found_by_both_names(desk: Desk) -> None:
    """`#EXT#` does not end the address, and the address at home leads to the same entry."""
    person = guest(desk.tenant)
    for typed in (person.user_principal_name, person.mail or ""):
        (user,) = await directory.find_users(desk.ms, desk.token, typed)
        assert (user.object_id, user.kind) == (person.id, UserKind.GUEST)


@pytest.mark.parametrize(
    "address",
    [
        "siobhan.o'neill@contoso.example",
        "''@contoso.example",
        "a/b@contoso.example",
        "../me?x=1&$select=id@contoso.example",
        "50%25+off@contoso.example",
        "Łucja.Żak@contoso.example",
        "$count@contoso.example",
    ],
)
async def test_whatever_stands_in_an_address_stays_in_it(desk: Desk, address: str) -> None:
    """Quotes, slashes and the like are letters here, in a name and in an alias."""
    by_alias, by_name = desk.tenant.ordinary, desk.tenant.administrator
    by_alias.aliases = (address,)
    assert await desk.found(address) == [by_alias.id]
    by_alias.aliases, by_name.user_principal_name = (), address
    assert await desk.found(address) == [by_name.id]


@pytest.mark.parametrize("typed", ["nobody@contoso.example", "x' or 'a' eq 'a@contoso.example"])
async def test_nobody_is_no_error(desk: Desk, typed: str) -> None:
    """An address of nobody's, and one that tries to be a question of its own."""
    assert await desk.found(typed) == []


@pytest.mark.parametrize(
    "typed", ["", "  ", "me", "delta", "$count", "a b@contoso.example", "@", f"{'a' * 330}@b.c"]
)
async def test_what_can_be_no_address_is_not_asked_for(desk: Desk, typed: str) -> None:
    """Neither the whole list nor another resource is read by mistake."""
    before = desk.sandbox.seen
    assert await desk.found(typed) == []
    assert desk.sandbox.seen == before


async def test_an_object_of_another_tenant_is_nobody_here(desk: Desk) -> None:
    """The token's tenant is the only one asked, and an id is not looked for as an address."""
    assert await desk.found(desk.sandbox.tenants[1].administrator.id) == []
    assert [place for place in desk.sandbox.seen if place.endswith("/users")] == []


async def test_every_page_is_read_and_nobody_comes_twice(
    connected: Connected, token: Secret
) -> None:
    """A page may be empty and yet go on (facts section 6.1)."""
    link = f"{connected.graph.url}/v1.0/users?$skiptoken=two"
    twice = [{"id": "u-1"}, {"id": "u-2"}, {"id": "u-1"}, {"id": None}]
    connected.graph.on(
        "GET", "/v1.0/users", Reply({"value": [], "@odata.nextLink": link}), Reply({"value": twice})
    )
    found = await directory.find_users(connected.ms, token, "a@contoso.example")
    assert [user.object_id for user in found] == ["u-1", "u-2"]
    assert all("ConsistencyLevel" not in seen.headers for seen in connected.graph.seen)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply({"error": {"code": "Authorization_RequestDenied"}}, 403), PermissionMissing),
        (Reply({"error": {"code": "InvalidAuthenticationToken"}}, 401), TokenStale),
        (Reply("<html>"), AnswerBroken),
    ],
)
async def test_not_being_told_is_not_nobody(
    connected: Connected, token: Secret, reply: Reply, error: type[TtrError]
) -> None:
    """A refusal and a broken answer are errors, by key and by address."""
    connected.graph.on("GET", "/v1.0/users/a%40contoso.example", reply)
    with pytest.raises(error):
        await directory.find_users(connected.ms, token, "a@contoso.example")
    connected.graph.on("GET", "/v1.0/users", reply)
    with pytest.raises(error):
        await directory.find_users(connected.ms, token, "b@contoso.example")
