"""Everything this room offers, used against the sandbox tenant as the journeys use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.microsoft.conftest import QUICK
from ttr_tui.errors import (
    AnswerBroken,
    ClientRefused,
    ConsentNeeded,
    ForeignHost,
    IdentityWrong,
    PermissionMissing,
    SignInDenied,
    SignInNeeded,
    TokenStale,
    TtrError,
    Unreachable,
    WrongTenant,
)
from ttr_tui.microsoft import Microsoft, SignedIn, directory, endpoints, grants, mailbox
from ttr_tui.model import (
    APPLICATION_PERMISSIONS,
    AuthorizationResponse,
    Outcome,
    Secret,
    UserKind,
)
from ttr_tui.sandbox import Sandbox, Tenant
from ttr_tui.sandbox.browser import Administrator
from ttr_tui.settings import Registration

ADMIN = "https://portal.example/msgraph-grant-admin-permission"
BULK = "https://portal.example/tools/agents/msgraph-store-bulk"


@pytest.fixture
async def ms(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Microsoft]:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    sandbox.register(ADMIN, BULK)
    async with Microsoft(
        Registration(sandbox.client_id, Secret(sandbox.client_secret)),
        sandbox.authority_host,
        sandbox.graph_base_url,
        sandbox.ca_file,
        QUICK,
    ) as microsoft:
        yield microsoft


@pytest.fixture
def tenant(sandbox: Sandbox) -> Tenant:
    return sandbox.tenants[0]


async def consent(sandbox: Sandbox, tenant: Tenant, administrator: Administrator) -> None:
    url = endpoints.admin_consent_url(
        authority_host=sandbox.authority_host,
        tenant_id=tenant.id,
        client_id=sandbox.client_id,
        redirect_uri=ADMIN,
        state="consent-1",
        graph_base_url=sandbox.graph_base_url,
    )
    page = await administrator.follow(url, account=tenant.administrator.user_principal_name)
    assert page.url.startswith(ADMIN)


async def sign_in(
    ms: Microsoft, tenant: Tenant, administrator: Administrator, account: str = ""
) -> SignedIn:
    request = await ms.tokens.begin_sign_in(tenant.id, BULK, "sign-in-1")
    page = await administrator.follow(
        request.url, account=account or tenant.administrator.user_principal_name
    )
    assert page.url.startswith(BULK)
    response = AuthorizationResponse(dict(parse_qsl(urlsplit(page.url).query)))
    return await ms.tokens.redeem(tenant.id, request.flow, response)


async def test_the_whole_way(
    ms: Microsoft, sandbox: Sandbox, tenant: Tenant, administrator: Administrator
) -> None:
    """Discovery, consent, proof, directory, sign-in, refresh and mailboxes, all over https."""
    found = await ms.discover(tenant.domain)
    assert found.tenant_id == tenant.id
    with pytest.raises(ConsentNeeded):
        await ms.tokens.for_app(tenant.id)
    await consent(sandbox, tenant, administrator)
    token = await ms.tokens.for_app(tenant.id, fresh=True)
    organization = await directory.organization(ms, token)
    assert organization.id == tenant.id
    assert tenant.domain in organization.domains
    given = await grants.granted(ms, token, sandbox.client_id)
    assert given.application == set(APPLICATION_PERMISSIONS)
    assert {"Mail.ReadBasic", "User.Read"} <= given.delegated
    await directory.first_user(ms, token)
    users = [u async for page in directory.user_pages(ms, token) for u in page.users]
    assert len({user.object_id for user in users}) == await directory.count_users(ms, token)
    assert {UserKind.MEMBER, UserKind.GUEST, UserKind.SHARED} <= {user.kind for user in users}
    signed_in = await sign_in(ms, tenant, administrator)
    assert signed_in.person.user_principal_name == tenant.administrator.user_principal_name
    assert {"Mail.ReadBasic", "User.Read"} <= set(signed_in.scopes)
    refreshed = await ms.tokens.refresh(tenant.id, signed_in.refresh_token, signed_in.person)
    assert refreshed.refresh_token != signed_in.refresh_token
    members = [user.object_id for user in users if user.kind is UserKind.MEMBER][:20]
    answers = await mailbox.probe(ms, token, members)
    assert {answer.outcome for answer in answers.values()} == {Outcome.ADDED}


async def test_mailboxes_are_told_apart(
    ms: Microsoft, sandbox: Sandbox, tenant: Tenant, administrator: Administrator
) -> None:
    """Blocked, without a mailbox, unknown and throttled ones each get their own outcome."""
    await consent(sandbox, tenant, administrator)
    token = await ms.tokens.for_app(tenant.id)
    users = [u async for page in directory.user_pages(ms, token) for u in page.users]
    good, blocked, bare = [u.object_id for u in users if u.kind is UserKind.MEMBER][:3]
    sandbox.dials.blocked = {blocked}
    sandbox.dials.no_mailbox = {bare}
    sandbox.dials.batch_throttle_next = 2
    sandbox.dials.retry_after = 0
    unknown = "00000000-0000-4000-8000-00000000dead"
    answers = await mailbox.probe(ms, token, [good, blocked, bare, unknown])
    assert [answers[i].outcome for i in (good, blocked, bare, unknown)] == [
        Outcome.ADDED,
        Outcome.BLOCKED,
        Outcome.NO_MAILBOX,
        Outcome.NO_MAILBOX,
    ]


@pytest.mark.parametrize(
    ("dials", "error"),
    [
        ({"denied": True}, PermissionMissing),
        ({"unauthorized": True}, TokenStale),
        ({"truncate_next": 9}, AnswerBroken),
        ({"html_next": 9}, AnswerBroken),
        ({"drop_next": 9}, Unreachable),
        ({"fail_next": 9, "fail_status": 500}, Unreachable),
        ({"throttle_next": 99, "retry_after": 0}, Unreachable),
        ({"foreign_next_link": True}, ForeignHost),
        ({"repeat_link": True}, AnswerBroken),
    ],
)
async def test_trouble_while_reading_users_is_a_sentence(
    ms: Microsoft,
    sandbox: Sandbox,
    tenant: Tenant,
    administrator: Administrator,
    dials: dict[str, Any],
    error: type[TtrError],
) -> None:
    """Each dial ends in its own kind of error, and the stranger hears nothing."""
    await consent(sandbox, tenant, administrator)
    token = await ms.tokens.for_app(tenant.id)
    for name, value in dials.items():
        setattr(sandbox.dials, name, value)
    start = f"{sandbox.graph_base_url}/v1.0/users?$top=25"
    with pytest.raises(error) as caught:
        [page async for page in directory.user_pages(ms, token, start)]
    assert type(caught.value) is error
    assert sandbox.stranger.requests == []


@pytest.mark.parametrize("dials", [{"throttle_next": 2, "retry_after": 0}, {"empty_page_next": 2}])
async def test_trouble_that_passes_loses_nobody(
    ms: Microsoft,
    sandbox: Sandbox,
    tenant: Tenant,
    administrator: Administrator,
    dials: dict[str, Any],
) -> None:
    """Throttling and empty pages are got through with every user read."""
    await consent(sandbox, tenant, administrator)
    token = await ms.tokens.for_app(tenant.id)
    for name, value in dials.items():
        setattr(sandbox.dials, name, value)
    start = f"{sandbox.graph_base_url}/v1.0/users?$top=25"
    pages = directory.user_pages(ms, token, start)
    users = {u.object_id async for page in pages for u in page.users}
    assert len(users) == await directory.count_users(ms, token)


@pytest.mark.parametrize(
    ("lie", "error"),
    [
        ("wrong_nonce", IdentityWrong),
        ("wrong_iss", IdentityWrong),
        ("wrong_tid", WrongTenant),
        ("wrong_aud", IdentityWrong),
        ("expired", IdentityWrong),
        ("other_tenant", IdentityWrong),
        ("missing", AnswerBroken),
    ],
)
async def test_a_lying_id_token_stores_nothing(
    ms: Microsoft,
    sandbox: Sandbox,
    tenant: Tenant,
    administrator: Administrator,
    lie: Any,
    error: type[TtrError],
) -> None:
    """Every lie an ID token can tell is refused."""
    await consent(sandbox, tenant, administrator)
    sandbox.dials.id_token = lie
    with pytest.raises(error):
        await sign_in(ms, tenant, administrator)


@pytest.mark.parametrize(
    ("dials", "error"),
    [
        ({"refresh_revoked": True}, SignInNeeded),
        ({"secret_expired": True}, ClientRefused),
        ({"token_refused": 50076}, SignInNeeded),
        ({"token_refused": 65001}, ConsentNeeded),
        ({"id_token": "wrong_sub"}, IdentityWrong),
        ({"id_token": "wrong_oid"}, IdentityWrong),
        ({"id_token": "wrong_tid"}, WrongTenant),
        ({"redirect_token": True}, ForeignHost),
        ({"at": "login POST", "truncate_next": 9}, AnswerBroken),
        ({"at": "login POST", "fail_next": 9, "fail_status": 500}, Unreachable),
        ({"at": "login POST", "drop_next": 9}, Unreachable),
    ],
)
async def test_trouble_while_refreshing_is_told_apart(
    ms: Microsoft,
    sandbox: Sandbox,
    tenant: Tenant,
    administrator: Administrator,
    dials: dict[str, Any],
    error: type[TtrError],
) -> None:
    """A refusal, an identity that changed and a broken way are three different things."""
    await consent(sandbox, tenant, administrator)
    signed_in = await sign_in(ms, tenant, administrator)
    for name, value in dials.items():
        setattr(sandbox.dials, name, value)
    with pytest.raises(TtrError) as caught:
        await ms.tokens.refresh(tenant.id, signed_in.refresh_token, signed_in.person)
    assert type(caught.value) is error
    assert sandbox.stranger.requests == []
    sandbox.dials.reset()
    again = await ms.tokens.refresh(tenant.id, signed_in.refresh_token, signed_in.person)
    assert again.refresh_token.reveal()


async def test_what_microsofts_page_refuses_is_named(
    ms: Microsoft, sandbox: Sandbox, tenant: Tenant, administrator: Administrator
) -> None:
    """An error in the authorization response is a denial in words, before any token request."""
    await consent(sandbox, tenant, administrator)
    sandbox.dials.sign_in_refused = 53003
    with pytest.raises(SignInDenied) as caught:
        await sign_in(ms, tenant, administrator)
    assert caught.value.evidence.code == "AADSTS53003"


async def test_a_foreign_endpoint_in_discovery_gets_nothing(
    ms: Microsoft, sandbox: Sandbox, tenant: Tenant
) -> None:
    """Neither secret nor code goes where a lying discovery points."""
    for endpoint in ("token_endpoint", "authorization_endpoint"):
        sandbox.dials.foreign_endpoint = endpoint
        with pytest.raises(ForeignHost):
            await ms.tokens.for_app(tenant.id)
    assert sandbox.stranger.requests == []


async def test_two_tenants_do_not_wait_for_each_other(
    ms: Microsoft, sandbox: Sandbox, administrator: Administrator
) -> None:
    """Each tenant has its own turn and its own token."""
    first, second = sandbox.tenants[:2]
    await consent(sandbox, first, administrator)
    await consent(sandbox, second, Administrator(sandbox.ca_file))
    tokens = await asyncio.gather(*(ms.tokens.for_app(t.id) for t in (first, second)))
    names = [(await directory.organization(ms, token)).id for token in tokens]
    assert names == [first.id, second.id]
