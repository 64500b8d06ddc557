"""The words of a link that is out: what to do with it, the live line, the countdown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from rich.style import Style

from ttr_tui import text
from ttr_tui.model import (
    APPLICATION_PERMISSIONS,
    DELEGATED_PERMISSIONS,
    Attempt,
    Company,
    Purpose,
    Station,
)
from ttr_tui.screens.remote import Tunnel
from ttr_tui.widgets.lines import Line, Span, join, state
from ttr_tui.widgets.paragraphs import sentences

_GRANTS = (Station.OPENED, Station.AT_MICROSOFT, Station.CAME_BACK, Station.PROVEN)
_SIGNS_IN = (
    Station.OPENED,
    Station.AT_MICROSOFT,
    Station.CAME_BACK,
    Station.IDENTITY_CHECKED,
    Station.STORED,
    Station.PROVEN,
)

_WITHOUT_A_TUNNEL = (
    "B: without a tunnel, u prints Microsoft's own address, too. Open it and sign in; the browser "
    "ends on a page it cannot open. Paste that address:"
)

_STUCK = {
    Station.WAITING: "Out since {since}. Nobody has opened it yet; u prints it to be sent.",
    Station.OPENED: "Opened since {since}. The page has a button that goes on to Microsoft.",
    Station.AT_MICROSOFT: (
        "At Microsoft since {since}. Its page shows an error? Paste its number below."
    ),
}

_ROLE_WHILE_GRANTING = "That role is needed only to grant; it may be removed once this is proven."
_LICENCE_NO_ROLE = "The account needs a licence, and that role no longer."

WHOLE_WIDTH = 79
"""Cells from column 2 to the last: what a link asks for stands in two rows."""

STICKS_AFTER = 60
"""Seconds at one station after which a sentence says what to do."""


def demo_hint(attempt: Attempt) -> str:
    """Return what the demo's own key does."""
    who = "mailbox's owner" if attempt.for_agent else "sandbox's administrator"
    return f"x lets the {who} follow it, as a person does in a browser."


def station_words(attempt: Attempt) -> str:
    """Return where an attempt stands, in a few words."""
    if attempt.person is not None:
        return "waits for your word"
    return "waiting for the browser" if attempt.station is Station.WAITING else attempt.station


def for_a_phone(attempt: Attempt, company: Company) -> str:
    """Return for whom the code is, and what their phone must reach."""
    host = urlsplit(attempt.link).hostname or company.domain
    if attempt.expected is not None:
        who = text.clean(attempt.expected.shown)
    else:
        who = "a Privileged Role Administrator or Global Administrator"
    return f"For {who}. The phone must reach {host}."


def stations_of(attempt: Attempt) -> tuple[Station, ...]:
    """Return the stations of an attempt's live line; `waiting` stands in place of the first."""
    return _GRANTS if attempt.purpose is Purpose.ADMIN_CONSENT else _SIGNS_IN


@dataclass(frozen=True, slots=True)
class LinkPage:
    """What is said about the link that is out; `way` is the tunnel it needs from here."""

    attempt: Attempt
    company: Company
    problem: str
    way: Tunnel | None

    def rows(self, width: int, now: datetime) -> list[Line]:
        """Return the rows, the link alone on its own."""
        link: list[Line] = [_link(self.attempt.link, width)]
        if self.problem and self.attempt.person is None:
            after = sentences(state(f"✗ {text.clean(self.problem)}"))
        else:
            after = sentences(_asks(self.attempt, now), width=WHOLE_WIDTH)
        if self.way is None:
            send = " ".join((_send_it(self.attempt, self.company), *_role(self.attempt)))
            return [*sentences(send), "", *link, "", *after]
        guess = " User and address are a guess." if self.way.guessed else ""
        here = (
            "You are here over SSH and the sign-in returns to localhost, which is then the "
            f"browser's computer. A: run the first line there, then open the second.{guess}"
        )
        paste = () if self.problem and self.attempt.person is None else sentences(_WITHOUT_A_TUNNEL)
        last = paste or after
        return [*sentences(here), "", self.way.command, "", *link, "", *last]


def not_shown(listening: str) -> Line:
    """Return what stands in the link's place while no link leads to us."""
    return state(
        f"✗ {listening}. The link that is out would lead there, so it is not shown; it works again "
        "when the address is free, for as long as it is good."
    )


def _link(link: str, width: int) -> Line:
    if text.cells(link) > width:
        return f" The link has {len(link)} characters; u prints it whole, alone on its line."
    return Span(link, Style(underline=True, link=link))


def _send_it(attempt: Attempt, company: Company) -> str:
    if attempt.expected is not None and not attempt.for_master:
        who = text.clean(attempt.expected.shown)
        return (
            f"Send this link to {who}, or open it together. Any browser, any computer; "
            "nobody else can sign in through it."
        )
    if attempt.purpose is Purpose.REAUTHENTICATION and attempt.expected is not None:
        who = text.clean(attempt.expected.shown)
        return f"Send this link to {who}, the administrator of {company.domain} who signed in."
    return (
        "Send this link to a Privileged Role Administrator or Global Administrator of "
        f"{company.domain}, or open it yourself if you are one. Any browser, any computer."
    )


def _role(attempt: Attempt) -> tuple[str, ...]:
    """Return what the administrator's account needs; other people's needs nothing of it."""
    if attempt.purpose is Purpose.ADMIN_CONSENT:
        return (_ROLE_WHILE_GRANTING,)
    return (_LICENCE_NO_ROLE,) if attempt.for_master else ()


def _asks(attempt: Attempt, now: datetime) -> str:
    until = text.stamp(attempt.expires_at)
    if attempt.expires_at <= now:
        return f"The link ended {until}. r makes a new one."
    if attempt.purpose is Purpose.ADMIN_CONSENT:
        return (
            f"It grants {_listed(APPLICATION_PERMISSIONS)}: no message text, no password. "
            f"Good until {until}; opening changes nothing."
        )
    return (
        f"It asks for {_listed(DELEGATED_PERMISSIONS)}: no message text, no password. "
        f"Good for one sign-in until {until}; opening changes nothing."
    )


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def station_line(attempt: Attempt) -> Line:
    """Return the live line: what is behind, what is under way, what is to come."""
    stations = stations_of(attempt)
    order = list(Station)
    at = order.index(attempt.station)
    reached = [order.index(station) <= at for station in stations]
    current = max((index for index, there in enumerate(reached) if there), default=0)
    if attempt.person is not None:
        current = stations.index(Station.IDENTITY_CHECKED)
    elif attempt.station is Station.IDENTITY_CHECKED:
        current, reached = 0, [False] * len(stations)
    parts: list[Line] = []
    for index, station in enumerate(stations):
        words = "waiting" if index == 0 and not reached[0] else str(station)
        done = index < current or attempt.station is Station.PROVEN
        shape = "✓" if done else "»" if index == current else "-"
        if index == current and attempt.problem and _came_back(attempt):
            shape = "✗"
        parts.append(state(f"{shape} {words}"))
    return join(" ", *[part for one in parts for part in (one, "  ")][:-1])


def _came_back(attempt: Attempt) -> bool:
    """Tell whether the last try has come back, and nobody waits for a word."""
    order = list(Station)
    behind = order.index(attempt.station) >= order.index(Station.CAME_BACK)
    return behind and attempt.person is None


def stuck(attempt: Attempt, now: datetime) -> str:
    """Return what to do when nothing has happened for a minute, or nothing."""
    if attempt.person is not None:
        return "Waits for you: enter asks whether this is the right person."
    if attempt.station is Station.IDENTITY_CHECKED:
        return "The sign-in that came was erased. Who opens the link again may sign in again."
    failed = attempt.problem and _came_back(attempt)
    if failed or (now - attempt.station_at).total_seconds() < STICKS_AFTER:
        return ""
    since = f"{text.stamp(attempt.station_at)[11:]}, {text.ago(attempt.station_at, now)}"
    return _STUCK.get(attempt.station, "").format(since=since)


def countdown(attempt: Attempt, now: datetime) -> str:
    """Return how long the try and the link last."""
    parts = []
    tried = attempt.request_expires_at
    if tried is not None and tried > now and attempt.person is None:
        parts.append(f"try {left(tried, now)}")
    if attempt.expires_at > now:
        parts.append(f"link {left(attempt.expires_at, now)}")
    return f"{', '.join(parts)} left" if parts else ""


def left(then: datetime, now: datetime) -> str:
    """Return the time until `then`: in seconds below two minutes, else in minutes or hours."""
    seconds = max(0.0, (then - now).total_seconds())
    return f"{seconds:.0f} s" if seconds < 120 else text.until(then, now)
