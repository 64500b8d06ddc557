"""The five redirect URLs: each sound by itself (facts section 12), and all five together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

from ttr_tui.model import Purpose
from ttr_tui.settings.names import REDIRECTS
from ttr_tui.settings.reading import Reading
from ttr_tui.settings.written import read_plain

LONGEST = 256
"""Characters Microsoft takes in a redirect URL."""
_REFUSED = re.compile(r"[!$'(),;*\\\"<>{}|^`\[\]]")
_LOOPBACK = ("localhost", "127.0.0.1")
_DEFAULT_PORTS = {"https": 443, "http": 80}


def is_loopback(host: str) -> bool:
    """Return whether a redirect to `host` ends on the browser's own computer."""
    return host in _LOOPBACK


def port_of(url: SplitResult) -> int:
    """Return the port a browser would use for `url`."""
    return url.port or _DEFAULT_PORTS.get(url.scheme, 0)


def read_redirects(reading: Reading) -> Mapping[Purpose, str]:
    """Return the redirect URL of each purpose, all five or none, with the faults noted."""
    sound: dict[Purpose, str] = {}
    for purpose, name in REDIRECTS.items():
        value = read_plain(reading, name)
        faults = list(url_faults(value)) if value else []
        for problem, cure in faults:
            reading.fault(name, problem, cure)
        if value and not faults:
            sound[purpose] = value
    noted = len(reading.faults)
    _check_origins(reading, sound)
    _check_paths(reading, sound)
    return sound if len(sound) == len(REDIRECTS) and len(reading.faults) == noted else {}


def url_faults(value: str) -> Iterator[tuple[str, str]]:
    """Yield problem and cure of each fault of one redirect URL, without repeating it."""
    try:
        url = urlsplit(value)
        host, port = url.hostname or "", url.port
    except ValueError:
        yield "is not a URL", "Write https://, the portal's host name and the path."
        return
    if len(value) > LONGEST:
        yield f"is longer than {LONGEST} characters", "Microsoft takes no more; shorten its path."
    if not host or port == 0:
        yield "names no host or no usable port", "Write https://, the host name and the path."
    yield from _scheme_faults(url.scheme, host)
    if "?" in value or "#" in value:
        yield "carries a query or a fragment", "End it with its path."
    if "@" in url.netloc:
        yield "carries a user name", "Remove what stands before the @, and the @."
    if _REFUSED.search(value.replace(f"[{host}]", "")):
        yield "holds a character that Microsoft refuses (! $ ' ( ) , ; *)", "Choose a plain path."
    if not url.path.strip("/"):
        yield "has no path", "Each of the five needs a path of its own."
    elif {".", ".."} & set(url.path.split("/")):
        yield "has a path with . or .. in it", "Write the path as it is served."


def _scheme_faults(scheme: str, host: str) -> Iterator[tuple[str, str]]:
    if host == "::1":
        yield "names [::1], which Microsoft refuses", "Write localhost."
    elif scheme == "http" and not is_loopback(host):
        yield "is not https", "Only a redirect to localhost may be http."
    elif scheme not in _DEFAULT_PORTS:
        yield "is not an https URL", "Begin it with https://."


def _check_origins(reading: Reading, sound: Mapping[Purpose, str]) -> None:
    """All five come back to one server: note those that differ from most of them."""
    origins = {purpose: _origin(value) for purpose, value in sound.items()}
    if len(set(origins.values())) < 2:
        return
    usual = Counter(origins.values()).most_common(1)[0][0]
    parts = ("scheme", "host", "port")
    for purpose, origin in origins.items():
        differing = [part for part, a, b in zip(parts, origin, usual, strict=True) if a != b]
        if differing:
            problem = f"has another {' and '.join(differing)} than the other redirect URLs"
            reading.fault(REDIRECTS[purpose], problem, "All five come back to the same server.")


def _origin(value: str) -> tuple[str, str, int]:
    url = urlsplit(value)
    return url.scheme, url.hostname or "", port_of(url)


def _check_paths(reading: Reading, sound: Mapping[Purpose, str]) -> None:
    """Start links lie below each path, so no path may be, or lie below, another one."""
    seen: dict[str, str] = {}
    for purpose, value in sound.items():
        name, path = REDIRECTS[purpose], urlsplit(value).path.rstrip("/") + "/"
        for other, above in seen.items():
            cure = "Give each of the five a path of its own."
            if path == above:
                reading.fault(name, f"shares its path with {other}", cure)
            elif path.startswith(above):
                reading.fault(name, f"lies below the path of {other}", cure)
            elif above.startswith(path):
                reading.fault(other, f"lies below the path of {name}", cure)
        seen[name] = path
