"""A browser's cookies, with the rules that matter between sites (RFC 6265bis section 5).

aiohttp's own jar sends SameSite cookies across sites; a browser does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from yarl import URL

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = frozenset({"GET", "HEAD"})


@dataclass(slots=True, frozen=True)
class _Cookie:
    value: str
    path: str
    secure: bool
    same_site: str


class Cookies:
    """Host-only cookies of one browser."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], _Cookie] = {}

    def take(self, url: URL, headers: Iterable[str]) -> None:
        """Keep what `Set-Cookie` headers of an answer from `url` say."""
        for header in headers:
            parsed: SimpleCookie = SimpleCookie()
            try:
                parsed.load(header)
            except CookieError:
                continue
            for name, morsel in parsed.items():
                key = (url.host or "", name)
                if morsel["max-age"] == "0" or not morsel.value:
                    self._kept.pop(key, None)
                    continue
                self._kept[key] = _Cookie(
                    morsel.value,
                    morsel["path"] if morsel["path"].startswith("/") else _folder(url.path),
                    bool(morsel["secure"]),
                    morsel["samesite"].lower() or "lax",
                )

    def sent(self, url: URL, method: str, *, cross_site: bool) -> str:
        """Return the `Cookie` header for a top-level navigation; empty when there is none."""
        trusted = url.scheme == "https" or url.host in _LOOPBACK
        pairs = []
        for (host, name), cookie in self._kept.items():
            across = cookie.same_site == "none" or (cookie.same_site == "lax" and method in _SAFE)
            if (
                host == url.host
                and _below(url.path, cookie.path)
                and (trusted or not cookie.secure)
                and (across or not cross_site)
            ):
                pairs.append(f"{name}={cookie.value}")
        return "; ".join(pairs)


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder if folder.endswith("/") else f"{folder}/")
