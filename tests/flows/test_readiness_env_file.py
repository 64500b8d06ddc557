"""Step 7: the settings, who listens, the five redirects, and how long their certificate lasts."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.callback.servers import (
    HOST,
    Rewrite,
    certificate,
    free_port,
    leading_on,
    passing_on,
    saying,
    stranger,
)
from tests.callback.wire import BULK, PATHS, Desk
from ttr_tui.access import Access
from ttr_tui.callback.server import CallbackServer
from ttr_tui.flows.readiness import env_file
from ttr_tui.model import Actor, Check, Company, EndingKind, Finding, Verdict
from ttr_tui.settings import Settings, read_settings
from ttr_tui.settings.names import REDIRECTS
from ttr_tui.store import Store, Syslog

COMPANY = Company("c", "Contoso Ltd", "contoso.com", "t", "", "", datetime.now(UTC))


@dataclass
class Room:
    """A store, and settings whose redirects may lead anywhere."""

    store: Store
    folder: Path
    secret: str

    def settings(self, origin: str, port: int, **more: str) -> Settings:
        """Read an env file of the seven parameters, and what else it is to hold."""
        written = {
            "MS_GRAPH_CLIENT_ID": "11111111-2222-4333-8444-555555555555",
            "MS_GRAPH_CLIENT_SECRET": self.secret,
            **{name: origin + PATHS[purpose] for purpose, name in REDIRECTS.items()},
            "TTR_CALLBACK_LISTEN": f"{HOST}:{port}",
            "TTR_DATA_DIR": str(self.folder / "data"),
            **more,
        }
        file = self.folder / "env"
        file.touch(mode=0o600)
        file.write_text("".join(f"{name}={value}\n" for name, value in written.items() if value))
        return read_settings({}, file)

    async def look(self, settings: Settings) -> Finding:
        """Check step 7 as the product does."""
        access = Access(self.store, settings, Actor("anna", ""), None)
        found = await env_file.look(access, COMPANY)
        assert found.check is Check.ENV_FILE
        assert self.secret not in repr(found)
        assert (found.verdict is Verdict.PASS) or (found.who and found.cure and found.means)
        return found

    @asynccontextmanager
    async def serving(self, settings: Settings) -> AsyncIterator[None]:
        """Run a callback server of this store."""
        desk = Proving(self.store)
        server = CallbackServer(settings.redirects, settings.listen, settings.tls, desk.answers())
        await server.start()
        yield
        await server.stop()


class Proving(Desk):
    """Proves itself as the store's servers do."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    def proof(self, nonce: bytes) -> bytes:
        """Return the store's answer."""
        return self._store.challenge(nonce)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Room]:
    """Open a store of its own."""
    key = folder / "store.key"
    key.touch(mode=0o600)
    key.write_text(secrets.token_hex(32))
    store = await Store.open(
        folder / "data",
        key,
        key_is_given=True,
        destroyed_file=folder / "destroyed",
        actor=Actor("anna", ""),
        syslog=Syslog(None),
    )
    try:
        yield Room(store, folder, secrets.token_hex(20))
    finally:
        await store.close()


def said(found: Finding) -> Mapping[str, Verdict | None]:
    """Return the evidence as a mapping of each line, with its note, to its verdict."""
    return {f"{one.text} {one.note}".strip(): one.verdict for one in found.evidence}


def marked(found: Finding, verdict: Verdict) -> list[str]:
    """Return the lines with a verdict."""
    return [line for line, one in said(found).items() if one is verdict]


async def test_on_localhost_every_way_of_being_wrong_is_its_own_row(tmp_path: Path) -> None:
    """Reached; nobody listens; a stranger does; one path of five is not passed on."""
    async with opened(tmp_path) as room:
        port = free_port()
        settings = room.settings(f"http://localhost:{port}", port)
        async with room.serving(settings):
            well = await room.look(settings)
        gone = await room.look(settings)
        async with stranger(saying(b"HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\nHello"), port):
            taken = await room.look(settings)

    assert (well.verdict, well.seen) == (Verdict.PASS, "5 of 5 reached from this server")
    assert (well.who, well.cure, well.endings, well.lines) == ("", "", (), ())
    lines = said(well)
    assert lines[f"Settings of the process environment, and of {tmp_path / 'env'}"] is None
    assert lines["The seven parameters are set and well written"] is Verdict.PASS
    assert lines[f"{HOST}:{port} on this server: a server of this store listens"] is Verdict.PASS
    assert all(lines[f"http://localhost:{port}{path}"] is Verdict.PASS for path in PATHS.values())
    assert lines["localhost is each browser's own computer: only one here gets to us"] is None
    assert "from this server is all it says" in well.evidence[-1].text

    assert (gone.verdict, gone.seen) == (Verdict.FAIL, "0 of 5 reached, no server runs here")
    assert gone.lines == ("ttr-tui serve",)
    assert "ttr-tui serve" in gone.cure
    assert len(marked(gone, Verdict.FAIL)) == 6
    assert (taken.verdict, taken.seen) == (Verdict.FAIL, "0 of 5 reached, a stranger listens")
    assert f"{HOST}:{port} on this server: another program listens" in marked(taken, Verdict.FAIL)
    assert all("200, Server: nginx" in line for line in marked(taken, Verdict.FAIL)[1:])


async def test_with_tls_of_our_own_its_end_is_told(tmp_path: Path) -> None:
    """Long before, soon, and renewed in the file but not shown yet; the same end is told once."""
    async with opened(tmp_path) as room:
        port = free_port()
        found = {}
        for days in (40, 12.5):
            pair = certificate(tmp_path, "localhost", ends=days)
            tls = {"TTR_CALLBACK_TLS_CERT": str(pair[0]), "TTR_CALLBACK_TLS_KEY": str(pair[1])}
            trusted = tmp_path / "ca.pem"
            trusted.write_bytes(pair[0].read_bytes())
            settings = room.settings(
                f"https://localhost:{port}", port, TTR_CA_FILE=str(trusted), **tls
            )
            async with room.serving(settings):
                found[days] = await room.look(settings)
                certificate(tmp_path, "localhost", ends=90)
                renewed = await room.look(settings)
    assert (found[40].verdict, found[40].seen) == (Verdict.PASS, "5 of 5 reached from this server")
    soon = found[12.5]
    assert (soon.verdict, soon.seen) == (Verdict.WARNING, "5 of 5 reached, TLS ends in 12 d")
    assert [one.kind for one in soon.endings] == [EndingKind.TLS_CERTIFICATE]
    assert soon.endings[0].subject == "localhost"
    ends = soon.endings[0].at
    assert ends is not None
    assert abs(ends - datetime.now(UTC) - timedelta(days=12.5)) < timedelta(minutes=1)
    assert [one.subject for one in renewed.endings] == ["localhost", str(pair[0])]
    newer = "the certificate in the file is newer than the one that is shown restart what listens"
    assert newer in marked(renewed, Verdict.WARNING)
    assert newer not in marked(soon, Verdict.WARNING)


async def test_behind_a_portal_each_path_has_its_own_verdict(tmp_path: Path) -> None:
    """Two of the five are not passed on: three reached, and the cure names a path."""

    def three(target: str) -> str | None:
        return None if "msgraph-auth" in target or "re-auth" in target else target

    passed: list[tuple[Rewrite, str, Verdict]] = [
        (three, "3 of 5 reached from this server", Verdict.FAIL),
        (lambda target: target.partition("?")[0], "0 of 5 reached from this server", Verdict.FAIL),
    ]
    async with opened(tmp_path) as room:
        front, back = free_port(), free_port()
        # The settings refuse a localhost redirect to another port than ours: as a portal has it.
        here = room.settings(f"http://localhost:{back}", back)
        urls = {purpose: f"http://localhost:{front}{path}" for purpose, path in PATHS.items()}
        settings = replace(here, redirects=urls)
        async with room.serving(settings):
            for rewrite, seen, verdict in passed:
                async with stranger(passing_on(back, rewrite), front):
                    found = await room.look(settings)
                assert (found.seen, found.verdict) == (seen, verdict)
                first = marked(found, Verdict.FAIL)[0]
                assert first.startswith(f"http://localhost:{front}")
    assert "the query does not come" in first
    assert "pass the query on unchanged" in found.cure


async def test_where_nobody_is_met_it_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy of this server's in the way is no fault of the redirect; a wrong answer is one."""
    for name in ("no_proxy", "NO_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with opened(tmp_path) as room:
        port = free_port()
        pair = certificate(tmp_path, "portal.example", ends=40)
        tls = {"TTR_CALLBACK_TLS_CERT": str(pair[0]), "TTR_CALLBACK_TLS_KEY": str(pair[1])}
        settings = room.settings("https://portal.example", port, TTR_CA_FILE=str(pair[0]), **tls)
        async with room.serving(settings):
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
            unmet = await room.look(settings)
            async with stranger(leading_on(port, [])) as proxy:
                monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
                through = await room.look(settings)
                other = certificate(tmp_path, "other.example", ends=40)
                wrong = await room.look(replace(settings, ca_file=other[0]))
    assert (unmet.verdict, unmet.seen) == (Verdict.UNKNOWN, "0 of 5 reached from this server")
    assert "a browser elsewhere may have another way" in unmet.means
    assert "NO_PROXY" in unmet.cure
    assert (through.verdict, through.seen) == (Verdict.PASS, "5 of 5 reached from this server")
    assert f"Through the proxy 127.0.0.1:{proxy}, which the environment names" in said(through)
    assert wrong.verdict is Verdict.FAIL
    assert wrong.who == "whoever runs portal.example: its DNS, its web server, its certificate"
    assert len([line for line in marked(wrong, Verdict.FAIL) if "is not trusted here" in line]) == 5


async def test_faulty_settings_are_named_whole_and_nothing_is_fetched(tmp_path: Path) -> None:
    """Every fault and warning at once; no value is repeated."""
    async with opened(tmp_path) as room:
        port = free_port()
        settings = room.settings(
            f"http://localhost:{port}",
            port,
            MS_GRAPH_CLIENT_ID="<your id>",
            MS_GRAPH_REDIRECT="",
            TTR_UNHEARD="x",
        )
        asked: list[bytes] = []

        async def noting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.read())
            writer.close()

        async with stranger(noting, port):
            found = await room.look(settings)
        settings = room.settings(f"http://localhost:{port}", port, TTR_UNHEARD="x")
        async with room.serving(settings):
            warned = await room.look(settings)
    assert (found.verdict, found.seen) == (Verdict.FAIL, "2 faults in the settings")
    assert asked == []
    assert len(marked(found, Verdict.FAIL)) == 2
    assert any("MS_GRAPH_REDIRECT is missing" in line for line in marked(found, Verdict.FAIL))
    assert any("is none of ours" in line for line in marked(found, Verdict.WARNING))
    assert "your id" not in repr(found)
    assert (warned.verdict, warned.seen) == (Verdict.WARNING, "5 of 5 reached, 1 warning")
    assert BULK in repr(warned)
