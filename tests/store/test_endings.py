"""What has a date: the roots with how many children hang on each, the links day by day."""

from __future__ import annotations

from datetime import timedelta

from tests.store.premises import Connected, add_agents, agent, person
from ttr_tui.model import Attempt, Company, Expected, Purpose, Secret, Station, now
from ttr_tui.store.ids import new_id


def an_attempt(of: Company, life: timedelta, purpose: Purpose = Purpose.INVITATION) -> Attempt:
    moment = now()
    return Attempt(
        id=new_id(),
        company_id=of.id,
        purpose=purpose,
        link="",
        station=Station.WAITING,
        station_at=moment,
        created_at=moment,
        expires_at=moment + life,
        asked_by="anna",
        expected=Expected("", "Mei Tanaka", "mei.tanaka@contoso.example"),
    )


async def test_roots_come_with_the_number_of_their_children(connected: Connected) -> None:
    """A hundred thousand children are one number, and they end as their parent does."""
    roots = await connected.store.endings.roots(connected.company.id)
    seen = {root.authentication.id: root.children for root in roots}
    assert seen == {connected.master.id: 2, connected.own.id: 0}


async def test_links_of_one_day_are_one(connected: Connected) -> None:
    """Stored, ended and overdue ones lead nowhere; who waits for a word is told apart."""
    store, company = connected.store, connected.company
    pinned = agent(company, "Zoe Lind")
    await add_agents(store, [pinned])
    day = timedelta(days=1)
    invitations = [an_attempt(company, 40 * day + timedelta(seconds=n)) for n in range(30)]
    later, past = an_attempt(company, 50 * day), an_attempt(company, -day)
    stored, waiting = (an_attempt(company, day, Purpose.COMPANY_MASTER) for _ in range(2))
    async with store.transaction() as tx:
        for number, one in enumerate((*invitations, later, past, stored, waiting)):
            await store.attempts.add(tx, one, "http://localhost/x", str(number))
        await store.attempts.advance(tx, stored.id, Station.STORED)
        payload, browser = Secret(new_id()), (True, "")
        await store.attempts.waiting.keep(tx, waiting.id, person(), payload, browser)
    links = await store.endings.links(company.id, now())
    assert sum(one.count for one in links) == 32
    (waits,) = [one for one in links if one.waits]
    assert (waits.whose, waits.count) == ("Anna Weber", 1)
    rest = sorted((one for one in links if not one.waits), key=lambda one: one.at)
    assert rest[0].at == invitations[0].expires_at
    assert rest[-1].at == later.expires_at
    assert {one.whose for one in rest} == {"Mei Tanaka"}
    assert len(rest) <= 3, "the thirty end within half a minute: on one day, or on two"
