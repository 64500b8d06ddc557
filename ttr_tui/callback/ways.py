"""How a visit to a redirect URL can end, and what is met on the way there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ttr_tui.callback.certificates import Shown


class Way(StrEnum):
    """How a visit to a redirect URL ended; all but REACHED are obstacles."""

    REACHED = "reached"
    NAME_UNKNOWN = "the name does not resolve"
    NO_NAME_SERVER = "no name server answered"
    REFUSED = "nothing listens"
    SILENT = "no connection in time"
    MUTE = "no answer in time"
    OUTGOING_PROXY = "the proxy of this server is in the way"
    CERTIFICATE = "the certificate is not right"
    NO_TLS = "no TLS"
    NO_HTTP = "no HTTP"
    FOREIGN_PAGE = "a page that is not ours"
    LEADS_ON = "leads on elsewhere"
    OTHER_STORE = "another server of ours"
    PATH_CHANGED = "the path is changed on the way"
    QUERY_LOST = "the query is lost on the way"
    TROUBLED = "our server is in trouble"
    NOT_EVERYWHERE = "another address of the name leads elsewhere"
    NOT_BELOW = "start links do not arrive"
    ONLY_BELOW = "the redirect itself does not arrive"


@dataclass(frozen=True, slots=True)
class Tls:
    """The TLS a server spoke, and what its certificate says; None where that cannot be read."""

    version: str
    shown: Shown | None


class Stopped(Exception):
    """The visit came no further: the way it ended, and the sentence that says so."""

    def __init__(self, way: Way, sentence: str) -> None:
        super().__init__(sentence)
        self.way = way
        self.sentence = sentence


@dataclass(slots=True)
class Trip:
    """What was met on the way, filled in as it is met.

    `addresses` are those the name resolves to; `met` the one that took a connection; `unanswered`
    the ones that did not; `untried` the ones this server has no way to. With `only`, no other
    address is tried. `proxy` is the proxy of the environment that was used. `late` and `stage` are
    how the visit ends, and the words for it, if the time is up now.
    """

    addresses: tuple[str, ...] = ()
    met: str = ""
    unanswered: list[str] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    only: str = ""
    proxy: str = ""
    tls: Tls | None = None
    late: Way = Way.SILENT
    stage: str = ""

    def wait_for(self, late: Way, stage: str) -> None:
        """Note what is waited for from now on."""
        self.late, self.stage = late, stage
