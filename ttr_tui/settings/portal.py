"""From the portal's URL to the five redirect URLs of the set-up guide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from ttr_tui.model import Purpose
from ttr_tui.settings.listening import DEFAULT
from ttr_tui.settings.names import REDIRECTS
from ttr_tui.settings.redirects import is_loopback, port_of, url_faults
from ttr_tui.settings.written import writing_faults

PATHS: Mapping[Purpose, str] = {
    Purpose.AGENT: "/account/microsoft/auth",
    Purpose.INVITATION: "/msgraph-auth",
    Purpose.REAUTHENTICATION: "/msgraph-re-auth",
    Purpose.COMPANY_MASTER: "/tools/agents/msgraph-store-bulk",
    Purpose.ADMIN_CONSENT: "/msgraph-grant-admin-permission",
}
"""The paths the set-up guide gives the five redirect URLs."""


def portal_redirects(portal: str) -> dict[str, str]:
    """Return the redirect URLs below the portal's scheme, host and port, by their settings' names.

    `portal` is without fault (`portal_faults`).
    """
    url = urlsplit(portal)
    origin = f"{url.scheme}://{url.netloc.lower()}"
    return {name: f"{origin}{PATHS[purpose]}" for purpose, name in REDIRECTS.items()}


def listens_at(portal: str) -> str:
    """Return the address and port to listen on for a portal that is this computer's own localhost.

    "" for any other, and where the default serves.
    """
    url = urlsplit(portal)
    at = f"{DEFAULT[0]}:{port_of(url)}"
    own = url.scheme == "http" and is_loopback(url.hostname or "")
    return at if own and port_of(url) != DEFAULT[1] else ""


def portal_faults(portal: str) -> tuple[tuple[str, str], ...]:
    """Return problem and cure of all that is wrong with a portal's URL, without repeating it.

    It is held to what a redirect URL is held to, and has no path: each of the five has its own.
    """
    return tuple(dict.fromkeys(writing_faults(portal))) or tuple(_faults(portal))


def _faults(portal: str) -> Iterator[tuple[str, str]]:
    try:
        url = urlsplit(portal)
    except ValueError:
        url = urlsplit("")
    if not url.scheme or not url.netloc:
        yield "is not a URL", "Write https:// and the portal's host name."
        return
    if url.path.strip("/"):
        yield "has a path", "Write scheme and host name alone: each redirect URL has its own path."
    if "?" in portal or "#" in portal:
        yield "carries a query or a fragment", "Write scheme and host name alone."
        return
    yield from url_faults(portal.rstrip("/") + "/x")
