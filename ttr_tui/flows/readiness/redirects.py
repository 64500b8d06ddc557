"""Step 2: the five redirect URLs, registered for the platform Web, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ttr_tui.errors import MicrosoftError
from ttr_tui.flows.readiness.judging import LIST_COLUMN, OWNER, cannot_be_known, worst
from ttr_tui.flows.readiness.registration import unread
from ttr_tui.microsoft.grants import not_here
from ttr_tui.model import Check, Finding, Seen, Verdict, now
from ttr_tui.text import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ttr_tui.flows.readiness.scene import Scene
    from ttr_tui.microsoft.registration import Application

_OTHER_PLATFORMS = ("Single-page application", "Mobile and desktop applications")


async def look(scene: Scene) -> Finding:
    """Compare the settings' redirect URLs with the registered ones (facts section 12).

    Where the registration cannot be read our service principal lists them, without the platform.
    """
    wanted = tuple(scene.access.redirects.values())
    link = scene.admin_center.authentication()
    try:
        registered = await scene.registered()
        if registered.application is not None:
            return _compared(scene, wanted, registered.application)
        ours = await scene.principal()
    except MicrosoftError as refusal:
        return cannot_be_known(scene, Check.REDIRECTS, refusal, lines=wanted, link=link)
    if ours is None:
        return cannot_be_known(scene, Check.REDIRECTS, not_here(), lines=wanted, link=link)
    evidence = [*_lines(wanted, ours.reply_urls), *_extra(wanted, ours.reply_urls)]
    told = Seen("replyUrls of our service principal", None, unread(scene, registered))
    return _finding(scene, wanted, [told, *evidence], platform_told=False)


def _compared(scene: Scene, wanted: tuple[str, ...], read: Application) -> Finding:
    elsewhere = dict(zip(_OTHER_PLATFORMS, (read.spa, read.public), strict=True))
    misplaced = {
        url: platform for platform, urls in elsewhere.items() for url in urls if url in wanted
    }
    evidence = [
        Seen("web.redirectUris of the registration, byte for byte"),
        *_lines(wanted, read.web, misplaced),
        *_extra(wanted, read.web),
    ]
    foreign = (url for urls in elsewhere.values() for url in urls if url not in wanted)
    evidence += [Seen(url, Verdict.WARNING, "not ours") for url in foreign]
    return _finding(scene, wanted, evidence)


def _lines(
    wanted: Iterable[str], registered: Collection[str], misplaced: dict[str, str] | None = None
) -> list[Seen]:
    """Return a line for each of ours: there, under another platform, or missing."""
    lines = []
    for url in wanted:
        platform = (misplaced or {}).get(url)
        if platform:
            lines.append(Seen(url, Verdict.FAIL, f"under {platform}, not Web"))
        elif url in registered:
            lines.append(Seen(url, Verdict.PASS))
        elif any(_but_port(url, other) for other in registered):
            # Microsoft ignores the port of localhost (facts section 12).
            lines.append(Seen(url, Verdict.PASS, "with another port, which localhost allows"))
        else:
            lines.append(Seen(url, Verdict.FAIL, "missing"))
    return lines


def _extra(wanted: Collection[str], registered: Iterable[str]) -> list[Seen]:
    return [
        Seen(url, Verdict.WARNING, near_miss(url, wanted) or "not ours")
        for url in registered
        if url not in wanted and not any(_but_port(url, one) for one in wanted)
    ]


def near_miss(url: str, wanted: Iterable[str]) -> str:
    """Say by how little a registered URL differs from one of ours, or return nothing."""
    for one in wanted:
        if url.rstrip("/") == one.rstrip("/"):
            return "not ours: the slash at its end"
        if url.casefold() == one.casefold():
            return "not ours: capital letters count"
        if url.partition("://")[2] == one.partition("://")[2]:
            return f"not ours: {url.partition('://')[0]} for {one.partition('://')[0]}"
        if url.strip() == one:
            return "not ours: a space too many"
    return ""


def _but_port(one: str, other: str) -> bool:
    try:
        mine, theirs = urlsplit(one), urlsplit(other)
    except ValueError:
        return False
    local = mine.hostname == theirs.hostname == "localhost" and mine.scheme == "http"
    return local and (mine.scheme, mine.path) == (theirs.scheme, theirs.path)


def _finding(
    scene: Scene, wanted: tuple[str, ...], evidence: list[Seen], *, platform_told: bool = True
) -> Finding:
    verdict = worst(evidence)
    missing = tuple(one.text for one in evidence if one.verdict is Verdict.FAIL)
    extra = [one.text for one in evidence if one.verdict is Verdict.WARNING]
    parts = [f"{len(wanted) - len(missing)} of {len(wanted)} registered"]
    if extra:
        parts.append(f"{len(extra)} foreign")
    if not platform_told:
        parts.append("platform not known")
    return Finding(
        check=Check.REDIRECTS,
        verdict=verdict,
        seen=_shortest(parts),
        checked_at=now(),
        evidence=tuple(evidence),
        means=_means(missing, extra, platform_told=platform_told),
        who="" if verdict is Verdict.PASS else OWNER,
        cure=_cure(scene, evidence),
        lines=missing,
        link=scene.admin_center.authentication(),
    )


def _shortest(parts: list[str]) -> str:
    whole = ", ".join(parts)
    return whole if len(whole) <= LIST_COLUMN else ", ".join(parts[:2])


def _means(missing: Collection[str], extra: Collection[str], *, platform_told: bool) -> str:
    if missing:
        return (
            "A sign-in that comes back there ends on Microsoft's own page with AADSTS50011, or "
            "its code is refused; nothing of it ever comes here."
        )
    if extra:
        return (
            "Sign-ins work. An address that is not ours can receive codes meant for this app; "
            "whoever answers there still needs the client secret."
        )
    if not platform_told:
        return (
            "All five are registered. For which platform cannot be seen from this tenant; it has "
            "to be Web."
        )
    return "Every sign-in comes back to an address that is registered."


def _cure(scene: Scene, evidence: Iterable[Seen]) -> str:
    lines = list(evidence)
    moved = [one for one in lines if one.verdict is Verdict.FAIL and one.note != "missing"]
    missing = [one for one in lines if one.verdict is Verdict.FAIL and one.note == "missing"]
    extra = [one for one in lines if one.verdict is Verdict.WARNING]
    deeds = []
    if missing:
        deeds.append(f"add {plural(len(missing), 'URL')} as written below")
    if moved:
        deeds.append(f"move {plural(len(moved), 'URL')} there from the other platform")
    if extra:
        deeds.append(f"remove what nobody needs: {', '.join(one.text for one in extra)}")
    if not deeds:
        return ""
    path = f"Entra admin center > App registrations > {scene.app_name} > Authentication > Web"
    return f"{path}: {'; '.join(deeds)}."
