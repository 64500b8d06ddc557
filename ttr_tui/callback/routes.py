"""Which path is what: the configured redirect paths, exactly, and what lies below them.

For a redirect path P: P itself, the start links `P/CODE`, the outcomes `P/-/HANDLE`, and for the
Company Master's P the challenge `P/-/challenge/NONCE`. Paths are compared in the normal form of
RFC 3986, section 6.2.2 (case and percent-encoding), without removing dot segments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote, urlsplit

from ttr_tui.model import Purpose

_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")
_CODE = re.compile(r"[0-9A-Za-z_-]{4,64}")
_NONCE = re.compile(r"[0-9a-f]{64}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Place(Enum):
    """What kind of thing a path leads to."""

    CALLBACK = "callback"
    START = "start link"
    OUTCOME = "outcome"
    CHALLENGE = "challenge"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a path leads: `path` is the redirect path, `rest` the code, handle or nonce."""

    place: Place
    purpose: Purpose
    path: str
    rest: str = ""

    def start(self, code: str) -> str:
        """Return the path of a start link below this route's redirect path."""
        return f"{self.path}/{quote(code, safe='')}"

    def outcome(self, handle: str) -> str:
        """Return the path of an outcome below this route's redirect path."""
        return f"{self.path}/-/{quote(handle, safe='')}"


def normal(path: str) -> str:
    """Return `path` in normal form, or an empty string where it is not ASCII or badly encoded."""
    if not path.isascii() or not path.isprintable():
        return ""
    if any(match[1] is None for match in _PERCENT.finditer(path)):
        return ""
    return _PERCENT.sub(_normal_triplet, path)


def _normal_triplet(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def path_of(url: str) -> str:
    """Return the path of `url` in normal form, empty where it has none."""
    return normal(quote(urlsplit(url).path, safe="/%:@!$&'()*+,;="))


def origin_of(url: str) -> str:
    """Return the origin of `url` as a browser writes it (RFC 6454, section 6.2)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{shown}{port}"


def challenge_path(redirects: Mapping[Purpose, str], nonce: bytes) -> str:
    """Return the path at which a server of ours answers the challenge `nonce`."""
    path = path_of(redirects[Purpose.COMPANY_MASTER])
    return f"{path}/-/{Place.CHALLENGE.value}/{nonce.hex()}"


class Routes:
    """The paths of the configured redirect URLs, which share one origin."""

    def __init__(self, redirects: Mapping[Purpose, str]) -> None:
        first = next(iter(redirects.values()), "")
        self.origin = origin_of(first)
        self.secure = self.origin.startswith("https:")
        self._paths = {path_of(url): purpose for purpose, url in redirects.items()}
        self._callbacks = {
            path or "/": Route(Place.CALLBACK, purpose, path)
            for path, purpose in self._paths.items()
        }
        self._words = {word for path in self._paths for word in path.split("/")}

    def find(self, target: str) -> Route | None:
        """Return where the path `target` leads, or nothing: then it is none of ours."""
        path = normal(target)
        if path in self._callbacks:
            return self._callbacks[path]
        head, _, rest = path.rpartition("/")
        if (purpose := self._paths.get(head)) and _CODE.fullmatch(rest):
            return Route(Place.START, purpose, head, rest)
        return self._below(head, rest)

    def _below(self, head: str, rest: str) -> Route | None:
        path, dash, word = head.rpartition("/-")
        purpose = self._paths.get(path)
        if purpose is None or not dash:
            return None
        if not word and _CODE.fullmatch(rest):
            return Route(Place.OUTCOME, purpose, path, rest)
        named = word == f"/{Place.CHALLENGE.value}" and purpose is Purpose.COMPANY_MASTER
        if named and _NONCE.fullmatch(rest):
            return Route(Place.CHALLENGE, purpose, path, rest)
        return None

    def masked(self, target: str) -> str:
        """Return a path for the log: words of the configured paths, and `*` for all others.

        A code mistyped or a code behind a wrong prefix stays out of the log that way.
        """
        words = normal(target)[:512].split("/")
        return "/".join(word if word in self._words else "*" for word in words)
