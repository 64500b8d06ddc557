"""Guards that stand behind other guards, each tried alone: none relies on the one before it."""

from __future__ import annotations

import hashlib

import pytest

from tests.microsoft.conftest import QUICK, Connected
from tests.microsoft.liar import TENANT, Liar
from ttr_tui.errors import ForeignHost, IdentityWrong
from ttr_tui.microsoft import id_token
from ttr_tui.microsoft.courier import Courier
from ttr_tui.microsoft.wire import Ask, Wire
from ttr_tui.model import Secret


async def test_the_wire_itself_leaves_no_root(connected: Connected, foreign: Liar) -> None:
    """A request for another host than its root is not made, whoever asks for it."""
    wire = Wire(foreign.ca_file, QUICK)
    await wire.open()
    with pytest.raises(ForeignHost):
        await wire.once(Ask("GET", f"{foreign.url}/x", connected.graph.url), 1.0)
    await wire.close()
    assert foreign.seen == []


async def test_msal_reaches_the_checked_endpoints_only(connected: Connected) -> None:
    """Another address of the very same host is refused to MSAL as well."""
    found = await connected.ms.discover(TENANT)
    courier = Courier(Wire(None, QUICK), connected.authority.url, found)
    with pytest.raises(ForeignHost):
        courier.get(f"{connected.authority.url}/common/discovery/instance")
    with pytest.raises(ForeignHost):
        courier.post(f"{found.token_endpoint}2", data={}, headers={})
    assert len(connected.authority.seen) == 1


@pytest.mark.parametrize(
    ("claims", "nonce", "fits"),
    [
        ({"nonce": hashlib.sha256(b"mine").hexdigest()}, "mine", True),
        ({"nonce": hashlib.sha256(b"mine").hexdigest()}, "another", False),
        ({"nonce": "mine"}, "mine", False),
        ({"nonce": 5}, "mine", False),
        ({}, "mine", False),
        ({"nonce": hashlib.sha256(b"").hexdigest()}, "", False),
    ],
)
def test_the_nonce_is_checked_here_too(claims: dict[str, object], nonce: str, fits: bool) -> None:
    """The ID token carries the SHA-256 of the nonce that was kept; an empty one is none."""
    if fits:
        id_token.check_nonce(claims, nonce)
        return
    with pytest.raises(IdentityWrong):
        id_token.check_nonce(claims, nonce)


def test_what_is_held_shows_no_secret() -> None:
    """Requests and answers keep headers, bodies and texts out of their repr."""
    secret = Secret("held-but-not-shown")
    ask = Ask("POST", "https://h/x", "https://h", {"Authorization": secret.reveal()}, b"held-but")
    assert "held" not in repr(ask) + repr(secret)
