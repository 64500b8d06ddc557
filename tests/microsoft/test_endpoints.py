"""Addresses: how they are built, and which ones a token may go to."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from ttr_tui.errors import AnswerBroken, ForeignHost
from ttr_tui.microsoft import endpoints

GRAPH = "https://graph.microsoft.com"


@pytest.mark.parametrize(
    "url",
    [
        "http://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:8443/v1.0/users",
        "https://graph.microsoft.com.evil.example/v1.0/users",
        "https://evil.example/v1.0/users",
        "https://graph.microsoft.com@evil.example/v1.0/users",
        "https://user:word@graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com\\@evil.example/v1.0/users",
        "https://evil.example\\.graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com\t.evil.example/v1.0/users",
        "https://graph.microsoft.com/v1.0/us ers",
        "https://graph.microsoft.com/v1.0/us\\ers",
        "https://graph.microsoft.com/v1.0/us\r\ners",
        "https://gräph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:notaport/v1.0/users",
        "https://[graph.microsoft.com/v1.0/users",
        "//graph.microsoft.com/v1.0/users",
        "v1.0/users",
        "",
    ],
)
def test_a_token_goes_to_no_other_scheme_host_or_port(url: str) -> None:
    """A link that is not exactly the configured root, or could be read in two ways, is refused."""
    if url.startswith("//"):
        assert endpoints.graph_url(GRAPH, url).startswith(f"{GRAPH}/v1.0//")
        return
    with pytest.raises(ForeignHost):
        endpoints.graph_url(GRAPH, url)


@pytest.mark.parametrize(
    "path", ["/beta/users", "/v1.0", "/v1.0/../beta/users", "/v1.0/%2e%2e/beta", "/v1.0/./x"]
)
def test_a_link_stays_below_v1(path: str) -> None:
    """A link of the right host that leaves /v1.0/ is not followed either."""
    with pytest.raises(AnswerBroken):
        endpoints.graph_url(GRAPH, GRAPH + path)


def test_a_link_of_the_right_host_is_kept_as_it_is() -> None:
    """A next link is opaque: used as it came, its default port and host case notwithstanding."""
    for link in (
        f"{GRAPH}/v1.0/users?$skiptoken=m~AQ%2FAnQ7KA",
        "https://GRAPH.microsoft.com:443/v1.0/users?$skiptoken=x",
    ):
        assert endpoints.graph_url(GRAPH, link) == link


def test_a_foreign_address_is_named_without_its_query() -> None:
    """What is shown of a foreign link holds nothing that might be a secret."""
    with pytest.raises(ForeignHost) as caught:
        endpoints.graph_url(GRAPH, "https://evil.example/v1.0/users?code=abcdef")
    assert "evil.example" in caught.value.sentence()
    assert "abcdef" not in caught.value.sentence()


def test_admin_consent_asks_for_everything_registered_at_the_pinned_tenant() -> None:
    """The request goes to /v2.0/adminconsent of the tenant, with .default of this Graph root."""
    url = endpoints.admin_consent_url(
        authority_host="https://login.microsoftonline.us",
        tenant_id="t-1",
        client_id="c-1",
        redirect_uri="https://portal.example/msgraph-grant-admin-permission",
        state="s&1",
        graph_base_url="https://graph.microsoft.us",
    )
    parts = urlsplit(url)
    assert url.startswith("https://login.microsoftonline.us/t-1/v2.0/adminconsent?")
    assert parse_qs(parts.query) == {
        "client_id": ["c-1"],
        "redirect_uri": ["https://portal.example/msgraph-grant-admin-permission"],
        "scope": ["https://graph.microsoft.us/.default"],
        "state": ["s&1"],
    }


def test_the_admin_center_is_the_clouds_own_and_nobody_elses() -> None:
    """The deep link leads to this app's permissions in the cloud's admin center."""
    worldwide = endpoints.admin_center_url("https://login.microsoftonline.com", "t", "c", "sp")
    assert worldwide.startswith("https://entra.microsoft.com/t/#view/")
    assert worldwide.endswith("/Permissions/objectId/sp/appId/c")
    government = endpoints.admin_center_url("https://login.microsoftonline.us", "t", "c")
    assert government.startswith("https://entra.microsoft.us/t/")
    assert endpoints.admin_center_url("https://127.0.0.1:8443", "t", "c", "sp") == ""
