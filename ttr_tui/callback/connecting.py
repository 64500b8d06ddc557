"""From a URL to a connected socket as a browser on this server would get one: name, proxy, address.

Proxies that the environment names (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`) are honoured as a
browser here would and as our requests to Microsoft do: https goes through one by CONNECT, and the
proxy then resolves the name. Loopback never goes through a proxy.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import socket
from contextlib import ExitStack, suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from ttr_tui.callback.ways import Stopped, Trip, Way
from ttr_tui.settings.redirects import is_loopback, port_of

CONNECT_SECONDS = 1.5
"""How long one address of several may take to accept a connection."""
MOST_ADDRESSES = 4
"""How many addresses of a name are tried."""

_LONGEST = 16 * 1024
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


async def connected(url: SplitResult, trip: Trip) -> socket.socket:
    """Return a non-blocking socket that leads to the origin of `url`; raise Stopped else."""
    proxy = _proxy_for(url)
    if proxy is None:
        return await _first_of(url.hostname or "", port_of(url), trip)
    trip.proxy = _at(proxy.hostname or "", proxy.port or 80)
    named = f"the proxy {trip.proxy}, which the environment names,"
    if proxy.scheme != "http" or not proxy.hostname:
        raise Stopped(Way.OUTGOING_PROXY, f"{named} is not an http:// proxy")
    try:
        wire = await _first_of(proxy.hostname, proxy.port or 80, Trip())
    except Stopped as stopped:
        said = f"{named} cannot be reached: {stopped.sentence}"
        raise Stopped(Way.OUTGOING_PROXY, said) from None
    with ExitStack() as until_tunnelled:
        until_tunnelled.callback(wire.close)
        trip.wait_for(Way.OUTGOING_PROXY, f"{named} does not lead on")
        status = await _tunnel(_at(url.hostname or "", port_of(url)), proxy, wire)
        if status != HTTPStatus.OK:
            raise Stopped(
                Way.OUTGOING_PROXY, f"{named} does not lead there ({status or 'no HTTP'})"
            )
        until_tunnelled.pop_all()
    return wire


def _proxy_for(url: SplitResult) -> SplitResult | None:
    proxies = getproxies()
    named = proxies.get(url.scheme) or proxies.get("all")
    if not named or is_loopback(url.hostname or "") or proxy_bypass(url.netloc):
        return None
    proxy = _readable(named if "://" in named else f"http://{named}")
    if proxy is None:
        said = "the environment names a proxy whose address cannot be read"
        raise Stopped(Way.OUTGOING_PROXY, said)
    return proxy


def _readable(named: str) -> SplitResult | None:
    try:
        proxy = urlsplit(named)
        _ = proxy.port
    except ValueError:
        return None
    # In a password that was not encoded a hash or slash ends the host too soon: it would be named.
    return None if "@" in f"{proxy.path}{proxy.query}{proxy.fragment}" else proxy


def _at(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _tunnel(target: str, proxy: SplitResult, wire: socket.socket) -> int:
    """Have a proxy lead on (RFC 9110, section 9.3.6); return the status it answers, 0 for none."""
    asked = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
    if proxy.username:
        word = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        asked += f"Proxy-Authorization: Basic {base64.b64encode(word.encode()).decode()}\r\n"
    loop, said = asyncio.get_running_loop(), b""
    with suppress(OSError):
        await loop.sock_sendall(wire, f"{asked}\r\n".encode())
        while b"\r\n\r\n" not in said and len(said) < _LONGEST:
            more = await loop.sock_recv(wire, _LONGEST)
            if not more:
                break
            said += more
    first = said.partition(b"\r\n")[0].split()
    spoken = len(first) > 1 and first[0].startswith(b"HTTP/1.") and first[1].isdigit()
    return int(first[1][:3]) if spoken else 0


async def _first_of(host: str, port: int, trip: Trip) -> socket.socket:
    """Return a connection to the first address of `host` that takes one."""
    trip.wait_for(Way.NO_NAME_SERVER, f"no name server says where {host} is")
    found = await _resolved(trip.only or host, port)
    if not trip.only:
        trip.addresses = tuple(str(place[0]) for _, place in found)
    silent = False
    for family, place in found[:MOST_ADDRESSES]:
        address = str(place[0])
        trip.wait_for(Way.SILENT, f"no connection to {address} comes about")
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                wire = await _opened(family, place)
        except OSError as failure:  # a time limit is one, too
            (trip.untried if failure.errno in _NO_WAY else trip.unanswered).append(address)
            silent = silent or not isinstance(failure, ConnectionRefusedError)
            continue
        trip.met = address
        return wire
    tried = ", ".join([*trip.unanswered, *trip.untried])
    if silent:
        raise Stopped(Way.SILENT, f"no connection to port {port} of {tried} comes about")
    raise Stopped(Way.REFUSED, f"nothing listens on port {port} of {tried}")


async def _opened(family: int, place: tuple[Any, ...]) -> socket.socket:
    with ExitStack() as until_connected:
        wire = until_connected.enter_context(socket.socket(family, socket.SOCK_STREAM))
        wire.setblocking(False)
        await asyncio.get_running_loop().sock_connect(wire, place)
        until_connected.pop_all()
    return wire


async def _resolved(host: str, port: int) -> list[tuple[int, tuple[Any, ...]]]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as failure:
        if failure.errno == socket.EAI_AGAIN:
            said = f"no name server says where {host} is"
            raise Stopped(Way.NO_NAME_SERVER, said) from None
        raise Stopped(Way.NAME_UNKNOWN, f"the name {host} does not resolve") from None
    except UnicodeError:
        raise Stopped(Way.NAME_UNKNOWN, f"{host} is no name that resolves") from None
    return list(dict.fromkeys((family, place) for family, _, _, _, place in found))
