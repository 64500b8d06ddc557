"""Everything with a date, from rows and files alone: nothing here listens and nobody is asked."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.store.premises import (
    ANNA,
    Connected,
    Premises,
    add_agents,
    add_children,
    agent,
    connect,
    put_own,
)
from ttr_tui.access import Access
from ttr_tui.access.notes import LAST_KEEP_ALIVE_NOTE, SIGN_IN_FREQUENCY_NOTE
from ttr_tui.flows import forecast
from ttr_tui.flows.forecast import Due, judged
from ttr_tui.model import TYPED_IN, Check, Ending, EndingKind, Finding, Status, Verdict, now
from ttr_tui.sandbox.certificate import LIFETIME, make_certificate
from ttr_tui.settings import read_settings
from ttr_tui.store import BACKUP_NOTE

DAY = timedelta(days=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Desk:
    """A store with a connected company, and what a journey needs to look at it."""

    held: Connected
    access: Access

    async def forecast(self, warn: int | None = None) -> tuple[Due, ...]:
        return await forecast.forecast(self.access, self.held.company, warn)

    async def only(self, kind: EndingKind) -> list[Due]:
        return [due for due in await self.forecast() if due.ending.kind is kind]

    async def see(self, check: Check, endings: Sequence[Ending], at: datetime) -> None:
        finding = Finding(check, Verdict.PASS, "seen", at, endings=tuple(endings))
        async with self.held.store.transaction() as tx:
            await self.held.store.findings.put(tx, self.held.company.id, [finding])


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A company with a Company Master, two children and an own sign-in."""
    async with Premises(tmp_path).opened() as store:
        held = await connect(store)
        settings = read_settings({"TTR_ENV_FILE": os.devnull})
        yield Desk(held, Access(store, settings, ANNA, None))


@pytest.mark.parametrize(
    ("kind", "left", "verdict", "days", "level"),
    [
        (EndingKind.CLIENT_SECRET, 61 * DAY, Verdict.PASS, 61, None),
        (EndingKind.CLIENT_SECRET, 60 * DAY, Verdict.WARNING, 60, 60),
        (EndingKind.CLIENT_SECRET, 30 * DAY + timedelta(seconds=1), Verdict.WARNING, 30, 60),
        (EndingKind.CLIENT_SECRET, 30 * DAY, Verdict.WARNING, 30, 30),
        (EndingKind.CLIENT_SECRET, 8 * DAY, Verdict.WARNING, 8, 14),
        (EndingKind.CLIENT_SECRET, 7 * DAY, Verdict.WARNING, 7, 7),
        (EndingKind.CLIENT_SECRET, timedelta(hours=3), Verdict.WARNING, 0, 1),
        (EndingKind.CLIENT_SECRET, timedelta(0), Verdict.FAIL, 0, None),
        (EndingKind.CLIENT_SECRET, timedelta(hours=-3), Verdict.FAIL, -1, None),
        (EndingKind.TLS_CERTIFICATE, 31 * DAY, Verdict.PASS, 31, None),
        (EndingKind.TLS_CERTIFICATE, 29 * DAY, Verdict.WARNING, 29, 30),
        (EndingKind.AUTHENTICATION, 15 * DAY, Verdict.PASS, 15, None),
        (EndingKind.AUTHENTICATION, 14 * DAY, Verdict.WARNING, 14, 14),
        (EndingKind.SIGN_IN_FREQUENCY, -DAY, Verdict.WARNING, -1, None),
        (EndingKind.INVITATION, timedelta(minutes=1), Verdict.PASS, 0, None),
        (EndingKind.BACKUP, DAY, Verdict.PASS, 1, None),
        (EndingKind.BACKUP, -DAY, Verdict.WARNING, -1, None),
        (EndingKind.KEEP_ALIVE, -DAY, Verdict.WARNING, -1, None),
    ],
)
def test_what_an_end_means(
    kind: EndingKind, left: timedelta, verdict: Verdict, days: int, level: int | None
) -> None:
    """Each kind has its notice; a link is only told of, and what is overdue only warns."""
    due = judged(Ending(kind, "", NOON + left), NOON)
    assert (due.verdict, due.days, due.level) == (verdict, days, level)


def test_a_notice_of_ones_own_counts_for_all_that_ends() -> None:
    """Also a shorter one; a link still only informs, and a backup is overdue or is not."""
    secret = Ending(EndingKind.CLIENT_SECRET, "", NOON + 40 * DAY)
    assert judged(secret, NOON, 20).verdict is Verdict.PASS
    assert judged(replace(secret, kind=EndingKind.AUTHENTICATION), NOON, 45).level == 45
    for kind in (EndingKind.INVITATION, EndingKind.BACKUP, EndingKind.KEEP_ALIVE):
        assert judged(replace(secret, kind=kind), NOON, 45).verdict is Verdict.PASS


async def test_a_sign_in_is_listed_once_with_its_children(desk: Desk) -> None:
    """Ninety days unused at the latest, whatever hangs on it; the soonest comes first."""
    due = await desk.only(EndingKind.AUTHENTICATION)
    seen = {one.ending.subject: one for one in due}
    assert set(seen) == {"Company Master, Anna Weber", "Dana Petrova, dana.petrova@contoso.example"}
    master = seen["Company Master, Anna Weber"]
    assert master.ending.note.startswith("2 children with it; 90 days unused at the latest")
    assert master.ending.at == desk.held.master.expires_at
    assert (master.verdict, master.days) == (Verdict.PASS, 89)
    moments = [one.ending.at for one in await desk.forecast() if one.ending.at]
    assert moments == sorted(moments)


async def test_a_refused_sign_in_has_ended(desk: Desk) -> None:
    """Days that are left on paper are no days when Microsoft refuses it; it says why."""
    store, own = desk.held.store, desk.held.own
    async with store.transaction() as tx:
        reason = "The password was changed."
        await store.authentications.mark(tx, own.id, Status.REFUSED, reason, now() - 2 * DAY)
    refused = (await desk.only(EndingKind.AUTHENTICATION))[0]
    assert (refused.verdict, refused.days) == (Verdict.FAIL, -3)
    assert refused.ending.note == "refused: The password was changed."


async def test_a_secret_whose_end_nobody_knows_is_not_known(desk: Desk) -> None:
    """Typed in, it is known; read at Graph, that counts, for whichever company it was read."""
    (unknown,) = await desk.only(EndingKind.CLIENT_SECRET)
    assert (unknown.verdict, unknown.days) == (Verdict.UNKNOWN, None)
    assert "TTR_CLIENT_SECRET_ENDS" in unknown.ending.note
    assert (await desk.forecast())[-1].ending.at is None

    typed = replace(desk.access.settings, secret_ends=date(2026, 12, 24))
    desk.access = replace(desk.access, settings=typed)
    (known,) = await desk.only(EndingKind.CLIENT_SECRET)
    assert known.ending.at == datetime(2026, 12, 24, 23, 59, 59, tzinfo=UTC)
    former = Ending(EndingKind.CLIENT_SECRET, "client secret", now() + DAY, TYPED_IN)
    await desk.see(Check.CLIENT_SECRET, [former], now())
    assert await desk.only(EndingKind.CLIENT_SECRET) == [known], "it says what is typed in now"

    read = Ending(EndingKind.CLIENT_SECRET, "hint 8Q~", now() + 20 * DAY, "as Graph says")
    certificate = Ending(EndingKind.CERTIFICATE, "old", now() + 3 * DAY)
    await desk.see(Check.CLIENT_SECRET, [read, certificate], now())
    other = await connect(desk.held.store, "Fabrikam")
    due = await forecast.forecast(desk.access, other.company)
    found = [one for one in due if one.ending.kind in (read.kind, certificate.kind)]
    assert [one.ending.at for one in found] == [certificate.at, read.at]
    assert [one.level for one in found] == [7, 30]
    assert found[1].ending.note.startswith("as Graph says; seen 20")


async def test_a_secret_that_was_refused_has_ended(desk: Desk) -> None:
    """Whatever was typed in; when it was replaced, what was seen of the former is forgotten."""
    typed = replace(desk.access.settings, secret_ends=date(2999, 12, 24))
    desk.access = replace(desk.access, settings=typed)
    refused = Finding(Check.CLIENT_SECRET, Verdict.FAIL, "refused (AADSTS7000222)", now())
    store = desk.held.store
    async with store.transaction() as tx:
        await store.findings.put(tx, desk.held.company.id, [refused])
    (ended,) = await desk.only(EndingKind.CLIENT_SECRET)
    assert (ended.verdict, ended.ending.note) == (Verdict.FAIL, "refused (AADSTS7000222)")
    async with store.transaction() as tx:
        await store.findings.forget(tx, Check.CLIENT_SECRET)
    assert [one.verdict for one in await desk.only(EndingKind.CLIENT_SECRET)] == [Verdict.PASS]


async def test_the_callback_certificate_is_read_from_its_file(desk: Desk, tmp_path: Path) -> None:
    """And what browsers were shown is told beside it, where that is another one."""
    held = tmp_path / "certificate.pem"
    shown = Ending(EndingKind.TLS_CERTIFICATE, "timetoreply.example", now() + 3 * DAY)
    await desk.see(Check.ENV_FILE, [shown], now())
    assert [one.level for one in await desk.only(EndingKind.TLS_CERTIFICATE)] == [7]

    settings = replace(desk.access.settings, tls=(held, held))
    desk.access = replace(desk.access, settings=settings)
    verdicts = [one.verdict for one in await desk.only(EndingKind.TLS_CERTIFICATE)]
    assert verdicts == [Verdict.WARNING, Verdict.UNKNOWN], "the file is not there"

    made, _ = make_certificate(tmp_path)
    made.replace(held)
    theirs, ours = await desk.only(EndingKind.TLS_CERTIFICATE)
    assert theirs.ending.subject == shown.subject
    assert (ours.ending.subject, ours.level) == (str(held), 30)
    assert ours.ending.at is not None
    assert LIFETIME - 2 * DAY < ours.ending.at - now() < LIFETIME


async def test_a_certificate_that_was_shown_may_be_renewed_since(desk: Desk) -> None:
    """What nobody looked at since its end is not known; a certificate of no use here only warns."""
    ended = Ending(EndingKind.TLS_CERTIFICATE, "timetoreply.example", now() - DAY)
    await desk.see(Check.ENV_FILE, [ended], now() - 9 * DAY)
    (perhaps,) = await desk.only(EndingKind.TLS_CERTIFICATE)
    assert (perhaps.verdict, perhaps.days) == (Verdict.UNKNOWN, None)
    assert "may be renewed; seen 20" in perhaps.ending.note

    leftover = Ending(EndingKind.CERTIFICATE, "old", now() - 300 * DAY)
    await desk.see(Check.CLIENT_SECRET, [leftover], now())
    assert [one.verdict for one in await desk.only(EndingKind.CERTIFICATE)] == [Verdict.WARNING]


async def test_a_policy_that_asked_again_will_ask_again(desk: Desk) -> None:
    """How long a sign-in lasted is all that is known of conditional access: it only warns."""
    assert await desk.only(EndingKind.SIGN_IN_FREQUENCY) == []
    store, held = desk.held.store, desk.held
    async with store.transaction() as tx:
        lasted = str(int((3 * DAY).total_seconds()))
        await store.set_note(tx, SIGN_IN_FREQUENCY_NOTE.format(held.company.id), lasted)
        await store.authentications.mark(tx, held.own.id, Status.REFUSED, "", now())
    (due,) = await desk.only(EndingKind.SIGN_IN_FREQUENCY)
    assert due.ending.at == held.master.since + 3 * DAY
    assert (due.ending.subject, due.verdict) == ("Company Master, Anna Weber", Verdict.PASS)
    assert "after 3 d" in due.ending.note


async def test_a_keeper_that_stands_still_is_told(desk: Desk) -> None:
    """Two days after its last round, or after the first sign-in it never looked after."""
    store = desk.held.store
    (due,) = await desk.only(EndingKind.KEEP_ALIVE)
    assert (due.verdict, due.days) == (Verdict.PASS, 1)
    assert "it has not run yet" in due.ending.note
    since = min(desk.held.master.since, desk.held.own.since)
    assert due.ending.at == since + 2 * DAY
    async with store.transaction() as tx:
        await store.set_note(tx, LAST_KEEP_ALIVE_NOTE, (now() + DAY).isoformat())
    (due,) = await desk.only(EndingKind.KEEP_ALIVE)
    assert due.days == 2
    assert "it last ran" in due.ending.note


async def test_nothing_to_keep_alive_is_no_fault(tmp_path: Path) -> None:
    """Before the first sign-in only the secret and the backup are looked at."""
    async with Premises(tmp_path).opened() as store:
        access = Access(store, read_settings({"TTR_ENV_FILE": os.devnull}), ANNA, None)
        due = await forecast.of_installation(access)
        assert [one.ending.kind for one in due] == [EndingKind.CLIENT_SECRET, EndingKind.BACKUP]


async def test_a_backup_is_due_a_week_after_the_last(desk: Desk, tmp_path: Path) -> None:
    """One that was never made warns, and one that the present key does not open."""
    store = desk.held.store
    (never,) = await desk.only(EndingKind.BACKUP)
    assert (never.verdict, never.days, never.ending.at) == (Verdict.WARNING, None, None)
    assert never.ending.note.startswith("never made")
    for age, verdict in ((6 * DAY, Verdict.PASS), (8 * DAY, Verdict.WARNING)):
        made = now() - age
        async with store.transaction() as tx:
            await store.set_note(tx, BACKUP_NOTE, made.isoformat())
        (due,) = await desk.only(EndingKind.BACKUP)
        assert (due.verdict, due.ending.at) == (verdict, made + 7 * DAY)
    await store.back_up(tmp_path / "before")
    await store.rotate_key()
    (due,) = await desk.only(EndingKind.BACKUP)
    assert due.verdict is Verdict.WARNING
    assert "opens with the former store key alone" in due.ending.note
    await store.back_up(tmp_path / "after")
    (due,) = await desk.only(EndingKind.BACKUP)
    assert due.verdict is Verdict.PASS


async def test_a_large_company_is_as_quick(desk: Desk) -> None:
    """Three thousand children are a number in their parent's line."""
    store, held = desk.held.store, desk.held
    await add_children(
        store, held.master, [agent(held.company, f"Child {number}") for number in range(3000)]
    )
    eve = agent(held.company, "Eve Sand")
    await add_agents(store, [eve])
    await put_own(store, eve)
    due = await forecast.of_company(desk.access, held.company)
    assert [one.ending.kind for one in due] == [EndingKind.AUTHENTICATION] * 3
    assert any("3,002 children" in one.ending.note for one in due)
