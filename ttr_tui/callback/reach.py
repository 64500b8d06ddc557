"""Do the redirect URLs lead to us? Each is opened as a browser on this server would open it.

Whatever answers must show our own mark (`marks`), keyed from the store, on the redirect path and
below it, where the start links are. That says "reachable from this server" and no more: a browser
elsewhere has its own DNS, its own network and, for localhost, its own computer. Who passes our own
answer on unchanged cannot be told from a reverse proxy, which does nothing else.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlsplit

from ttr_tui.callback import marks, refusals
from ttr_tui.callback.connecting import MOST_ADDRESSES
from ttr_tui.callback.recognise import bound_to
from ttr_tui.callback.routes import Place, path_of
from ttr_tui.callback.visiting import Answer, ask, trusting
from ttr_tui.callback.ways import Stopped, Tls, Trip, Way
from ttr_tui.errors import LinkUnknown, StateUnknown
from ttr_tui.model import Purpose
from ttr_tui.settings.names import CA_FILE, REDIRECTS
from ttr_tui.text import clean

PATIENCE = 5.0
"""Seconds one redirect URL has, all of it together."""

_HEX = re.compile(r"[0-9a-f]{64}")
_OURS = "<header><b>timetoreply</b>"
_TITLE = re.compile(r"<h1>(?:<span[^>]{0,80}>[^<]{0,9}</span>)?([^<]{0,200})</h1>")

_CURES: Mapping[Way, str] = {
    Way.NAME_UNKNOWN: "Enter {host} in the DNS, or correct the host name in {name}.",
    Way.NO_NAME_SERVER: "Look at this server's DNS (/etc/resolv.conf), and check again.",
    Way.REFUSED: "Start ttr-tui serve, or the proxy in front of it, on port {port} of {host}.",
    Way.SILENT: "Let this server reach port {port} of {host}: look at firewall and routing.",
    Way.MUTE: "Look at what listens on port {port} of {host}, and at what it waits for.",
    Way.OUTGOING_PROXY: "Let NO_PROXY name {host}, or let that proxy lead there.",
    Way.CERTIFICATE: "Install a certificate for {host} with its whole chain. For a CA of your own"
    f" let {CA_FILE} name it; browsers must trust it, too.",
    Way.NO_TLS: "Let port {port} of {host} speak TLS 1.2 or newer.",
    Way.NO_HTTP: "Correct the port in {name}, or end what listens there.",
    Way.FOREIGN_PAGE: "Let the web server at {host} pass {path} and all below it on to ttr-tui"
    " (docs/callback.md).",
    Way.LEADS_ON: "Let {path} be passed on to ttr-tui as it is, without a redirect.",
    Way.OTHER_STORE: "Let {host} lead to the server with this store and these redirect URLs, and"
    " restart it if the settings were changed since.",
    Way.PATH_CHANGED: "Let the proxy pass the path on unchanged: {path}.",
    Way.QUERY_LOST: "Let the proxy pass the query on unchanged; Microsoft's answer is in it. An"
    " older ttr-tui must be restarted.",
    Way.TROUBLED: "Look at the log of ttr-tui serve.",
    Way.NOT_EVERYWHERE: "Let every address of {host} in the DNS lead to ttr-tui, or remove those"
    " that do not.",
    Way.NOT_BELOW: "Let the proxy pass on what lies below {path}/ as well.",
    Way.ONLY_BELOW: "Let the proxy pass on {path} itself as well, without a slash at its end.",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """How a visit to one redirect URL ended; `sentence` and `cure` are empty where it reached us.

    `addresses` are those its name resolves to here, `unanswered` the ones that took no connection,
    `untried` those that this server has no way to; `proxy` is the proxy the environment names, if
    the way went through it; `tls` is None without TLS, or where it did not come about.
    """

    purpose: Purpose
    url: str
    way: Way
    sentence: str = ""
    cure: str = ""
    addresses: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()
    proxy: str = ""
    tls: Tls | None = None

    @property
    def reached(self) -> bool:
        """Whether a server of this store answered, on the path and below it."""
        return self.way is Way.REACHED


async def visit_all(
    redirects: Mapping[Purpose, str],
    port: int,
    ca_file: Path | None,
    expected: Callable[[bytes], bytes],
    patience: float = PATIENCE,
) -> tuple[Visit, ...]:
    """Visit every redirect URL, all at once; never takes longer than `patience` seconds or so.

    `port` is where our server listens, behind whatever proxy; `ca_file` holds CAs to be trusted
    beside the system's; `expected` is the keyed function that `Answers.prove` answers with. Nothing
    is raised for what is met on the way.
    """
    context = await asyncio.to_thread(trusting, ca_file)
    visitor = _Visitor(redirects, port, context, expected, patience)
    return tuple(await asyncio.gather(*(visitor.visit(purpose) for purpose in redirects)))


class _Visitor:
    def __init__(
        self,
        redirects: Mapping[Purpose, str],
        port: int,
        context: ssl.SSLContext,
        expected: Callable[[bytes], bytes],
        patience: float,
    ) -> None:
        self._redirects = redirects
        self._port = port
        self._context = context
        self._expected = expected
        self._patience = patience

    async def visit(self, purpose: Purpose) -> Visit:
        """Visit the redirect path of one purpose, and a start link's path below it."""
        url, trip = self._redirects[purpose], Trip()
        deadline = asyncio.get_running_loop().time() + self._patience
        try:
            async with asyncio.timeout_at(deadline):
                way, said = await self._ends(url, trip)
            if way is Way.REACHED:
                way, said = await self._elsewhere(url, trip, deadline)
        except Stopped as stopped:
            way, said = stopped.way, stopped.sentence
        except TimeoutError:
            way, said = trip.late, f"{trip.stage} within {self._patience:.0f} s"
        return Visit(
            purpose,
            url,
            way,
            _sentence(said),
            _cure(way, purpose, url),
            trip.addresses,
            tuple(trip.unanswered),
            tuple(trip.untried),
            trip.proxy,
            trip.tls,
        )

    async def _ends(self, url: str, trip: Trip) -> tuple[Way, str]:
        way, said = await self._met(url, Place.CALLBACK, trip)
        if way is Way.QUERY_LOST:
            return way, said
        trip.only = trip.met
        try:
            below, said_below = await self._met(url, Place.START, trip)
        except Stopped as stopped:
            below, said_below = stopped.way, stopped.sentence
        if Way.REACHED not in (way, below) or way is below:
            return way, said
        if way is Way.REACHED:
            return Way.NOT_BELOW, f"it arrives, and a start link below it does not: {said_below}"
        return Way.ONLY_BELOW, f"start links below it arrive, and the path itself does not: {said}"

    async def _elsewhere(self, url: str, trip: Trip, deadline: float) -> tuple[Way, str]:
        """Try the name's other addresses, too: a browser may be given any of them first."""
        done = (trip.met, *trip.unanswered, *trip.untried)
        left = [one for one in trip.addresses if one not in done]
        for address in left[: MOST_ADDRESSES - 1]:
            other = Trip(only=address)
            try:
                async with asyncio.timeout_at(deadline):
                    way, said = await self._met(url, Place.CALLBACK, other)
            except Stopped as stopped:
                way, said = stopped.way, stopped.sentence
            except TimeoutError:
                trip.unanswered.append(address)
                break
            trip.unanswered += other.unanswered
            trip.untried += other.untried
            if other.met and way is not Way.REACHED:
                where = f"at {trip.met} it arrives, and at {address}, where the name leads as well"
                return Way.NOT_EVERYWHERE, f"{where}, it does not: {said}"
        return Way.REACHED, ""

    async def _met(self, url: str, place: Place, trip: Trip) -> tuple[Way, str]:
        nonce = secrets.token_bytes(32)
        asked = marks.message(place, path_of(url), nonce)
        right = self._expected(bound_to(asked, self._port, self._redirects))
        path = _path(url)
        if place is Place.START:
            path += f"/{secrets.token_hex(5).upper()}"
        target = f"{path}?{marks.query_for(nonce)}"
        answer = await ask(urlsplit(url), target, self._context, trip)
        return _judged(answer, right)


def _judged(answer: Answer, right: bytes) -> tuple[Way, str]:
    body = answer.body.strip()
    if answer.status == HTTPStatus.OK and hmac.compare_digest(body.encode(), right.hex().encode()):
        return Way.REACHED, ""
    if answer.status == HTTPStatus.OK and _HEX.fullmatch(body):
        return Way.OTHER_STORE, (
            "a server of ttr-tui answers, and not for this: another store, port or redirect URLs,"
            " or the path does not come as it was sent"
        )
    if _OURS in answer.body:
        return _our_page(answer)
    if answer.location and HTTPStatus(300) <= answer.status < HTTPStatus.BAD_REQUEST:
        # Without the query, which is ours; where it leads is told and not followed.
        where = clean(answer.location.partition("?")[0], 120)
        return Way.LEADS_ON, f"it leads on to {where} ({answer.status})"
    server = f", Server: {clean(answer.server, 40)}" if answer.server else ""
    return Way.FOREIGN_PAGE, f"a page that is not ours is answered ({answer.status}{server})"


def _our_page(answer: Answer) -> tuple[Way, str]:
    """Tell by its title what became of the request; our pages are told apart, not trusted."""
    found = _TITLE.search(answer.body)
    title = found[1].strip() if found else ""
    if title == refusals.not_here().title:
        return Way.PATH_CHANGED, "our server answers, and the path does not come as it was sent"
    if title in {refusals.title_of(StateUnknown("")), refusals.title_of(LinkUnknown(""))}:
        return Way.QUERY_LOST, "our server answers, and the query does not come as it was sent"
    return Way.TROUBLED, f"our server answers {answer.status}: {clean(title, 60)}"


def _path(url: str) -> str:
    return quote(urlsplit(url).path or "/", safe="/%:@!$&'()*+,;=")


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _cure(way: Way, purpose: Purpose, url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return _CURES.get(way, "").format(
        name=REDIRECTS[purpose], host=parts.hostname, port=port, path=parts.path
    )
