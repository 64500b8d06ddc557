"""Liars for an authority, a Graph and a foreign host, and our connection to them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.microsoft.liar import CLIENT_ID, PERSON, TENANT, Liar, make_certificate
from ttr_tui.microsoft import Limits, Microsoft
from ttr_tui.model import Person, Secret
from ttr_tui.settings import Registration

QUICK = Limits(
    connect=2.0, total=2.0, token=2.0, tries=3, waiting=5.0, token_waiting=5.0, first_wait=0.01
)


@dataclass
class Connected:
    """Our connection, and the two liars it believes to be Microsoft."""

    ms: Microsoft
    authority: Liar
    graph: Liar
    secret: Secret


def connection(
    connected: Connected, limits: Limits = QUICK, ca_file: Path | None = None
) -> Microsoft:
    """Return a connection of its own to the same liars, not opened yet."""
    return Microsoft(
        Registration(CLIENT_ID, connected.secret),
        connected.authority.url,
        connected.graph.url,
        ca_file or connected.authority.ca_file,
        limits,
    )


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def foreign(certificate: tuple[Path, Path]) -> AsyncIterator[Liar]:
    """A host that is not configured, though its certificate would be trusted."""
    async with Liar(certificate) as liar:
        yield liar


@pytest.fixture
async def connected(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Connected]:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    # Reading the system's own certificates takes longer than most of these tests.
    monkeypatch.setenv("SSL_CERT_FILE", "no-such-file")
    monkeypatch.setenv("SSL_CERT_DIR", "no-such-directory")
    secret = Secret(secrets.token_urlsafe(24))
    async with Liar(certificate) as authority, Liar(certificate) as graph:
        authority.is_authority()
        registration = Registration(CLIENT_ID, secret)
        async with Microsoft(registration, authority.url, graph.url, certificate[0], QUICK) as ms:
            yield Connected(ms, authority, graph, secret)


@pytest.fixture
def token() -> Secret:
    return Secret(secrets.token_urlsafe(24))


@pytest.fixture
def mira() -> Person:
    """The person the authority's ID tokens name when they do not lie."""
    return Person(
        object_id=PERSON["oid"],
        tenant_id=TENANT,
        subject=PERSON["sub"],
        name=PERSON["name"],
        user_principal_name=PERSON["preferred_username"],
    )
