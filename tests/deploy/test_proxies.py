"""The reverse proxies' snippets, in real proxies: what they pass on, and what they write down."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.callback.wire import CODE, PATHS, Answer, Desk, parsed, redirects, request
from tests.deploy.proxies import DEPLOY, Proxy, caddy, nginx, running
from tests.office import free_port
from ttr_tui.callback.reach import visit_all
from ttr_tui.callback.server import CallbackServer
from ttr_tui.callback.ways import Way
from ttr_tui.model import Purpose

CLIENT = "127.0.0.2"
"""Where the client comes from: another address than the proxy's."""

README = DEPLOY.parent / "README.md"

SECRETS = ("0.AXcodeFromMicrosoft", "stateOfOurs", CODE, "aHandle-2b")
"""What is in URLs and must be in no log."""
ARRIVAL = f"?code={SECRETS[0]}&state={SECRETS[1]}"


@dataclass(frozen=True, slots=True)
class Portal:
    """A proxy, and the callback server behind it."""

    proxy: Proxy
    desk: Desk
    server: CallbackServer

    async def send(
        self, target: str, fields: dict[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Send a GET, or a POST with a body, through the proxy."""
        asked = request("POST" if body else "GET", target, fields, body)
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", self.proxy.port, local_addr=(CLIENT, 0)
            )
            writer.write(asked)
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
        return parsed(answer)


@asynccontextmanager
async def opened(
    configure: Callable[[Proxy], Sequence[str]], folder: Path
) -> AsyncIterator[Portal]:
    """Run a callback server and the proxy before it."""
    name = configure.__name__
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    proxy = Proxy(folder, free_port(), free_port())
    desk = Desk()
    server = CallbackServer(
        redirects(f"http://localhost:{proxy.port}"),
        ("127.0.0.1", proxy.behind),
        None,
        desk.answers(),
        proxy_addresses=["127.0.0.1"],
    )
    await server.start()
    try:
        async with running(configure(proxy), proxy):
            yield Portal(proxy, desk, server)
    finally:
        await server.stop()


both = pytest.mark.parametrize("configure", [nginx, caddy])


@both
async def test_the_five_paths_and_what_lies_below_lead_to_the_callback_server(
    configure: Callable[[Proxy], Sequence[str]], tmp_path: Path
) -> None:
    """Nothing else does, and no log holds a query, a link's code or a referrer."""
    async with opened(configure, tmp_path) as portal:
        for path in PATHS.values():
            assert "belongs to no request" in (await portal.send(f"{path}{ARRIVAL}")).body
            page = await portal.send(f"{path}/{CODE}", {"Referer": f"https://x{path}{ARRIVAL}"})
            assert "Contoso Ltd" in page.body
            assert (await portal.send(f"{path}/-/{SECRETS[3]}")).status == 200
            assert (await portal.send(f"{path}/{CODE}/below")).status == 404
            asked = len(portal.desk.asked)
            await portal.send(f"{path}x/y")
            await portal.send(f"/elsewhere{path}/y")
            assert len(portal.desk.asked) == asked
    told = portal.proxy.written()
    assert [secret for secret in SECRETS if secret in told] == []
    for path in PATHS.values():
        assert path in told


@both
async def test_a_request_that_cannot_be_passed_on_is_not_written_down_whole(
    configure: Callable[[Proxy], Sequence[str]], tmp_path: Path
) -> None:
    """A proxy's own errors name the request: a code that was not used yet would lie in a log."""
    async with opened(configure, tmp_path) as portal:
        await portal.server.stop()
        for path in PATHS.values():
            assert (await portal.send(f"{path}{ARRIVAL}")).status == 502
            assert (await portal.send(f"{path}/{CODE}")).status == 502
    told = portal.proxy.written()
    assert " 502 " in told or '"status":502' in told
    assert [secret for secret in SECRETS if secret in told] == []


@both
async def test_the_clients_address_is_told_and_not_what_it_says_itself(
    configure: Callable[[Proxy], Sequence[str]], tmp_path: Path
) -> None:
    """Wrong codes are counted by it."""
    async with opened(configure, tmp_path) as portal:
        path = next(iter(PATHS.values()))
        await portal.send(f"{path}/{CODE}", {"X-Forwarded-For": "203.0.113.9"})
    assert portal.desk.asked[-1][-1] == CLIENT


@both
async def test_an_answer_by_form_post_arrives(
    configure: Callable[[Proxy], Sequence[str]], tmp_path: Path
) -> None:
    """Parked, and answered with the way on, which is relative to the portal."""
    path = next(iter(PATHS.values()))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"code={SECRETS[0]}&state={SECRETS[1]}&filling={'x' * 12_000}".encode()
    async with opened(configure, tmp_path) as portal:
        parked = await portal.send(path, form, body)
        assert parked.status == 303
        assert parked.fields["location"].startswith(f"{path}?ttr_parked=")
        assert (await portal.send(parked.fields["location"])).status == 400
    told = portal.proxy.written()
    assert parked.fields["location"].partition("=")[2] not in told


async def visits_to(portal: Portal) -> dict[Purpose, Way]:
    """Visit the five redirects through the proxy, as the readiness check does."""
    urls = redirects(f"http://localhost:{portal.proxy.port}")
    found = await visit_all(urls, portal.proxy.behind, None, portal.desk.proof)
    return {visit.purpose: visit.way for visit in found}


@both
async def test_the_readiness_check_reaches_us_through_it(
    configure: Callable[[Proxy], Sequence[str]], tmp_path: Path
) -> None:
    """Path and query arrive as they were sent; no log has what the check asked with."""
    async with opened(configure, tmp_path) as portal:
        assert set((await visits_to(portal)).values()) == {Way.REACHED}
        assert portal.desk.asked == []
        await portal.server.stop()
        assert set((await visits_to(portal)).values()) == {Way.FOREIGN_PAGE}
    assert "ttr_reach" not in portal.proxy.written()


async def test_a_proxy_that_passes_on_some_paths_only_is_seen_through(tmp_path: Path) -> None:
    """One path without what lies below it, one the other way round, one not at all."""
    below, itself, neither = Purpose.AGENT, Purpose.INVITATION, Purpose.ADMIN_CONSENT

    def partly(proxy: Proxy) -> Sequence[str]:
        command = nginx(proxy)
        snippet = proxy.folder / "snippets" / "ttr-tui.conf"
        text = snippet.read_text()
        for purpose, rule in ((below, "^~ {}/"), (itself, "=  {}"), *_both(neither)):
            text = text.replace(
                f"location {rule.format(PATHS[purpose])} {{", f"location = /no/{len(text)} {{"
            )
        snippet.write_text(text)
        return command

    partly.__name__ = "nginx"
    async with opened(partly, tmp_path) as portal:
        ways = await visits_to(portal)
    assert ways == dict.fromkeys(PATHS, Way.REACHED) | {
        below: Way.NOT_BELOW,
        itself: Way.ONLY_BELOW,
        neither: Way.FOREIGN_PAGE,
    }


def _both(purpose: Purpose) -> list[tuple[Purpose, str]]:
    return [(purpose, "^~ {}/"), (purpose, "=  {}")]


@pytest.mark.parametrize("file", ["nginx/snippets/ttr-tui.conf", "Caddyfile"])
def test_the_snippets_have_the_paths_of_the_readme(file: str) -> None:
    """Who copies both gets paths that fit."""
    urls = re.findall(r"^MS_GRAPH_REDIRECT\w*=(\S+)$", README.read_text(), re.MULTILINE)
    assert len(urls) == 5
    words = (DEPLOY / file).read_text().split()
    for url in urls:
        path = urlsplit(url).path
        assert path in words
        assert f"{path}/" in words or f"{path}/*" in words
