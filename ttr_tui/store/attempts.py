"""Rows of attempts: start links, where each one stands, and the sign-in that waits on one.

The code of a link is stored as a keyed hash, by which it is found, and sealed, so that it can be
shown again. Tokens that came back lie sealed in `kept_sign_ins` until the operator's word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from ttr_tui.errors import Gone, LinkOver, LinkUnknown
from ttr_tui.model import Attempt, AttemptEnd, Person, Problem, Purpose, Station, now
from ttr_tui.store.attempt_rows import RANK, SELECT_ATTEMPT, read_attempt, write_value
from ttr_tui.store.database import Database, Row, Transaction
from ttr_tui.store.keys import HeldKey
from ttr_tui.store.requests import Requests
from ttr_tui.store.times import to_micros
from ttr_tui.store.waiting import Waiting

_GIVEN = "SELECT value FROM json_each(?)"

RECORD_FOR = timedelta(days=30)
"""How long an attempt that is over stays to be looked at."""


class Attempts:
    """Attempts of every company. `clock` gives the time by which links and sign-ins run out."""

    def __init__(self, db: Database, key: HeldKey, clock: Callable[[], datetime] = now) -> None:
        self.clock = clock
        self.requests = Requests(db, key, clock)
        self.waiting = Waiting(db, key, clock)
        self._db = db
        self._key = key

    async def add(self, tx: Transaction, attempt: Attempt, redirect_uri: str, code: str) -> None:
        """Store a new attempt. Raises Conflict when its company is gone, Gone when its agent is."""
        if attempt.agent_id and not await tx.row(
            "SELECT 1 FROM agents WHERE id = ?", (attempt.agent_id,)
        ):
            raise _gone()
        await tx.execute(
            "INSERT INTO attempts (id, company_id, purpose, redirect_uri, code_hash, code_sealed,"
            " station, station_at, created_at, expires_at, asked_by, expected, agent)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            " (SELECT number FROM agents WHERE id = ?))",
            (
                attempt.id,
                attempt.company_id,
                attempt.purpose,
                redirect_uri,
                self._hash(code),
                self._seal("attempts", attempt.id, "code_sealed", code),
                attempt.station,
                to_micros(attempt.station_at),
                to_micros(attempt.created_at),
                to_micros(attempt.expires_at),
                attempt.asked_by,
                write_value(attempt.expected),
                attempt.agent_id,
            ),
        )
        await _note_station(tx, attempt.id, attempt.station, to_micros(attempt.station_at))

    async def get(self, attempt_id: str) -> Attempt:
        """Return an attempt, over or not. Raises Gone when it is no more."""
        row = await self._db.row(f"{SELECT_ATTEMPT} WHERE a.id = ?", (attempt_id,))
        if row is None:
            raise _gone()
        return self._attempt(row)

    async def by_code(self, purpose: Purpose, code: str) -> Attempt:
        """Return the attempt of a code, over or not. Raises LinkUnknown."""
        row = await self._db.row(
            f"{SELECT_ATTEMPT} WHERE a.code_hash = ? AND a.purpose = ?", (self._hash(code), purpose)
        )
        if row is None:
            raise LinkUnknown(
                "No start link has this code.", cure="Compare it with the link you were sent."
            )
        return self._attempt(row)

    async def of_company(self, company_id: str, purpose: Purpose) -> list[Attempt]:
        """Return a company's attempts of one purpose, over or not, oldest first."""
        rows = await self._db.rows(
            f"{SELECT_ATTEMPT} WHERE a.company_id = ? AND a.purpose = ?"
            " ORDER BY a.created_at, a.rowid",
            (company_id, purpose),
        )
        return [self._attempt(row) for row in rows]

    async def open_of_agents(self, agent_ids: Collection[str]) -> list[Attempt]:
        """Return the attempts of these agents that are not over, oldest first."""
        rows = await self._db.rows(
            f"{SELECT_ATTEMPT} WHERE a.ended IS NULL AND g.id IN ({_GIVEN}) ORDER BY a.created_at",
            (json.dumps(list(agent_ids)),),
        )
        return [a for a in map(self._attempt, rows) if a.ended is None]

    async def open_of(self, company_id: str, purpose: Purpose | None = None) -> list[Attempt]:
        """Return a company's attempts that are not over, oldest first, of one purpose or of all."""
        rows = await self._db.rows(
            f"{SELECT_ATTEMPT} WHERE a.company_id = ? AND a.ended IS NULL ORDER BY a.created_at",
            (company_id,),
        )
        attempts = [self._attempt(row) for row in rows]
        return [a for a in attempts if a.ended is None and purpose in (None, a.purpose)]

    async def advance(
        self,
        tx: Transaction,
        attempt_id: str,
        station: Station,
        problem: str = "",
        refusal: Problem | None = None,
    ) -> bool:
        """Move an attempt forward to `station`, never back, and replace its problem and refusal.

        Returns False when it is gone or over; one that is done may still be moved to `proven`.
        """
        row = await tx.row(
            "SELECT station FROM attempts WHERE id = ? AND coalesce(ended, ?) = ?",
            (attempt_id, AttemptEnd.DONE, AttemptEnd.DONE),
        )
        if row is None:
            return False
        await tx.execute(
            "UPDATE attempts SET problem = ?, refusal = ? WHERE id = ?",
            (problem, write_value(refusal), attempt_id),
        )
        if RANK[station] > RANK[Station(row["station"])]:
            moment = to_micros(self.clock())
            await tx.execute(
                "UPDATE attempts SET station = ?, station_at = ? WHERE id = ?",
                (station, moment, attempt_id),
            )
            await _note_station(tx, attempt_id, station, moment)
        return True

    async def pressed(self, tx: Transaction, attempt_id: str) -> None:
        """Take note that somebody is at Microsoft, also for another try after one that failed.

        What the last try ended with stays until this one comes back.
        """
        moment = to_micros(self.clock())
        moved = await tx.execute(
            "UPDATE attempts SET station = ?1, station_at = ?2 WHERE id = ?3 AND ended IS NULL"
            " AND (station IN (?4, ?5) OR problem <> '' AND station NOT IN (?6, ?7) OR"
            " station = ?8 AND NOT EXISTS (SELECT 1 FROM kept_sign_ins WHERE attempt_id = ?3))",
            (
                Station.AT_MICROSOFT,
                moment,
                attempt_id,
                Station.WAITING,
                Station.OPENED,
                Station.STORED,
                Station.PROVEN,
                Station.IDENTITY_CHECKED,
            ),
        )
        if moved:
            await _note_station(tx, attempt_id, Station.AT_MICROSOFT, moment)

    async def settle(
        self, tx: Transaction, attempt_id: str, station: Station = Station.STORED
    ) -> None:
        """Take the sign-in that waits as stored: erase what was kept, end the other requests.

        Belongs in the transaction that stores the sign-in. Raises LinkOver when nobody waits any
        more, so that a withdrawal in between wins.
        """
        await self._signed_in(tx, attempt_id, await self.waiting.take(tx, attempt_id), station)

    async def settle_at_once(self, tx: Transaction, attempt_id: str, person: Person) -> None:
        """Take a sign-in as stored that waited for nobody's word; end the other requests.

        Belongs in the transaction that stores the sign-in. Raises Gone and LinkOver.
        """
        await self.require_open(tx, attempt_id)
        await self.waiting.forget(tx, attempt_id)
        await self._signed_in(tx, attempt_id, write_value(person), Station.STORED)

    async def require_open(self, tx: Transaction, attempt_id: str) -> None:
        """Raise Gone when the attempt is no more, LinkOver when it is over or stored."""
        row = await tx.row("SELECT station, ended FROM attempts WHERE id = ?", (attempt_id,))
        if row is None:
            raise _gone()
        if row["ended"] is not None or RANK[Station(row["station"])] >= RANK[Station.STORED]:
            raise _over()

    async def _signed_in(
        self, tx: Transaction, attempt_id: str, person: str | None, station: Station
    ) -> None:
        await tx.execute("UPDATE attempts SET signed_in = ? WHERE id = ?", (person, attempt_id))
        await self.requests.end_all(tx, attempt_id)
        await self.advance(tx, attempt_id, station)

    async def pin(self, tx: Transaction, attempt_id: str, agent_id: str) -> None:
        """Say which agent an attempt is for, that was made before anybody could be pinned."""
        await tx.execute(
            "UPDATE attempts SET agent = (SELECT number FROM agents WHERE id = ?) WHERE id = ?",
            (agent_id, attempt_id),
        )

    async def end(
        self, tx: Transaction, attempt_id: str, ended: AttemptEnd, problem: str = ""
    ) -> bool:
        """End an attempt: its requests are over and what was kept is erased.

        Returns False when it was over before (the first end stays), is gone, or when its sign-in
        is stored already: then it can only be done.
        """
        changed = await tx.execute(
            "UPDATE attempts SET ended = ?1, ended_at = ?2,"
            " problem = CASE WHEN ?3 = '' THEN problem ELSE ?3 END"
            " WHERE id = ?4 AND ended IS NULL AND (?1 = ?5 OR station NOT IN (?6, ?7))",
            (
                ended,
                to_micros(self.clock()),
                problem,
                attempt_id,
                AttemptEnd.DONE,
                Station.STORED,
                Station.PROVEN,
            ),
        )
        if not changed:
            return False
        await self.waiting.forget(tx, attempt_id)
        await self.requests.end_all(tx, attempt_id)
        return True

    async def erase_overdue(self, tx: Transaction) -> int:
        """Erase what was kept or pending too long and write expiries down.

        Returns how many kept sign-ins were erased. Records of attempts go after RECORD_FOR.
        """
        moment = self.clock()
        erased = await self.waiting.erase_overdue(tx)
        rows = await tx.rows(
            f"{SELECT_ATTEMPT} WHERE a.ended IS NULL AND a.expires_at <= ?", (to_micros(moment),)
        )
        for attempt in (self._attempt(row) for row in rows):
            if attempt.ended is not None:
                await self.end(tx, attempt.id, attempt.ended)
        await self.requests.erase_overdue(tx)
        oldest = to_micros(moment - RECORD_FOR)
        await tx.execute("DELETE FROM attempts WHERE ended_at <= ?", (oldest,))
        return erased

    def _hash(self, code: str) -> str:
        return self._key.lookup_hash(f"start link {code}")

    def _seal(self, table: str, row: str, column: str, plain: str) -> bytes:
        return self._key.seal((table, row, column), plain.encode())

    def _attempt(self, row: Row) -> Attempt:
        place = ("attempts", row["id"], "code_sealed")
        code = self._key.unseal(place, row["code_sealed"]).decode()
        return read_attempt(row, code, self.clock())


async def _note_station(tx: Transaction, attempt_id: str, station: Station, moment: int) -> None:
    await tx.execute(
        "INSERT INTO attempt_stations (attempt_id, station, at) VALUES (?, ?, ?)"
        " ON CONFLICT (attempt_id, station) DO UPDATE SET at = excluded.at",
        (attempt_id, station, moment),
    )


def _gone() -> Gone:
    return Gone(
        "This attempt is no more: its company was removed, or it is long over.",
        means="Nothing was stored.",
        cure="Make a new link.",
    )


def _over() -> LinkOver:
    return LinkOver(
        "This start link is over: it was used or withdrawn meanwhile.",
        means="Nothing was stored.",
        cure="Ask whoever sent it for a new one.",
    )
