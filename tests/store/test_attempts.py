"""Start links, their requests, and the sign-in that waits: how long each lives, who may use it."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from tests.store.premises import ANNA, NOON, Premises, add_company, person
from ttr_tui import attempts
from ttr_tui.errors import (
    Gone,
    LinkOver,
    LinkUnknown,
    RowUnreadable,
    StateExpired,
    StateSpent,
    StateUnknown,
)
from ttr_tui.model import (
    Attempt,
    AttemptEnd,
    AuthorizationRequest,
    Company,
    Person,
    Purpose,
    Secret,
    Station,
)
from ttr_tui.store import Store
from ttr_tui.store.attempts import Attempts
from ttr_tui.store.requests import PENDING_LIMIT

REDIRECTS = {
    purpose: f"https://portal.example/{purpose.value.replace('_', '-')}" for purpose in Purpose
}
SIGN_IN = Purpose.COMPANY_MASTER
BROWSER = secrets.token_urlsafe(16)


@dataclass
class Clock:
    moment: datetime = NOON

    def __call__(self) -> datetime:
        return self.moment

    def pass_(self, **units: float) -> None:
        self.moment += timedelta(**units)


@dataclass
class Desk:
    """A store whose attempts tell the time by a clock of ours, with one company."""

    store: Store
    clock: Clock
    company: Company

    async def open(self, purpose: Purpose = SIGN_IN) -> Attempt:
        return await attempts.open_attempt(self.store, REDIRECTS, self.company, purpose, ANNA)

    async def press(self, attempt: Attempt, browser: str = BROWSER) -> Press:
        state, flow = secrets.token_urlsafe(32), json.dumps({"nonce": secrets.token_urlsafe()})
        await attempts.add_request(
            self.store,
            attempt,
            state,
            Secret(flow),
            browser=browser,
            redirect_uri=REDIRECTS[attempt.purpose],
        )
        return Press(state, flow)

    async def peek(self, press: Press) -> AuthorizationRequest:
        return await attempts.peek(self.store, SIGN_IN, press.state)

    async def spend(self, press: Press) -> AuthorizationRequest:
        request = await self.peek(press)
        await attempts.spend(self.store, request)
        return request

    async def keep(self, attempt: Attempt, who: Person, payload: str = "{}") -> None:
        await attempts.keep(
            self.store,
            attempt.id,
            who,
            Secret(payload),
            browser_known=True,
            browser_from="203.0.113.9",
        )

    async def get(self, attempt: Attempt) -> Attempt:
        return await self.store.attempts.get(attempt.id)

    async def settle(self, attempt: Attempt) -> None:
        async with self.store.transaction() as tx:
            await self.store.attempts.settle(tx, attempt.id)

    async def column(self, query: str) -> list[object]:
        return [row[0] for row in await self.store._db.rows(query)]


@dataclass(frozen=True)
class Press:
    state: str
    flow: str = field(repr=False)


def code_of(attempt: Attempt) -> str:
    return attempt.link.rpartition("/")[2]


@pytest.fixture
async def desk(store: Store) -> Desk:
    clock = Clock()
    store.attempts = Attempts(store._db, store._key, clock)
    return Desk(store, clock, await add_company(store))


async def test_a_link_is_the_redirect_url_and_ten_characters(desk: Desk) -> None:
    """Fifty bits in an alphabet without look-alikes; no two links are the same."""
    links = {(await desk.open()).link for _ in range(50)}

    assert len(links) == 50
    for link in links:
        base, _, code = link.rpartition("/")
        assert base == REDIRECTS[SIGN_IN]
        assert len(code) == 10
        assert set(code) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


async def test_a_code_is_found_however_it_was_typed(desk: Desk) -> None:
    """Lower case, spaces and dashes, and O, I and L for the digits they look like."""
    attempt = await desk.open()
    code = code_of(attempt)

    for typed in (
        code,
        code.lower(),
        f" {code[:5]}-{code[5:]} ",
        code.replace("0", "O").replace("1", "I"),
        code.lower().replace("0", "o").replace("1", "l"),
    ):
        found = await attempts.find_by_code(desk.store, SIGN_IN, typed)
        assert found == await desk.get(attempt)


@pytest.mark.parametrize(
    "typed", ["", "0", "0" * 10, "U" * 10, "é" * 10, "\ud800" * 10, "0" * 9000]
)
async def test_what_is_no_code_of_ours_is_unknown(desk: Desk, typed: str) -> None:
    """Whatever a stranger asks for is answered, not crashed on."""
    await desk.open()

    with pytest.raises(LinkUnknown):
        await attempts.find_by_code(desk.store, SIGN_IN, typed)


async def test_a_code_leads_nowhere_below_another_redirect(desk: Desk) -> None:
    """A link is good for its own purpose only."""
    attempt = await desk.open()

    with pytest.raises(LinkUnknown):
        await attempts.find_by_code(desk.store, Purpose.ADMIN_CONSENT, code_of(attempt))


async def test_opening_a_link_changes_nothing(desk: Desk) -> None:
    """Mail and chat scanners open every link, and press every button."""
    attempt = await desk.open()
    for _ in range(3):
        await attempts.find_by_code(desk.store, SIGN_IN, code_of(attempt))
        await desk.press(attempt)

    assert (await desk.get(attempt)).ended is None
    assert await attempts.find_by_code(desk.store, SIGN_IN, code_of(attempt))


async def test_a_link_lives_a_day(desk: Desk) -> None:
    """After it the link is refused, also before anybody has written that down."""
    attempt = await desk.open()
    desk.clock.pass_(hours=23, minutes=59)
    assert await attempts.find_by_code(desk.store, SIGN_IN, code_of(attempt))

    desk.clock.pass_(minutes=1)
    with pytest.raises(LinkOver, match="too old"):
        await attempts.find_by_code(desk.store, SIGN_IN, code_of(attempt))
    with pytest.raises(LinkOver):
        await desk.press(attempt)
    assert (await desk.get(attempt)).ended is AttemptEnd.EXPIRED
    assert await desk.store.attempts.open_of(desk.company.id) == []


async def test_a_withdrawn_link_leads_nowhere(desk: Desk) -> None:
    """Neither the link, nor a request made before, nor what waited survives a withdrawal."""
    attempt = await desk.open()
    press = await desk.press(attempt)
    await desk.keep(attempt, person())

    assert await attempts.withdraw(desk.store, attempt.id)

    with pytest.raises(LinkOver, match="withdrawn"):
        await attempts.find_by_code(desk.store, SIGN_IN, code_of(attempt))
    with pytest.raises(LinkOver):
        await desk.peek(press)
    with pytest.raises(LinkOver):
        await desk.press(attempt)
    with pytest.raises(LinkOver):
        await attempts.kept(desk.store, attempt.id)
    with pytest.raises(LinkOver):
        await desk.settle(attempt)
    assert await desk.column("SELECT count(*) FROM kept_sign_ins") == [0]
    assert await desk.column("SELECT flow_sealed FROM authorization_requests") == [None]


async def test_the_first_end_stays(desk: Desk) -> None:
    """What ended an attempt is not rewritten by what comes later."""
    attempt = await desk.open()
    assert await attempts.end(desk.store, attempt.id, AttemptEnd.FAILED, "It failed.")

    assert not await attempts.withdraw(desk.store, attempt.id)
    ended = await desk.get(attempt)
    assert (ended.ended, ended.problem, ended.ended_at) == (AttemptEnd.FAILED, "It failed.", NOON)


async def test_each_press_makes_a_request_of_its_own(desk: Desk) -> None:
    """Two tabs of one link: both answers are known, each with its own nonce and verifier."""
    attempt = await desk.open()
    presses = [await desk.press(attempt, browser=secrets.token_urlsafe()) for _ in range(2)]

    found = [await desk.peek(press) for press in presses]

    assert [request.flow.reveal() for request in found] == [press.flow for press in presses]
    assert len({request.browser_hash for request in found}) == 2
    assert all(request.attempt_id == attempt.id for request in found)
    shown = await desk.get(attempt)
    assert shown.station is Station.AT_MICROSOFT
    assert shown.request_expires_at == NOON + timedelta(minutes=10)


async def test_a_button_that_is_pressed_for_ever_fills_nothing(desk: Desk) -> None:
    """Only the latest presses are pending; an older one is then unknown."""
    attempt = await desk.open()
    presses = [await desk.press(attempt) for _ in range(PENDING_LIMIT + 3)]

    assert await desk.column("SELECT count(*) FROM authorization_requests") == [PENDING_LIMIT]
    with pytest.raises(StateUnknown):
        await desk.peek(presses[2])
    assert await desk.peek(presses[3])


async def test_a_request_is_good_once(desk: Desk) -> None:
    """Spent before the exchange; its nonce and verifier are erased with it."""
    press = await desk.press(await desk.open())
    request = await desk.peek(press)
    await attempts.spend(desk.store, request)

    with pytest.raises(StateSpent):
        await attempts.spend(desk.store, request)
    with pytest.raises(StateSpent):
        await desk.peek(press)
    assert await desk.column("SELECT flow_sealed FROM authorization_requests") == [None]


async def test_of_two_processes_one_spends_a_request(premises: Premises) -> None:
    """Two connections that both saw it pending: one conditional update decides."""
    async with premises.opened() as one, premises.opened() as two:
        company = await add_company(one)
        attempt = await attempts.open_attempt(one, REDIRECTS, company, SIGN_IN, ANNA)
        for _ in range(20):
            press = await Desk(one, Clock(), company).press(attempt)
            seen = [await attempts.peek(store, SIGN_IN, press.state) for store in (one, two)]

            results = await asyncio.gather(
                attempts.spend(one, seen[0]), attempts.spend(two, seen[1]), return_exceptions=True
            )

            assert sorted(type(result).__name__ for result in results) == ["NoneType", "StateSpent"]


async def test_another_process_finishes_what_the_first_began(premises: Premises) -> None:
    """Links and pending requests survive the process that made them."""
    async with premises.opened() as store:
        desk = Desk(store, Clock(), await add_company(store))
        attempt = await desk.open()
        press = await desk.press(attempt)

    async with premises.opened() as store:
        found = await attempts.find_by_code(store, SIGN_IN, code_of(attempt))
        assert (found.id, found.link) == (attempt.id, attempt.link)
        request = await attempts.peek(store, SIGN_IN, press.state)
        assert request.flow.reveal() == press.flow
        await attempts.spend(store, request)


async def test_a_request_lives_ten_minutes(desk: Desk) -> None:
    """Then its page offers the button again, while the link lives."""
    attempt = await desk.open()
    press = await desk.press(attempt)
    desk.clock.pass_(minutes=9, seconds=59)
    request = await desk.peek(press)

    desk.clock.pass_(seconds=1)
    with pytest.raises(StateExpired) as late:
        await desk.peek(press)
    assert late.value.link == attempt.link
    with pytest.raises(StateExpired):
        await attempts.spend(desk.store, request)


async def test_an_expired_request_of_an_old_link_offers_no_button(desk: Desk) -> None:
    """A link that is over is not shown as one to press again."""
    attempt = await desk.open()
    desk.clock.pass_(hours=23, minutes=55)
    press = await desk.press(attempt)
    desk.clock.pass_(minutes=10)

    with pytest.raises(StateExpired) as late:
        await desk.peek(press)
    assert late.value.link == ""


async def test_a_request_made_in_time_may_come_back_after_the_links_day(desk: Desk) -> None:
    """The last press before the link ends has its ten minutes."""
    attempt = await desk.open()
    desk.clock.pass_(hours=23, minutes=59)
    press = await desk.press(attempt)
    desk.clock.pass_(minutes=5)

    await desk.spend(press)
    await desk.keep(attempt, person())
    assert (await desk.get(attempt)).person is not None


async def test_a_state_is_good_for_its_own_redirect_only(desk: Desk) -> None:
    """Brought to another redirect URL it is unknown, and nothing is consumed."""
    press = await desk.press(await desk.open())

    with pytest.raises(StateUnknown):
        await attempts.peek(desk.store, Purpose.ADMIN_CONSENT, press.state)
    await desk.spend(press)


@pytest.mark.parametrize("state", ["", "x", "é", "\ud800", "x" * 257, "a\0b", "'; --"])
async def test_what_is_no_state_of_ours_is_unknown(desk: Desk, state: str) -> None:
    """Whatever a stranger brings is answered, not crashed on."""
    await desk.press(await desk.open())

    with pytest.raises(StateUnknown):
        await attempts.peek(desk.store, SIGN_IN, state)
    with pytest.raises(StateUnknown):
        await attempts.outcome(desk.store, state, BROWSER)
    with pytest.raises(StateUnknown):
        await attempts.outcome_of_state(desk.store, SIGN_IN, state, BROWSER)


async def test_the_browser_that_pressed_is_known_again(desk: Desk) -> None:
    """By its cookie; no cookie is nobody, also when the button was pressed without one."""
    attempt = await desk.open()
    bound = await desk.peek(await desk.press(attempt))
    unbound = await desk.peek(await desk.press(attempt, browser=""))

    assert attempts.is_same_browser(desk.store, bound, BROWSER)
    assert not attempts.is_same_browser(desk.store, bound, secrets.token_urlsafe())
    assert not attempts.is_same_browser(desk.store, bound, "")
    assert not attempts.is_same_browser(desk.store, unbound, "")


async def test_the_first_sign_in_waits_and_the_second_is_refused(desk: Desk) -> None:
    """Nobody is put in the place of the person the operator is looking at."""
    attempt = await desk.open()
    first, payload = person(), secrets.token_urlsafe()
    await desk.keep(attempt, first, payload)

    with pytest.raises(LinkOver, match="came first"):
        await desk.keep(attempt, person("Bettina Weber"))

    who, kept = await attempts.kept(desk.store, attempt.id)
    assert (who, kept.reveal()) == (first, payload)
    shown = await desk.get(attempt)
    assert (shown.person, shown.person_until) == (first, NOON + timedelta(days=1))
    assert (shown.browser_known, shown.browser_from) == (True, "203.0.113.9")
    assert shown.station is Station.IDENTITY_CHECKED
    assert payload not in repr((shown, kept))


async def test_storing_ends_the_other_requests_of_the_link(desk: Desk) -> None:
    """One sign-in for a link: what was pending beside it is used up, and what waited is erased."""
    attempt = await desk.open()
    first, second = await desk.press(attempt), await desk.press(attempt)
    await desk.spend(first)
    who = person()
    await desk.keep(attempt, who)

    await desk.settle(attempt)

    with pytest.raises(LinkOver, match="used meanwhile"):
        await desk.peek(second)
    with pytest.raises(LinkOver, match="was used"):
        await attempts.find_by_code(desk.store, SIGN_IN, code_of(attempt))
    with pytest.raises(LinkOver):
        await desk.keep(attempt, person())
    with pytest.raises(LinkOver):
        await desk.settle(attempt)
    assert await desk.column("SELECT count(*) FROM kept_sign_ins") == [0]
    shown = await desk.get(attempt)
    assert (shown.station, shown.person, shown.signed_in) == (Station.STORED, None, who)


async def test_a_request_that_was_pending_may_not_follow_a_stored_one(desk: Desk) -> None:
    """A second answer already spent when the first was stored is not kept either."""
    attempt = await desk.open()
    first, second = await desk.press(attempt), await desk.press(attempt)
    await desk.spend(first)
    await desk.spend(second)
    await desk.keep(attempt, person())
    await desk.settle(attempt)
    await attempts.end(desk.store, attempt.id, AttemptEnd.DONE)

    with pytest.raises(LinkOver):
        await desk.keep(attempt, person())


async def test_a_store_that_fails_leaves_the_sign_in_waiting(desk: Desk) -> None:
    """Settling is part of the storing transaction: both happen or neither."""
    attempt = await desk.open()
    await desk.keep(attempt, person())

    async def store_it() -> None:
        async with desk.store.transaction() as tx:
            await desk.store.attempts.settle(tx, attempt.id)
            raise Gone("the company was removed")

    with pytest.raises(Gone):
        await store_it()

    assert (await desk.get(attempt)).person is not None
    assert (await desk.get(attempt)).station is Station.IDENTITY_CHECKED


async def test_of_a_withdrawal_and_a_storing_one_wins(premises: Premises) -> None:
    """From two processes at once: either it is stored and was not withdrawn, or the reverse."""
    async with premises.opened() as one, premises.opened() as two:
        company = await add_company(one)
        for turn in range(20):
            desk = Desk(one, Clock(), company)
            attempt = await desk.open()
            await desk.keep(attempt, person())
            deeds = [desk.settle(attempt), attempts.withdraw(two, attempt.id)]
            results = await asyncio.gather(
                *(deeds if turn % 2 else reversed(deeds)), return_exceptions=True
            )
            after = await desk.get(attempt)
            if any(isinstance(result, LinkOver) for result in results):
                assert (after.ended, after.signed_in) == (AttemptEnd.WITHDRAWN, None)
            else:
                assert False in results
                assert (after.ended, after.station) == (None, Station.STORED)
            assert after.person is None
        assert await desk.column("SELECT count(*) FROM kept_sign_ins") == [0]


async def test_who_is_refused_is_forgotten_and_the_link_goes_on(desk: Desk) -> None:
    """The operator does not know this person; the right one can still sign in."""
    attempt = await desk.open()
    await desk.keep(attempt, person())
    assert await attempts.forget_person(desk.store, attempt.id)

    assert await desk.column("SELECT count(*) FROM kept_sign_ins") == [0]
    assert (await desk.get(attempt)).person is None
    with pytest.raises(LinkOver):
        await attempts.kept(desk.store, attempt.id)
    assert await attempts.find_by_code(desk.store, SIGN_IN, code_of(attempt))
    right = person("Bea Lindqvist")
    await desk.spend(await desk.press(attempt))
    await desk.keep(attempt, right)
    assert (await attempts.kept(desk.store, attempt.id))[0] == right


async def test_what_waits_for_nobodys_word_is_erased_after_a_day(desk: Desk) -> None:
    """A day from its arrival; until then it waits, also beyond the link's own day."""
    attempt = await desk.open()
    desk.clock.pass_(hours=5)
    await desk.keep(attempt, person())
    desk.clock.pass_(hours=23, minutes=59)
    assert await attempts.erase_overdue(desk.store) == 0
    assert await desk.store.attempts.open_of(desk.company.id) == [await desk.get(attempt)]
    with pytest.raises(LinkOver, match="too old"):
        await attempts.find_by_code(desk.store, SIGN_IN, code_of(attempt))
    assert await attempts.kept(desk.store, attempt.id)

    desk.clock.pass_(minutes=1)
    with pytest.raises(LinkOver):
        await attempts.kept(desk.store, attempt.id)
    with pytest.raises(LinkOver):
        await desk.settle(attempt)
    assert (await desk.get(attempt)).person is None
    assert await attempts.erase_overdue(desk.store) == 1
    assert await desk.column("SELECT count(*) FROM kept_sign_ins") == [0]
    assert await desk.column("SELECT ended FROM attempts") == [AttemptEnd.EXPIRED]


async def test_somebody_new_may_wait_once_the_former_is_overdue(desk: Desk) -> None:
    """A sign-in nobody looked at for a day does not block the link's next one."""
    attempt = await desk.open()
    await desk.keep(attempt, person())
    desk.clock.pass_(days=1)

    late = person("Dana Petrova")
    await desk.keep(attempt, late)
    assert (await attempts.kept(desk.store, attempt.id))[0] == late


async def test_verifiers_of_old_requests_and_old_records_are_erased(desk: Desk) -> None:
    """Ten minutes for a flow, thirty days for the record of an attempt that is over."""
    attempt = await desk.open()
    await desk.press(attempt)
    desk.clock.pass_(minutes=10)
    await attempts.erase_overdue(desk.store)
    assert await desk.column("SELECT flow_sealed FROM authorization_requests") == [None]

    await attempts.withdraw(desk.store, attempt.id)
    desk.clock.pass_(days=29)
    await attempts.erase_overdue(desk.store)
    assert await desk.get(attempt)
    desk.clock.pass_(days=1)
    await attempts.erase_overdue(desk.store)
    with pytest.raises(Gone):
        await desk.get(attempt)
    assert await desk.column("SELECT count(*) FROM authorization_requests") == [0]


async def test_a_station_only_moves_forward_and_keeps_its_time(desk: Desk) -> None:
    """A second press does not take a link back while what came is still being looked at."""
    attempt = await desk.open()
    desk.clock.pass_(seconds=5)
    await attempts.mark(desk.store, attempt.id, Station.CAME_BACK)
    desk.clock.pass_(seconds=5)
    await desk.press(attempt)

    shown = await desk.get(attempt)
    assert (shown.station, shown.station_at) == (Station.CAME_BACK, NOON + timedelta(seconds=5))


async def test_another_try_after_a_refusal_begins_at_microsoft(desk: Desk) -> None:
    """What the last try ended with stays until this one comes back."""
    attempt = await desk.open()
    desk.clock.pass_(seconds=5)
    await attempts.mark(desk.store, attempt.id, Station.CAME_BACK, "Another tenant's account.")
    desk.clock.pass_(seconds=5)
    await desk.press(attempt)

    shown = await desk.get(attempt)
    assert (shown.station, shown.station_at) == (
        Station.AT_MICROSOFT,
        NOON + timedelta(seconds=10),
    )
    assert shown.problem == "Another tenant's account."
    await attempts.mark(desk.store, attempt.id, Station.CAME_BACK)
    shown = await desk.get(attempt)
    assert (shown.station, shown.problem) == (Station.CAME_BACK, "")


async def test_only_an_attempt_that_was_done_moves_on_after_its_end(desk: Desk) -> None:
    """The first refresh is proven after the sign-in was stored; nothing else comes later."""
    done, withdrawn = await desk.open(), await desk.open()
    await attempts.end(desk.store, done.id, AttemptEnd.DONE)
    await attempts.withdraw(desk.store, withdrawn.id)

    assert await attempts.mark(desk.store, done.id, Station.PROVEN)
    assert not await attempts.mark(desk.store, withdrawn.id, Station.PROVEN, "late")
    assert (await desk.get(done)).station is Station.PROVEN
    after = await desk.get(withdrawn)
    assert (after.station, after.problem) == (Station.WAITING, "")


async def test_a_reload_by_the_same_browser_is_told_the_same(desk: Desk) -> None:
    """By the outcome's handle or by the address the browser came with; nobody else is told."""
    attempt = await desk.open()
    press = await desk.press(attempt)
    request = await desk.spend(press)
    with pytest.raises(StateUnknown):
        await attempts.outcome_of_state(desk.store, SIGN_IN, press.state, BROWSER)

    handle = await attempts.remember(desk.store, request, BROWSER, "Stored.")

    assert len(handle) >= 22
    told = await attempts.outcome(desk.store, handle, BROWSER)
    assert (told.page, told.attempt_id) == ("Stored.", attempt.id)
    assert told == await attempts.outcome_of_state(desk.store, SIGN_IN, press.state, BROWSER)
    for stranger in ("", secrets.token_urlsafe()):
        with pytest.raises(StateUnknown):
            await attempts.outcome(desk.store, handle, stranger)
        with pytest.raises(StateUnknown):
            await attempts.outcome_of_state(desk.store, SIGN_IN, press.state, stranger)
    with pytest.raises(StateUnknown):
        await attempts.outcome_of_state(desk.store, Purpose.ADMIN_CONSENT, press.state, BROWSER)


async def test_fifty_attempts_live_side_by_side(desk: Desk) -> None:
    """Each with its own link, request and sign-in; ending one touches no other."""
    begun = [await desk.open() for _ in range(50)]
    presses = [await desk.press(attempt) for attempt in begun]
    people = [person(f"Person {n}") for n in range(50)]
    for attempt, press, who in zip(begun, presses, people, strict=True):
        assert (await desk.spend(press)).attempt_id == attempt.id
        await desk.keep(attempt, who)
    await attempts.withdraw(desk.store, begun[0].id)

    listed = await desk.store.attempts.open_of(desk.company.id, SIGN_IN)
    assert [(a.link, a.person) for a in listed] == [
        (a.link, who) for a, who in zip(begun[1:], people[1:], strict=True)
    ]
    assert await desk.store.attempts.open_of(desk.company.id, Purpose.ADMIN_CONSENT) == []


async def test_removing_a_company_takes_its_attempts(desk: Desk) -> None:
    """What comes back for it afterwards is stored nowhere."""
    attempt = await desk.open()
    press = await desk.press(attempt)
    request = await desk.peek(press)
    async with desk.store.transaction() as tx:
        await desk.store.companies.remove(tx, desk.company.id)

    with pytest.raises(Gone):
        await desk.get(attempt)
    with pytest.raises(StateUnknown):
        await attempts.spend(desk.store, request)
    with pytest.raises(Gone):
        await desk.keep(attempt, person())
    with pytest.raises(LinkUnknown):
        await attempts.find_by_code(desk.store, SIGN_IN, code_of(attempt))


async def test_the_database_holds_no_code_state_or_token_in_the_clear(desk: Desk) -> None:
    """Inside the encrypted file they are hashes and sealed values."""
    attempt = await desk.open()
    press = await desk.press(attempt)
    handle = await attempts.remember(desk.store, await desk.peek(press), BROWSER, "page")
    token = secrets.token_urlsafe(40)
    await desk.keep(attempt, person(), json.dumps({"refresh_token": token}))

    written = ""
    for table in ("attempts", "authorization_requests", "kept_sign_ins"):
        rows = await desk.store._db.rows(f"SELECT * FROM {table}")  # noqa: S608 - our own names
        written += "".join(str(tuple(row)) for row in rows)
    assert attempt.id in written
    for secret in (code_of(attempt), press.state, press.flow, token, handle, BROWSER):
        assert secret not in written


async def test_a_sealed_value_opens_in_its_own_row_only(desk: Desk) -> None:
    """A flow, a link or a sign-in copied into another row is refused, not believed."""
    mine, other = await desk.open(), await desk.open()
    presses = [await desk.press(mine), await desk.press(other)]
    await desk.keep(mine, person())
    await desk.keep(other, person())
    async with desk.store.transaction() as tx:
        for table, column in (
            ("authorization_requests", "flow_sealed"),
            ("kept_sign_ins", "sealed"),
            ("attempts", "code_sealed"),
        ):
            await tx.execute(
                f"UPDATE {table} SET {column} ="  # noqa: S608 - our own names
                f" (SELECT {column} FROM {table} ORDER BY rowid LIMIT 1)"
            )

    with pytest.raises(RowUnreadable):
        await desk.peek(presses[1])
    with pytest.raises(RowUnreadable):
        await attempts.kept(desk.store, other.id)
    with pytest.raises(RowUnreadable):
        await desk.get(other)
    assert await attempts.kept(desk.store, mine.id)
