"""HTTP to Microsoft, for everything in this room: one session, one set of limits, one TLS context.

MSAL's requests go through it as well (`msal_client`), so that there is one place that follows no
redirect, knows the extra CA file, bounds time and size, and honours the proxy variables. Those are
read here instead of with aiohttp's `trust_env`, which would also attach what a `.netrc` holds.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from ttr_tui.errors import AnswerBroken, MicrosoftError, SettingsFaulty, Unreachable
from ttr_tui.microsoft.endpoints import require_root
from ttr_tui.microsoft.waiting import BUSY, Announce, Limits, Patience
from ttr_tui.version import VERSION

if TYPE_CHECKING:
    import aiohttp

_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: it goes to `root` and nowhere else. Headers and body may hold secrets."""

    method: str
    url: str
    root: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def host(self) -> str:
        """Return host and port, as they are named to a person."""
        return urlsplit(self.root).netloc


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read whole. Its body may hold tokens."""

    host: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body as text; what is no UTF-8 in it is replaced."""
        return self.body.decode("utf-8-sig", errors="replace")

    def record(self) -> dict[str, Any]:
        """Return the JSON object the body holds; raise AnswerBroken when it holds none."""
        try:
            body = json.loads(self.text)
        except (ValueError, RecursionError):
            raise self.broken(self._what_instead()) from None
        if not isinstance(body, dict):
            raise self.broken("sent JSON that is not an object")
        return body

    def broken(self, how: str) -> AnswerBroken:
        """Return the error that says what was wrong with this answer."""
        return AnswerBroken(
            f"{self.host} {how} (status {self.status}).",
            means="The answer cannot be used; nothing of it was kept.",
            cure="Try again; if it stays so, look for a proxy or a sign-in page in between.",
        )

    def _what_instead(self) -> str:
        text = self.text.lstrip()
        if not text:
            return "sent an empty answer"
        if text.startswith("<"):
            return "sent a web page instead of JSON"
        return "sent JSON that is cut short or damaged"


class Wire:
    """The one HTTP session; `open()` before use, `close()` after."""

    def __init__(self, ca_file: Path | None, limits: Limits) -> None:
        self.limits = limits
        self.on_wait: Announce | None = None
        self._ca_file = ca_file
        self._tls: ssl.SSLContext | None = None
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Get ready; raise SettingsFaulty when the extra CA file cannot be used.

        The session itself is made for the first request: a start that asks nothing waits for no
        HTTP library.
        """
        self._tls = await asyncio.to_thread(_tls, self._ca_file)

    async def close(self) -> None:
        """Close the session; requests under way end."""
        self._tls = None
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _opened(self) -> aiohttp.ClientSession:
        # In a thread: it takes 0.1 s, and no key shall wait for it.
        await asyncio.to_thread(import_module, "aiohttp")
        import aiohttp  # noqa: PLC0415 - see above

        if self._tls is None:
            raise RuntimeError("the connection to Microsoft is not open")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._tls, limit=16),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": f"ttr-tui/{VERSION}"},
            )
        return self._session

    async def patiently(self, ask: Ask, *, total: float, most: float, tries: int = 0) -> Answer:
        """Ask, waiting as told while the answer asks for patience, `most` seconds in all.

        Raises Unreachable when patience ends, and what `once` raises.
        """
        patience = self.patience(ask.root, tries)
        while (answer := await self.once(ask, total)).status in BUSY:
            await patience.wait(answer.status, answer.headers, most)
        return answer

    def patience(self, root: str, tries: int = 0) -> Patience:
        """Return fresh patience with one request to `root`; 0 tries are the usual number."""
        return Patience(urlsplit(root).netloc, self.limits, self.on_wait, tries)

    async def once(self, ask: Ask, total: float) -> Answer:
        """Ask once, for at most `total` seconds, and return the answer, whatever its status.

        A redirect is never followed: it raises ForeignHost when it leads elsewhere, else
        AnswerBroken. No answer, or a server's own trouble (5xx that no patience mends), raises
        Unreachable.
        """
        require_root(ask.url, ask.root)
        answer = await self._exchange(ask, total)
        if 300 <= answer.status < 400:
            require_root(urljoin(ask.url, answer.headers.get("location", "")), ask.root)
            raise answer.broken("redirects, which is not part of the protocol")
        if answer.status >= 500 and answer.status not in BUSY and answer.status != 501:
            raise Unreachable(
                f"{ask.host} answers with status {answer.status}.",
                means="The trouble is on that side; this is no refusal.",
                cure="Try again later.",
            )
        return answer

    async def _exchange(self, ask: Ask, total: float) -> Answer:
        session = self._session or await self._opened()
        import aiohttp  # noqa: PLC0415 - see _opened()
        from yarl import URL  # noqa: PLC0415 - comes with aiohttp

        limits = aiohttp.ClientTimeout(total=total, sock_connect=self.limits.connect)
        try:
            async with session.request(
                ask.method,
                URL(ask.url, encoded=True),
                headers=dict(ask.headers),
                data=ask.body or None,
                allow_redirects=False,
                timeout=limits,
                proxy=proxy_for(ask.url),
            ) as response:
                body = await _read(response, self.limits.body)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(ask.host, response.status, headers, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            raise _translated(problem, ask.host) from None


def proxy_for(url: str) -> str | None:
    """Return the proxy the environment names for this address, or None (`NO_PROXY` included).

    Raises Unreachable for a kind of proxy that cannot be used (SOCKS).
    """
    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if not proxy.lower().startswith(("http://", "https://")):
        raise Unreachable(
            f"The environment names a proxy for {parts.netloc} that is not an HTTP proxy.",
            cure="Let HTTPS_PROXY name an http:// proxy, or NO_PROXY name the host.",
        )
    return proxy


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    # Not `create_default_context`: that writes each connection's keys to $SSLKEYLOGFILE.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as problem:
            sentence = f"The CA file {ca_file} cannot be used: {problem.strerror or problem}."
            raise SettingsFaulty(
                sentence, [sentence], cure="Let TTR_CA_FILE name a readable PEM file."
            ) from None
    return context


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    parts, size = [], 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        size += len(chunk)
        if size > most:
            response.close()
            raise AnswerBroken(
                f"{response.url.host} sent more than {most // (1024 * 1024)} MB in one answer.",
                means="It was not read to its end; nothing of it was kept.",
                cure="Try again; if it stays so, look at who answers for that address.",
            )
        parts.append(chunk)
    return b"".join(parts)


def _translated(problem: Exception, host: str) -> MicrosoftError:
    """Return the sentence for what went wrong on the way."""
    import aiohttp  # noqa: PLC0415 - see Wire._opened

    means = "Nothing was refused; what is stored stays as it is."
    if isinstance(problem, aiohttp.ClientConnectorCertificateError):
        return Unreachable(
            f"The certificate of {host} is not trusted: {problem.certificate_error}.",
            means="The connection was given up before anything was sent.",
            cure="If a proxy inspects TLS here, let TTR_CA_FILE name its CA certificate.",
        )
    if isinstance(problem, TimeoutError):
        happened, cure = f"{host} gave no answer in time.", "Look at the network, or try later."
    elif isinstance(problem, aiohttp.ClientPayloadError):
        return AnswerBroken(
            f"The answer of {host} broke off before its end.",
            means="Nothing of it was kept.",
            cure="Try again.",
        )
    elif isinstance(problem, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        happened = f"The proxy on the way to {host} does not let us through."
        cure = "Look at HTTPS_PROXY and NO_PROXY."
    elif isinstance(problem, aiohttp.ClientConnectorError):
        happened = f"{host} cannot be reached: {problem.os_error.strerror or problem.os_error}."
        cure = "Look at the network, DNS and HTTPS_PROXY."
    else:
        happened = f"The connection to {host} failed ({type(problem).__name__})."
        cure = "Look at the network, or try later."
    return Unreachable(happened, means=means, cure=cure)
