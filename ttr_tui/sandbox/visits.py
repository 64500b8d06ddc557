"""Navigations as a browser makes them: where from, across which sites, with which headers."""

from __future__ import annotations

from dataclasses import dataclass

from yarl import URL

_KEEPS_METHOD = frozenset({307, 308})


@dataclass(slots=True)
class Visit:
    """A request to be made: where, how, with what, and from which page."""

    url: URL
    method: str = "GET"
    fields: dict[str, str] | None = None
    source: URL | None = None
    policy: str = ""
    cross_site: bool = False


def is_response(url: URL) -> bool:
    """Say whether an address is an authorization response to the app (RFC 6749 section 4.1.2)."""
    return "state" in url.query and bool({"code", "error", "admin_consent"} & url.query.keys())


def _site(url: URL) -> tuple[str, str | None]:
    """Return what makes two URLs the same site; hosts here have no registrable domain."""
    return url.scheme, url.host


def crosses(visit: Visit) -> bool:
    """Say whether a visit comes from another site, be it by a redirect on the way."""
    return visit.cross_site or (
        visit.source is not None and _site(visit.source) != _site(visit.url)
    )


def navigation(visit: Visit) -> dict[str, str]:
    """Return the headers a browser adds to a navigation (Fetch, sections 3.1 and 4.6)."""
    source = visit.source
    if source is None:
        return {"Sec-Fetch-Site": "none"}
    same = source.origin() == visit.url.origin() and not visit.cross_site
    site = "same-origin" if same else "cross-site" if crosses(visit) else "same-site"
    headers = {"Sec-Fetch-Site": site}
    if visit.method != "GET":
        downgrade = source.scheme == "https" and visit.url.scheme != "https"
        hidden = visit.policy == "no-referrer" or (visit.policy == "same-origin" and not same)
        headers["Origin"] = "null" if hidden or downgrade else str(source.origin())
    if not (
        visit.policy == "no-referrer" or (source.scheme, visit.url.scheme) == ("https", "http")
    ):
        headers["Referer"] = str(source if same else source.origin().with_path("/"))
    return headers


def redirected(visit: Visit, status: int, location: str) -> Visit:
    """Return the visit a redirect leads to (Fetch, section 4.4)."""
    target = visit.url.join(URL(location, encoded=True))
    keeps = status in _KEEPS_METHOD
    return Visit(
        url=target,
        method=visit.method if keeps else "GET",
        fields=visit.fields if keeps else None,
        source=visit.source,
        policy=visit.policy,
        cross_site=crosses(visit)
        or (visit.source is not None and _site(visit.url) != _site(target)),
    )
