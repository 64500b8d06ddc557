"""Rows of authorization requests: one for each press of a start page's button, used once.

`state` and the handle of an outcome are stored as keyed hashes only. The flow (nonce and PKCE
verifier, RFC 7636) is sealed, and erased when the request is spent or over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ttr_tui.errors import LinkOver, StateExpired, StateSpent, StateUnknown
from ttr_tui.model import AttemptEnd, AuthorizationRequest, Purpose, Secret, Station
from ttr_tui.store.database import Database, Row, Transaction
from ttr_tui.store.keys import HeldKey
from ttr_tui.store.times import from_micros, maybe_moment, to_micros

PENDING_LIMIT = 200
"""Presses of one button that can be pending at once; one more drops the oldest.

More than any scanner presses in the ten minutes for which a person is at Microsoft.
"""

_SELECT = """
    SELECT r.*, a.company_id, a.purpose, a.ended, a.station
    FROM authorization_requests AS r JOIN attempts AS a ON a.id = r.attempt_id
"""


@dataclass(frozen=True, slots=True)
class RememberedOutcome:
    """What a browser was told at the end of its request, as the face that told it wrote it."""

    attempt_id: str
    page: str


class Requests:
    """Authorization requests of all attempts. `clock` gives the time by which they run out."""

    def __init__(self, db: Database, key: HeldKey, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._key = key
        self._clock = clock

    async def add(self, tx: Transaction, request: AuthorizationRequest, state: str) -> None:
        """Store a pending request of an attempt. Raises LinkOver when that is over."""
        moment = to_micros(self._clock())
        sealed = self._key.seal(
            ("authorization_requests", request.id, "flow_sealed"),
            request.flow.reveal().encode(),
        )
        added = await tx.execute(
            "INSERT INTO authorization_requests"
            " (id, attempt_id, state_hash, flow_sealed, browser_hash, redirect_uri, created_at,"
            " expires_at) SELECT ?, id, ?, ?, ?, ?, ?, ? FROM attempts"
            " WHERE id = ? AND ended IS NULL AND expires_at > ?",
            (
                request.id,
                self._state_hash(state),
                sealed,
                request.browser_hash,
                request.redirect_uri,
                moment,
                to_micros(request.expires_at),
                request.attempt_id,
                moment,
            ),
        )
        if not added:
            raise _over()
        await tx.execute(
            "DELETE FROM authorization_requests WHERE attempt_id = ?1 AND spent_at IS NULL"
            " AND id NOT IN (SELECT id FROM authorization_requests WHERE attempt_id = ?1"
            " AND spent_at IS NULL ORDER BY created_at DESC, rowid DESC LIMIT ?2)",
            (request.attempt_id, PENDING_LIMIT),
        )

    async def purpose_of(self, state: str) -> Purpose:
        """Return what the request of a `state` is for. Raises StateUnknown."""
        row = await self._db.row(f"{_SELECT} WHERE r.state_hash = ?", (self._state_hash(state),))
        if row is None:
            raise _unknown()
        return Purpose(row["purpose"])

    async def peek(self, purpose: Purpose, state: str) -> AuthorizationRequest:
        """Return the pending request of a `state`, without spending it.

        Raises StateUnknown, StateSpent, StateExpired, or LinkOver when its attempt was ended.
        """
        row = await self._db.row(
            f"{_SELECT} WHERE r.state_hash = ? AND a.purpose = ?",
            (self._state_hash(state), purpose),
        )
        return self._pending(row)

    async def newest(self, attempt_id: str) -> AuthorizationRequest:
        """Return the request of an attempt that was made last, if it is pending.

        Raises StateUnknown when none was made, and what `peek` raises.
        """
        row = await self._db.row(
            f"{_SELECT} WHERE r.attempt_id = ? ORDER BY r.created_at DESC, r.rowid DESC LIMIT 1",
            (attempt_id,),
        )
        return self._pending(row)

    def _pending(self, row: Row | None) -> AuthorizationRequest:
        if row is None:
            raise _unknown()
        self._require_pending(row)
        place = ("authorization_requests", row["id"], "flow_sealed")
        flow = self._key.unseal(place, row["flow_sealed"])
        return AuthorizationRequest(
            id=row["id"],
            attempt_id=row["attempt_id"],
            company_id=row["company_id"],
            purpose=Purpose(row["purpose"]),
            redirect_uri=row["redirect_uri"],
            expires_at=from_micros(row["expires_at"]),
            flow=Secret(flow.decode()),
            browser_hash=row["browser_hash"],
            spent_at=maybe_moment(row["spent_at"]),
        )

    async def spend(self, tx: Transaction, request_id: str) -> None:
        """Take a request for this caller alone: one conditional update, its flow erased with it.

        Raises what `peek` raises, for whoever comes second or too late.
        """
        moment = to_micros(self._clock())
        spent = await tx.execute(
            "UPDATE authorization_requests SET spent_at = ?1, flow_sealed = NULL"
            " WHERE id = ?2 AND spent_at IS NULL AND expires_at > ?1",
            (moment, request_id),
        )
        if spent:
            return
        row = await tx.row(f"{_SELECT} WHERE r.id = ?", (request_id,))
        if row is None:
            raise _unknown()
        self._require_pending(row)

    async def remember(
        self, tx: Transaction, request_id: str, handle: str, browser_hash: str, page: str
    ) -> None:
        """Keep what the browser was told, to be found by `handle` or by the spent `state`."""
        await tx.execute(
            "UPDATE authorization_requests SET outcome_hash = ?, outcome_browser_hash = ?,"
            " outcome = ? WHERE id = ?",
            (self._handle_hash(handle), browser_hash, page, request_id),
        )

    async def outcome(self, handle: str, browser_hash: str) -> RememberedOutcome:
        """Return what was told under `handle` to this browser. Raises StateUnknown."""
        row = await self._db.row(
            "SELECT attempt_id, outcome FROM authorization_requests"
            " WHERE outcome_hash = ? AND outcome_browser_hash = ?",
            (self._handle_hash(handle), browser_hash),
        )
        return _remembered(row)

    async def outcome_of_state(
        self, purpose: Purpose, state: str, browser_hash: str
    ) -> RememberedOutcome:
        """Return what was told to this browser when its `state` was spent. Raises StateUnknown.

        Also without a cookie: nothing would then tell this browser from any other.
        """
        if not browser_hash:
            return _remembered(None)
        row = await self._db.row(
            "SELECT r.attempt_id, r.outcome FROM authorization_requests AS r"
            " JOIN attempts AS a ON a.id = r.attempt_id WHERE r.state_hash = ? AND a.purpose = ?"
            " AND r.outcome_browser_hash = ? AND r.outcome IS NOT NULL",
            (self._state_hash(state), purpose, browser_hash),
        )
        return _remembered(row)

    async def attempt_of_state(self, purpose: Purpose, state: str) -> str:
        """Return the id of the attempt a `state` belongs to, or nothing."""
        row = await self._db.row(
            "SELECT a.id FROM authorization_requests AS r JOIN attempts AS a"
            " ON a.id = r.attempt_id WHERE r.state_hash = ? AND a.purpose = ?",
            (self._state_hash(state), purpose),
        )
        return str(row["id"]) if row else ""

    async def end_all(self, tx: Transaction, attempt_id: str) -> None:
        """Spend what is pending of an attempt: its answer came, or is wanted no more."""
        await tx.execute(
            "UPDATE authorization_requests SET spent_at = coalesce(spent_at, ?), flow_sealed = NULL"
            " WHERE attempt_id = ?",
            (to_micros(self._clock()), attempt_id),
        )

    async def erase_overdue(self, tx: Transaction) -> None:
        """Erase the flows of requests that are over."""
        await tx.execute(
            "UPDATE authorization_requests SET flow_sealed = NULL"
            " WHERE expires_at <= ? AND flow_sealed IS NOT NULL",
            (to_micros(self._clock()),),
        )

    def browser_hash(self, browser: str) -> str:
        """Return the hash by which a browser's cookie value is known; empty for no cookie."""
        return self._key.lookup_hash(f"browser {browser}") if browser else ""

    def _require_pending(self, row: Row) -> None:
        ended = row["ended"]
        if ended is not None and ended != AttemptEnd.DONE:
            raise _over()
        if row["outcome"] is None and row["station"] in (Station.STORED, Station.PROVEN):
            # Spent by another answer than its own: that one was stored first and ended this.
            raise LinkOver(
                "This start link was used meanwhile; it is good for one time.",
                means="This answer was not used, and nothing was changed.",
                cure="If it was not you who used it, ask whoever sent it.",
            )
        if row["spent_at"] is not None or ended is not None:
            raise StateSpent(
                "This answer was used before; it is good for one time.",
                means="Nothing was changed.",
                cure="Look in the terminal for what became of it.",
            )
        if row["expires_at"] <= to_micros(self._clock()):
            raise StateExpired(
                "This answer came more than ten minutes after the button was pressed.",
                means="Nothing was stored.",
                cure="Open the start link again and press its button.",
            )

    def _state_hash(self, state: str) -> str:
        return self._key.lookup_hash(f"state {state}")

    def _handle_hash(self, handle: str) -> str:
        return self._key.lookup_hash(f"outcome {handle}")


def _remembered(row: Row | None) -> RememberedOutcome:
    if row is None:
        raise StateUnknown(
            "There is nothing to show here for this browser.",
            cure="Look in the terminal for what became of the sign-in.",
        )
    return RememberedOutcome(row["attempt_id"], row["outcome"])


def _unknown() -> StateUnknown:
    return StateUnknown(
        "This answer belongs to no request of ours.",
        means="Nothing was changed.",
        cure="Open the start link again and press its button.",
    )


def _over() -> LinkOver:
    return LinkOver(
        "This start link is over: it was withdrawn, used or is too old.",
        means="Nothing was stored.",
        cure="Ask whoever sent it for a new one.",
    )
