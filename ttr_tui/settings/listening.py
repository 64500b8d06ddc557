"""Where the callback server listens, with which certificate, and behind which proxy."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from ttr_tui.model import Purpose
from ttr_tui.settings.names import (
    LISTEN,
    PROXY_ADDRESS,
    REDIRECTS,
    TLS_CERT,
    TLS_KEY,
)
from ttr_tui.settings.permissions import check_private
from ttr_tui.settings.reading import Reading
from ttr_tui.settings.redirects import is_loopback, port_of

DEFAULT = ("127.0.0.1", 8400)
"""Where the callback server listens unless told otherwise."""


class Listening(NamedTuple):
    """Address and port, certificate and key of its own TLS if any, the proxies before it."""

    listen: tuple[str, int]
    tls: tuple[Path, Path] | None
    proxy_addresses: tuple[str, ...]


def read_listening(reading: Reading, redirects: Mapping[Purpose, str]) -> Listening:
    """Return where to listen; `redirects` are checked against it. Faults are noted."""
    noted = len(reading.faults)
    listening = Listening(_read_listen(reading), _read_tls(reading), _read_proxies(reading))
    if len(reading.faults) == noted:
        _check_exposure(reading, listening)
        _check_loopback_redirects(reading, listening, redirects)
    return listening


def _read_listen(reading: Reading) -> tuple[str, int]:
    value = reading.value(LISTEN)
    if not value:
        return DEFAULT
    host, colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and (host == "localhost" or _is_address(host))):
        cure = "Write an IP address and a port, such as 127.0.0.1:8400 or [::1]:8400."
        reading.fault(LISTEN, "is not an address and a port", cure)
    elif not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536):
        reading.fault(LISTEN, "has no usable port", "Write a port from 1 to 65535.")
    else:
        return host, int(port)
    return DEFAULT


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _read_proxies(reading: Reading) -> tuple[str, ...]:
    named = [part.strip() for part in reading.value(PROXY_ADDRESS).split(",") if part.strip()]
    if not all(_is_address(part) for part in named):
        cure = "Write the reverse proxy's IP addresses, separated by commas."
        reading.fault(PROXY_ADDRESS, "holds something that is no IP address", cure)
        return ()
    return tuple(str(ipaddress.ip_address(part)) for part in named)


def _read_tls(reading: Reading) -> tuple[Path, Path] | None:
    certificate, key = reading.path(TLS_CERT), reading.path(TLS_KEY)
    if certificate is None and key is None:
        return None
    for path, name, other in ((certificate, TLS_CERT, TLS_KEY), (key, TLS_KEY, TLS_CERT)):
        if path is None:
            cure = f"A certificate needs its key: give both, or remove {other}."
            reading.fault(name, f"is missing beside {other}", cure)
    if certificate is None or key is None:
        return None
    check_private(reading, TLS_KEY, key, closes="microsoft", group="ignored")
    return (certificate, key) if _loads(reading, certificate, key) else None


def _loads(reading: Reading, certificate: Path, key: Path) -> bool:
    import ssl  # noqa: PLC0415 - only a certificate of our own costs its loading

    for path, name in ((certificate, TLS_CERT), (key, TLS_KEY)):
        try:
            path.read_bytes()
        except (OSError, ValueError):
            reading.fault(name, "names a file that cannot be read", "Let this user read it.")
            return False
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        cure = f"Give a certificate chain in PEM form and, in {TLS_KEY}, its own key, unencrypted."
        reading.fault(TLS_CERT, "and its key cannot be used together", cure)
        return False
    return True


def _check_exposure(reading: Reading, listening: Listening) -> None:
    host = listening.listen[0]
    inside = host == "localhost" or ipaddress.ip_address(host).is_loopback
    if not (inside or listening.tls or listening.proxy_addresses):
        cure = (
            f"Give {TLS_CERT} and {TLS_KEY}, or the reverse proxy's address in {PROXY_ADDRESS}; "
            "or listen on 127.0.0.1."
        )
        problem = "listens beyond this server, and codes would come over the network in the clear"
        reading.fault(LISTEN, problem, cure)


def _check_loopback_redirects(
    reading: Reading, listening: Listening, redirects: Mapping[Purpose, str]
) -> None:
    """A redirect to localhost comes straight here, so its port and scheme must be ours."""
    port, scheme = listening.listen[1], "https" if listening.tls else "http"
    for purpose, value in redirects.items():
        url = urlsplit(value)
        if not is_loopback(url.hostname or ""):
            continue
        if port_of(url) != port:
            problem = f"leads to port {port_of(url)} of localhost; the callback listens on {port}"
            cure = f"Write port {port} there, or change {LISTEN}."
            reading.fault(REDIRECTS[purpose], problem, cure)
        elif url.scheme != scheme:
            problem = f"is {url.scheme} on localhost; the callback speaks {scheme} there"
            cure = f"Write {scheme}://, or change {TLS_CERT} and {TLS_KEY}."
            reading.fault(REDIRECTS[purpose], problem, cure)
