"""Discovery over the wire: whose domain it is, and what is not believed."""

from __future__ import annotations

import pytest

from tests.microsoft.conftest import Connected
from tests.microsoft.liar import OTHER_TENANT, TENANT, Liar, Reply
from ttr_tui.errors import AnswerBroken, ForeignHost, TenantUnknown, Unreachable

DOMAIN = "contoso.example"
PATH = f"/{DOMAIN}/v2.0/.well-known/openid-configuration"


async def test_a_domain_leads_to_its_tenant(connected: Connected) -> None:
    """The tenant id is the GUID in the issuer; endpoints are taken as they are published."""
    connected.authority.is_authority(asked=DOMAIN)
    found = await connected.ms.discover(f" {DOMAIN} ")
    assert found.tenant_id == TENANT
    assert found.issuer == f"{connected.authority.url}/{TENANT}/v2.0"
    assert found.token_endpoint == f"{connected.authority.url}/{TENANT}/oauth2/v2.0/token"


async def test_any_issuer_will_do_when_a_tenant_id_was_asked_for(connected: Connected) -> None:
    """A provider whose issuer holds no GUID is found by the GUID that was asked for."""
    root = connected.authority.url
    connected.authority.is_authority(issuer=root, token_endpoint=f"{root}/token")
    found = await connected.ms.discover(TENANT)
    assert (found.tenant_id, found.issuer) == (TENANT, root)


async def test_an_unknown_domain_is_a_sentence_with_microsofts_identifiers(
    connected: Connected,
) -> None:
    """HTTP 400 invalid_tenant says that the domain is unknown, and keeps the correlation id."""
    refusal = {
        "error": "invalid_tenant",
        "error_description": "AADSTS90002: Tenant 'x' not found.",
        "error_codes": [90002],
        "correlation_id": "c-1",
        "trace_id": "t-1",
        "timestamp": "2026-01-01 00:00:00Z",
    }
    connected.authority.on("GET", PATH, Reply(refusal, 400))
    with pytest.raises(TenantUnknown) as caught:
        await connected.ms.discover(DOMAIN)
    assert DOMAIN in caught.value.happened
    assert caught.value.evidence.code == "AADSTS90002"
    assert caught.value.evidence.correlation_id == "c-1"


@pytest.mark.parametrize("asked", ["", "   ", "a/b", "münchen.example", "a\nb"])
async def test_what_is_no_domain_is_not_asked_for(connected: Connected, asked: str) -> None:
    """Nothing is sent for what can be neither a domain nor a GUID."""
    with pytest.raises(TenantUnknown):
        await connected.ms.discover(asked)
    assert connected.authority.seen == []


@pytest.mark.parametrize("endpoint", ["token_endpoint", "authorization_endpoint"])
async def test_an_endpoint_elsewhere_is_refused(
    connected: Connected, foreign: Liar, endpoint: str
) -> None:
    """Discovery that names an endpoint at another port of the same machine is not believed."""
    connected.authority.is_authority(asked=DOMAIN, **{endpoint: f"{foreign.url}/{TENANT}/x"})
    with pytest.raises(ForeignHost):
        await connected.ms.discover(DOMAIN)
    assert foreign.seen == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply("<html>sign in to the guest network</html>"),
        Reply('{"issuer": "https://'),
        Reply("[]"),
        Reply(""),
        Reply({"issuer": 5}),
        Reply({"issuer": "https://x/{tenantid}/v2.0"}),
        Reply("[" * 100_000),
        Reply({"a": 1}, cut=True),
        Reply({}, status=302, headers={"Location": "/elsewhere"}),
        Reply({}, status=407),
    ],
)
async def test_an_answer_that_is_none_is_a_sentence(connected: Connected, reply: Reply) -> None:
    """HTML, damaged JSON, wrong types, a cut or redirected answer: one sentence, no traceback."""
    connected.authority.on("GET", PATH, reply)
    with pytest.raises(AnswerBroken) as caught:
        await connected.ms.discover(DOMAIN)
    assert caught.value.happened.endswith(".")


async def test_a_redirect_to_another_host_is_not_followed(
    connected: Connected, foreign: Liar
) -> None:
    """A 302 to a foreign host is named and goes nowhere."""
    away = Reply({}, status=302, headers={"Location": f"{foreign.url}{PATH}"})
    connected.authority.on("GET", PATH, away)
    with pytest.raises(ForeignHost):
        await connected.ms.discover(DOMAIN)
    assert foreign.seen == []


async def test_another_tenants_document_is_not_believed(connected: Connected) -> None:
    """Asked for one tenant id, an answer about another is refused."""
    connected.authority.is_authority(issuer=f"{connected.authority.url}/{OTHER_TENANT}/v2.0")
    with pytest.raises(AnswerBroken):
        await connected.ms.discover(TENANT)


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_servers_trouble_is_no_refusal(connected: Connected, status: int) -> None:
    """5xx means unreachable, after patience where the status asks for it."""
    connected.authority.on("GET", PATH, Reply("", status=status))
    with pytest.raises(Unreachable):
        await connected.ms.discover(DOMAIN)
    assert len(connected.authority.seen) == (3 if status == 503 else 1)
