"""What all companies share and has a date: the registration's, the callback's, the store's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from ttr_tui.access.notes import LAST_KEEP_ALIVE_NOTE
from ttr_tui.callback.certificates import certificate_end
from ttr_tui.model import TYPED_IN, Check, Ending, EndingKind, Verdict, now
from ttr_tui.store import BACKUP_FILE_NOTE, BACKUP_NOTE, KEY_SINCE_NOTE
from ttr_tui.text import stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ttr_tui.access import Access
    from ttr_tui.model import Finding

BACKUP_EVERY = timedelta(days=7)
KEEP_ALIVE_EVERY = timedelta(days=2)
"""How old the last backup, and keep-alive's last round, may become."""

_KEEPERS = "it runs in ttr-tui serve and while the full screen is open"


async def endings(access: Access) -> list[Ending]:
    """Return them in no order."""
    return [
        *await _registration(access),
        *await _callback_certificates(access),
        await _backup(access),
        *await _keep_alive(access),
    ]


async def _registration(access: Access) -> list[Ending]:
    """Return the ends of client secret and certificates: as last read, else as typed in."""
    findings = await access.store.findings.newest(Check.CLIENT_SECRET)
    read = _seen_by(findings, (EndingKind.CLIENT_SECRET, EndingKind.CERTIFICATE))
    certificates = [one for one in read if one.kind is EndingKind.CERTIFICATE]
    secrets = [one for one in read if one.kind is EndingKind.CLIENT_SECRET]
    if findings and findings[0].verdict is Verdict.FAIL:
        refused = findings[0]
        secrets = [Ending(EndingKind.CLIENT_SECRET, "", refused.checked_at, refused.seen)]
    return [*(secrets or [_typed_in(access)]), *certificates]


def _typed_in(access: Access) -> Ending:
    typed = access.settings.secret_ends
    if typed is None:
        note = "set TTR_CLIENT_SECRET_ENDS: it cannot be read at Microsoft, or was not yet"
        return Ending(EndingKind.CLIENT_SECRET, "", None, note)
    # It lasts through its last day, wherever that is.
    at = datetime.combine(typed, time(23, 59, 59), UTC)
    return Ending(EndingKind.CLIENT_SECRET, "", at, TYPED_IN)


async def _callback_certificates(access: Access) -> list[Ending]:
    """Return the end of our own certificate, and of those that browsers were last shown."""
    findings = await access.store.findings.newest(Check.ENV_FILE)
    shown = map(_perhaps_renewed, _seen_by(findings, (EndingKind.TLS_CERTIFICATE,)))
    if access.settings.tls is None:
        return list(shown)
    path = str(access.settings.tls[0])
    at = await asyncio.to_thread(certificate_end, access.settings.tls[0])
    note = "in the file now" if at else "no date can be read there"
    ours = Ending(EndingKind.TLS_CERTIFICATE, path, at, note)
    return [ours, *(one for one in shown if one.at != at and one.subject != path)]


def _perhaps_renewed(ending: Ending) -> Ending:
    """Return a date that has passed since it was seen as not known: certificates are renewed."""
    if ending.at is None or ending.at > now():
        return ending
    note = f"the one that ended {stamp(ending.at)} may be renewed; {ending.note}: ttr-tui check"
    return replace(ending, at=None, note=note)


def _seen_by(findings: Iterable[Finding], kinds: Collection[EndingKind]) -> list[Ending]:
    """Return the dates of these kinds that a check read last, for whichever company it did."""
    for finding in findings:
        when = f"seen {stamp(finding.checked_at)}"
        found = [
            replace(one, note="; ".join(filter(None, (one.note, when))))
            for one in finding.endings
            if one.kind in kinds and one.at is not None and one.note != TYPED_IN
        ]
        if found:
            return found
    return []


async def _backup(access: Access) -> Ending:
    """Return by when the next backup is to be made: at once when the store has another key."""
    made = await _noted(access, BACKUP_NOTE)
    if made is None:
        return Ending(EndingKind.BACKUP, "", None, "never made; ttr-tui backup FILE makes one")
    file = await access.store.note(BACKUP_FILE_NOTE)
    of = stamp(made) + (f": {file}" if file else "")
    since = await _noted(access, KEY_SINCE_NOTE)
    if since is not None and made < since:
        note = f"the last one, of {of}, opens with the former store key alone"
        return Ending(EndingKind.BACKUP, "", since, note)
    note = f"the last one is of {of}"
    return Ending(EndingKind.BACKUP, "", made + BACKUP_EVERY, note)


async def _keep_alive(access: Access) -> list[Ending]:
    """Return by when keep-alive is to run again, where there is anything to keep alive."""
    oldest = await access.store.endings.oldest_sign_in()
    if oldest is None:
        return []
    ran = await _noted(access, LAST_KEEP_ALIVE_NOTE)
    told = f"it last ran {stamp(ran)}" if ran else "it has not run yet"
    by = max(ran or oldest, oldest) + KEEP_ALIVE_EVERY
    return [Ending(EndingKind.KEEP_ALIVE, "", by, f"{told}; {_KEEPERS}")]


async def _noted(access: Access, name: str) -> datetime | None:
    written = await access.store.note(name)
    return datetime.fromisoformat(written) if written else None
