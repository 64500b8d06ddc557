"""Step 7: the env file's parameters, and whether the five redirect URLs lead to us.

Each redirect is opened as a browser on this server would open it, and must answer with our own mark
(`callback.reach`). "Reachable from this server" is all that says.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ttr_tui.callback.certificates import certificate_end
from ttr_tui.callback.reach import Visit, visit_all
from ttr_tui.callback.recognise import Listener, who_listens
from ttr_tui.callback.ways import Way
from ttr_tui.errors import YOU
from ttr_tui.flows.readiness.judging import worst
from ttr_tui.model import Check, Ending, EndingKind, Finding, Seen, Verdict, now
from ttr_tui.settings.redirects import is_loopback, port_of
from ttr_tui.text import clean, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ttr_tui.access import Access
    from ttr_tui.model import Company
    from ttr_tui.settings import Settings

NOTICE_DAYS = 30
"""Days before its end from which a certificate is a warning; again at 14, 7 and 1 (`forecast`)."""

SERVE = "ttr-tui serve"

_NOT_MET = (Way.NO_NAME_SERVER, Way.SILENT, Way.OUTGOING_PROXY)
"""Ways on which nobody was met: a browser elsewhere may all the same get there."""

_CLAIM = "Reached from this server is all it says: a browser elsewhere has its own DNS and network."
_NO_ARRIVAL = (
    "A browser that Microsoft sends back there does not arrive here, or a start link does not open."
)
_SHUT = "Nothing can reach Microsoft, and nothing was fetched, while the settings are faulty."


async def look(access: Access, company: Company) -> Finding:  # noqa: ARG001 - all companies share them
    """Say what is wrong with the settings, and visit the five redirect URLs; takes 5 s at most.

    With a fault in the settings there is no redirect to visit: the finding names every fault, and
    never a value. Nothing is raised for what is met on the way.
    """
    settings = access.settings
    written = _written(settings)
    if not settings.redirects:
        return _faulty(settings, written)
    challenge = access.store.challenge
    listener, visits, file_ends = await asyncio.gather(
        who_listens(settings.listen, settings.redirects, challenge, tls=settings.tls is not None),
        visit_all(settings.redirects, settings.listen[1], settings.ca_file, challenge),
        _end_of_file(settings),
    )
    endings = _endings(visits, file_ends)
    evidence = [
        *written,
        _listening(settings, listener),
        *(Seen(visit.url, _verdict(visit), visit.sentence) for visit in visits),
        *_on_the_way(visits),
        *(_dated(ending) for ending in endings),
        *_not_served_yet(settings, visits, endings),
        Seen(_CLAIM),
    ]
    verdict = worst(evidence)
    return Finding(
        check=Check.ENV_FILE,
        verdict=verdict,
        seen=_seen(listener, visits, evidence, endings),
        checked_at=now(),
        evidence=tuple(evidence),
        means=_means(listener, visits),
        who=_who(settings, listener, visits) if verdict is not Verdict.PASS else "",
        cure=_cure(listener, visits, evidence),
        lines=_lines(settings, listener),
        endings=tuple(endings),
    )


def _faulty(settings: Settings, written: Iterable[Seen]) -> Finding:
    faults = [fault for fault in settings.faults if fault.severity == "fault"]
    return Finding(
        check=Check.ENV_FILE,
        verdict=Verdict.FAIL,
        seen=f"{plural(len(faults), 'fault')} in the settings",
        checked_at=now(),
        evidence=tuple(written),
        means=_SHUT,
        who=YOU,
        cure="Mend what is named here, and start again: settings are read at the start.",
        lines=tuple(fault.command for fault in settings.faults if fault.command),
    )


def _written(settings: Settings) -> list[Seen]:
    """Return where the settings were read, and each fault and warning, faults first."""
    if settings.env_file is not None:
        source = f"Settings of the process environment, and of {clean(settings.env_file)}"
    else:
        source = f"Settings of the process environment alone: no file {clean(settings.looked_for)}"
    verdicts = {"fault": Verdict.FAIL, "warning": Verdict.WARNING}
    named = [Seen(clean(one.sentence()), verdicts[one.severity]) for one in settings.faults]
    if settings.registration is not None:
        named.append(Seen("The seven parameters are set and well written", Verdict.PASS))
    return [Seen(source), *named]


def _listening(settings: Settings, listener: Listener) -> Seen:
    host, port = settings.listen
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    verdict = Verdict.PASS if listener is Listener.OURS else Verdict.FAIL
    return Seen(f"{where} on this server: {listener} listens", verdict)


def _verdict(visit: Visit) -> Verdict:
    if visit.reached:
        return Verdict.PASS
    here = is_loopback(urlsplit(visit.url).hostname or "")
    return Verdict.UNKNOWN if visit.way in _NOT_MET and not here else Verdict.FAIL


def _on_the_way(visits: Iterable[Visit]) -> list[Seen]:
    """Return what was met on the way, each thing once: the five share a host."""
    told: list[Seen] = []
    for visit in visits:
        host = urlsplit(visit.url).hostname or ""
        if visit.addresses:
            shown = clean(", ".join(visit.addresses), 200)
            told.append(Seen(f"{host} resolves here to {shown}"))
        # For localhost a server on 127.0.0.1 alone is usual, and browsers go on to it themselves.
        verdict = None if is_loopback(host) else Verdict.WARNING
        deaf = visit.unanswered if visit.reached else ()
        told += [Seen(f"{one} takes no connection", verdict, f"for {host}") for one in deaf]
        told += [Seen(f"{one} cannot be tried from this server") for one in visit.untried]
        if visit.proxy:
            told.append(
                Seen(f"Through the proxy {clean(visit.proxy)}, which the environment names")
            )
        if visit.tls is not None:
            issuer = clean(visit.tls.shown.issuer, 60) if visit.tls.shown else "not readable"
            told.append(Seen(f"{visit.tls.version}; certificate trusted, issued by {issuer}"))
        if is_loopback(host):
            told.append(Seen(f"{host} is each browser's own computer: only one here gets to us"))
    return list(dict.fromkeys(told))


async def _end_of_file(settings: Settings) -> Ending | None:
    """Return when our own certificate ends as it lies in its file now, None where there is none."""
    if settings.tls is None:
        return None
    path = settings.tls[0]
    at = await asyncio.to_thread(certificate_end, path)
    return Ending(EndingKind.TLS_CERTIFICATE, str(path), at, "in the file now") if at else None


def _endings(visits: Iterable[Visit], file: Ending | None) -> list[Ending]:
    shown = {
        urlsplit(visit.url).hostname or "": visit.tls.shown.ends
        for visit in visits
        if visit.tls is not None and visit.tls.shown is not None
    }
    endings = [Ending(EndingKind.TLS_CERTIFICATE, host, at) for host, at in shown.items()]
    known = [one.at for one in endings]
    return endings if file is None or file.at in known else [*endings, file]


def _days(ending: Ending) -> int:
    return (ending.at - now()).days if ending.at else 0


def _dated(ending: Ending) -> Seen:
    days, on = _days(ending), f"{ending.at:%Y-%m-%d}"
    what = f"certificate of {clean(ending.subject)}"
    if days < 0:
        return Seen(f"{what} ended {on}", Verdict.FAIL, ending.note)
    verdict = Verdict.WARNING if days <= NOTICE_DAYS else Verdict.PASS
    return Seen(f"{what} ends {on}, in {plural(days, 'day')}", verdict, ending.note)


def _not_served_yet(
    settings: Settings, visits: Iterable[Visit], endings: Sequence[Ending]
) -> list[Seen]:
    """Return the line for a certificate that was renewed in its file and is not shown yet."""
    direct = {
        urlsplit(visit.url).hostname
        for visit in visits
        if visit.tls is not None and port_of(urlsplit(visit.url)) == settings.listen[1]
    }
    shown = [one.at for one in endings if one.subject in direct and one.at]
    newer = [one for one in endings if one.note and one.at and shown and one.at > max(shown)]
    said = "the certificate in the file is newer than the one that is shown"
    return [Seen(said, Verdict.WARNING, "restart what listens") for _ in newer]


def _seen(
    listener: Listener,
    visits: Sequence[Visit],
    evidence: Iterable[Seen],
    endings: Iterable[Ending],
) -> str:
    reached = f"{sum(visit.reached for visit in visits)} of {len(visits)} reached"
    if listener is Listener.NOBODY:
        return f"{reached}, no server runs here"
    if listener is Listener.STRANGER:
        return f"{reached}, a stranger listens"
    due = [_days(one) for one in endings if _days(one) <= NOTICE_DAYS]
    whole = all(visit.reached for visit in visits)
    if whole and due:
        return f"{reached}, TLS ends in {max(0, min(due))} d"
    warned = sum(one.verdict is Verdict.WARNING for one in evidence)
    if whole and warned:
        return f"{reached}, {plural(warned, 'warning')}"
    return f"{reached} from this server"


def _means(listener: Listener, visits: Iterable[Visit]) -> str:
    verdicts = {_verdict(visit) for visit in visits}
    if listener is not Listener.OURS:
        return "No server of this store answers here: links lead nowhere, or to another program."
    if Verdict.FAIL in verdicts:
        return _NO_ARRIVAL
    if Verdict.UNKNOWN in verdicts:
        return "This server does not get there itself; a browser elsewhere may have another way."
    return "The settings are whole, and each redirect URL leads to this store's server."


def _who(settings: Settings, listener: Listener, visits: Iterable[Visit]) -> str:
    hosts = {urlsplit(url).hostname or "" for url in settings.redirects.values()}
    if listener is not Listener.OURS or all(visit.reached for visit in visits):
        return YOU
    if any(map(is_loopback, hosts)):
        return YOU
    return f"whoever runs {', '.join(sorted(hosts))}: its DNS, its web server, its certificate"


def _cure(listener: Listener, visits: Iterable[Visit], evidence: Iterable[Seen]) -> str:
    if listener is Listener.NOBODY:
        return f"Start {SERVE} (as a service: systemctl start ttr-tui.service), and check again."
    if listener is Listener.STRANGER:
        return "End that program, or set TTR_CALLBACK_LISTEN to a free port, and check again."
    deeds: dict[Way, str] = {}
    for visit in visits:
        if visit.cure:
            deeds.setdefault(visit.way, visit.cure)
    warned = any(one.verdict in (Verdict.WARNING, Verdict.FAIL) for one in evidence)
    if not deeds:
        return "See to what is marked above." if warned else ""
    return " ".join(deeds.values())


def _lines(settings: Settings, listener: Listener) -> tuple[str, ...]:
    commands = tuple(fault.command for fault in settings.faults if fault.command)
    return (SERVE, *commands) if listener is Listener.NOBODY else commands
