"""What is checked about a request before anybody is asked: pure functions over what came."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl

from ttr_tui.callback import refusals
from ttr_tui.model import AuthorizationResponse

_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")
_DAY = 86_400


def response_from(text: str, most: int) -> AuthorizationResponse:
    """Return the parameters of a query or form, untouched; at most `most` of them.

    Raises TurnedAway for a repeated parameter (RFC 6749, section 3.1) or bad encoding.
    """
    try:
        text.encode()  # a lone surrogate stands for a byte that is no UTF-8
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=most)
    except ValueError as broken:
        raise refusals.unreadable_parameters() from broken
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise refusals.named_twice()
    return AuthorizationResponse(parameters)


def pressed_here(fetch_sites: Sequence[str], origins: Sequence[str], own_origin: str) -> bool:
    """Tell whether a form was sent by a page of ours.

    `Sec-Fetch-Site` decides where the browser sends it (Fetch Metadata, section 2.4), else
    `Origin`, which must be the configured redirect's; a header sent twice is never right.
    """
    if fetch_sites:
        return list(fetch_sites) == ["same-origin"]
    return [origin.lower() for origin in origins] == [own_origin.lower()]


def cookie_name(*, secure: bool) -> str:
    """Return the name of the browser's one cookie (`__Host-`: RFC 6265bis, section 4.1.3.2)."""
    return "__Host-ttr" if secure else "ttr"


def browser_from(cookie_headers: Iterable[str], name: str) -> str:
    """Return the value of our cookie, or nothing where it is absent, odd or sent twice."""
    values = [
        value.strip()
        for header in cookie_headers
        for key, _, value in (part.partition("=") for part in header.split(";"))
        if key.strip() == name
    ]
    return values[0] if len(values) == 1 and _COOKIE.fullmatch(values[0]) else ""


def new_browser() -> str:
    """Return the value of a new cookie: 256 random bits."""
    return secrets.token_urlsafe(32)


def cookie_for(browser: str, *, secure: bool) -> str:
    """Return the `Set-Cookie` field that gives a browser its value, for as long as a link lives."""
    mark = "; Secure" if secure else ""
    name = cookie_name(secure=secure)
    return f"{name}={browser}; Path=/; Max-Age={_DAY}; HttpOnly; SameSite=Lax{mark}"


def client_of(peer: str, forwarded: Iterable[str], proxies: Sequence[str]) -> str:
    """Return the client's address: the peer's, or what a configured proxy says of it.

    `forwarded` are the `X-Forwarded-For` fields. Walked from the right, the first address that is
    no proxy's is the client's; whatever stands left of it was written by the client.
    """
    hops = [hop for field in forwarded for hop in field.split(",")]
    client = _address(peer) or peer
    while hops and _trusted(client, proxies):
        address = _address(hops.pop())
        if not address:
            break
        client = address
    return client


def _address(hop: str) -> str:
    bare = hop.strip().strip('"')
    bare = bare[1:].partition("]")[0] if bare.startswith("[") else bare
    bare = bare.partition(":")[0] if bare.count(":") == 1 else bare
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if found.version == 6 else None  # a socket on [::] names IPv4 so
    return str(mapped or found)


def _trusted(address: str, proxies: Sequence[str]) -> bool:
    try:
        found = ipaddress.ip_address(address)
        nets = [ipaddress.ip_network(proxy, strict=False) for proxy in proxies]
    except ValueError:
        return address in proxies
    return any(found in net for net in nets)
