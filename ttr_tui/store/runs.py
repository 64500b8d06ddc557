"""Rows of bulk-add runs: every chosen user is written down before the first request.

Outcomes are recorded in the caller's transaction, beside the agents and authentications they tell
of, so that a crash leaves a user either waiting or wholly added.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from ttr_tui.errors import Gone
from ttr_tui.model import DirectoryUser, Outcome, Run, RunItem, now
from ttr_tui.store.database import Database, Transaction
from ttr_tui.store.run_rows import counts_of, read_item, read_run, stretches
from ttr_tui.store.storable import storable
from ttr_tui.store.times import to_micros

NOT_ADDED = (Outcome.NO_MAILBOX, Outcome.BLOCKED, Outcome.FAILED)
"""Outcomes after which a user can be tried again."""

WINDOW = 1_000
"""Users of a run that are read at once where it is read whole."""

_COUNT = """
    UPDATE runs SET counts = (SELECT json_group_object(outcome, count) FROM
        (SELECT outcome, count(*) AS count FROM run_items WHERE run_id = runs.id GROUP BY outcome))
    WHERE id = ?
"""
_WAITING = Outcome.WAITING.value  # a plain string: of any other SQLite's module asks what it is


class Runs:
    """Runs of every company.

    `clock` gives the time by which leases run out; `live` tells whether a lease's owner is there.
    """

    def __init__(
        self,
        db: Database,
        clock: Callable[[], datetime] = now,
        live: Callable[[str], bool] = lambda _owner: True,
    ) -> None:
        self._db = db
        self._clock = clock
        self._live = live

    async def begin(
        self, tx: Transaction, company_id: str, parent_id: str, started_by: str, owner: str
    ) -> Run:
        """Begin to write a run down, in as many transactions as its users take.

        Until it is settled nobody else sees it. What a killed process had begun is forgotten.
        """
        unsettled = await tx.rows(
            "SELECT id, lease_owner FROM runs WHERE company_id = ? AND settled = 0", (company_id,)
        )
        for run_id, begun_by in unsettled:
            if not self._live(begun_by):
                await tx.execute("DELETE FROM runs WHERE id = ?", (run_id,))
        moment = self._clock()
        row = await tx.row(
            "INSERT INTO runs (company_id, parent_id, started_at, started_by, settled, lease_owner)"
            " VALUES (?, ?, ?, ?, 0, ?) RETURNING id",
            (company_id, parent_id, to_micros(moment), started_by, owner),
        )
        if row is None:
            raise RuntimeError("INSERT … RETURNING returned nothing")
        return Run(int(row["id"]), company_id, parent_id, moment, started_by)

    async def append(
        self, tx: Transaction, run: Run, users: Sequence[DirectoryUser], place: int
    ) -> None:
        """Write users of an unsettled run down, all waiting; the first of them at `place`."""
        await tx.executemany(
            "INSERT INTO run_items (run_id, position, object_id, name, address, outcome)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    run.id,
                    position,
                    user.object_id,
                    storable(user.name),
                    storable(user.address),
                    _WAITING,
                )
                for position, user in enumerate(users, place)
            ),
        )

    async def settle(self, tx: Transaction, run: Run) -> Run:
        """Let a run that is written down be carried on; return it with its counts. Raises Gone."""
        await tx.execute(
            "UPDATE runs SET settled = 1, lease_owner = NULL WHERE id = ? AND settled = 0",
            (run.id,),
        )
        await tx.execute(_COUNT, (run.id,))
        return await self.get(run.id, tx)

    async def forget(self, tx: Transaction, run: Run) -> None:
        """Forget a run that was not settled; one that was stays."""
        await tx.execute("DELETE FROM runs WHERE id = ? AND settled = 0", (run.id,))

    async def get(self, run_id: int, tx: Transaction | None = None) -> Run:
        """Return a run with its counts, as committed, or as `tx` has it. Raises Gone."""
        rows = await self._runs("SELECT * FROM runs WHERE id = ?", (run_id,), tx)
        if not rows:
            raise Gone(
                f"Run {run_id} is no more: its company was removed.", means="Nothing was stored."
            )
        return rows[0]

    async def latest(self, company_id: str) -> Run | None:
        """Return the company's last run, or None."""
        rows = await self._runs(
            "SELECT * FROM runs WHERE company_id = ? AND settled ORDER BY id DESC LIMIT 1",
            (company_id,),
        )
        return rows[0] if rows else None

    async def open_runs(self) -> list[Run]:
        """Return the runs that were neither finished nor given up, oldest first."""
        return await self._runs(
            "SELECT * FROM runs WHERE ended_at IS NULL AND settled ORDER BY id", ()
        )

    async def items(
        self, run_id: int, outcomes: Collection[Outcome] | None = None
    ) -> list[RunItem]:
        """Return a run's users in the order they were chosen, of some outcomes or of all."""
        wanted = list(Outcome if outcomes is None else outcomes)
        rows = await self._db.rows(
            "SELECT * FROM run_items WHERE run_id = ?"
            " AND outcome IN (SELECT value FROM json_each(?)) ORDER BY position",
            (run_id, json.dumps(wanted)),
        )
        return [read_item(row) for row in rows]

    async def each(self, run_id: int) -> AsyncIterator[RunItem]:
        """Yield a run's users in the order of their places, read by windows."""
        last = -1
        while rows := await self._db.rows(
            "SELECT * FROM run_items WHERE run_id = ? AND position > ? ORDER BY position LIMIT ?",
            (run_id, last, WINDOW),
        ):
            for row in rows:
                yield read_item(row)
            last = rows[-1]["position"]

    async def waiting(self, run_id: int, limit: int, after: int = -1) -> list[RunItem]:
        """Return the next `limit` users who wait behind a place in the run."""
        rows = await self._db.rows(
            "SELECT * FROM run_items WHERE run_id = ? AND outcome = ? AND position > ?"
            " ORDER BY position LIMIT ?",
            (run_id, Outcome.WAITING, after, limit),
        )
        return [read_item(row) for row in rows]

    async def is_stopped(self, run_id: int) -> bool:
        """Tell whether a run was stopped or is no more; nothing of it is counted."""
        row = await self._db.row("SELECT stopped FROM runs WHERE id = ?", (run_id,))
        return row is None or bool(row["stopped"])

    async def record(
        self, tx: Transaction, run_id: int, became: Mapping[tuple[Outcome, str], Sequence[int]]
    ) -> int:
        """Write what became of users who waited; return how many that were.

        `became` are their places in the run by outcome and reason. Who has an outcome keeps it: of
        two that carry on the same run, the second changes nothing. Raises Gone when the run is no
        more.
        """
        row = await tx.row("SELECT counts FROM runs WHERE id = ?", (run_id,))
        if row is None:
            raise Gone(f"Run {run_id} is no more.", means="Nothing was stored.")
        counts = Counter(counts_of(row))
        before = counts[Outcome.WAITING]
        for (outcome, reason), places in became.items():
            changed = await tx.executemany(
                "UPDATE run_items SET outcome = ?, reason = ?"
                " WHERE run_id = ? AND position BETWEEN ? AND ? AND outcome = ?",
                [
                    (outcome, storable(reason), run_id, first, last, Outcome.WAITING)
                    for first, last in stretches(places)
                ],
            )
            counts.update({outcome: changed})
            counts.subtract({Outcome.WAITING: changed})
        kept = json.dumps({one: count for one, count in sorted(counts.items()) if count})
        await tx.execute("UPDATE runs SET counts = ? WHERE id = ?", (kept, run_id))
        return before - counts[Outcome.WAITING]

    async def stop(self, tx: Transaction, run_id: int) -> None:
        """Ask whoever carries the run on to end it after the batch under way."""
        await tx.execute("UPDATE runs SET stopped = 1 WHERE id = ? AND ended_at IS NULL", (run_id,))

    async def finish(self, tx: Transaction, run_id: int, *, stopped: bool = False) -> None:
        """End a run; who still waits stays listed as waiting."""
        await tx.execute(
            "UPDATE runs SET ended_at = ?, stopped = max(stopped, ?), lease_owner = NULL,"
            " lease_until = 0 WHERE id = ? AND ended_at IS NULL",
            (to_micros(self._clock()), stopped, run_id),
        )

    async def retry(
        self, tx: Transaction, run_id: int, object_ids: Collection[str] | None = None
    ) -> int:
        """Put those who failed, or the given ones who were not added, back to waiting.

        Returns how many wait now; when anybody does, the run is open again.
        """
        if object_ids is None:
            await tx.execute(
                "UPDATE run_items SET outcome = ?, reason = '' WHERE run_id = ? AND outcome = ?",
                (Outcome.WAITING, run_id, Outcome.FAILED),
            )
        else:
            await tx.execute(
                "UPDATE run_items SET outcome = ?, reason = '' WHERE run_id = ?"
                " AND outcome IN (?, ?, ?) AND object_id IN (SELECT value FROM json_each(?))",
                (Outcome.WAITING, run_id, *NOT_ADDED, json.dumps(list(object_ids))),
            )
        await tx.execute(_COUNT, (run_id,))
        waiting = (await self.get(run_id, tx)).counts.get(Outcome.WAITING, 0)
        if waiting:
            await tx.execute("UPDATE runs SET ended_at = NULL, stopped = 0 WHERE id = ?", (run_id,))
        return waiting

    async def take(self, run_id: int, owner: str, seconds: float) -> bool:
        """Take, or keep, the lease by which one process alone carries a run on.

        Returns False while another owner holds it, and for a run that has ended or is gone. What a
        killed process held is free.
        """
        moment = self._clock()
        async with self._db.transaction() as tx:
            held = await tx.row("SELECT lease_owner FROM runs WHERE id = ?", (run_id,))
            if held and held["lease_owner"] and not self._live(held["lease_owner"]):
                await tx.execute("UPDATE runs SET lease_owner = NULL WHERE id = ?", (run_id,))
            taken = await tx.execute(
                "UPDATE runs SET lease_owner = ?, lease_until = ? WHERE id = ? AND ended_at IS NULL"
                " AND (lease_owner IS NULL OR lease_owner = ? OR lease_until <= ?)",
                (
                    owner,
                    to_micros(moment + timedelta(seconds=seconds)),
                    run_id,
                    owner,
                    to_micros(moment),
                ),
            )
        return taken > 0

    async def drop(self, run_id: int, owner: str) -> None:
        """Give the lease back, if this owner holds it."""
        async with self._db.transaction() as tx:
            await tx.execute(
                "UPDATE runs SET lease_owner = NULL, lease_until = 0"
                " WHERE id = ? AND lease_owner = ?",
                (run_id, owner),
            )

    async def _runs(
        self, query: str, params: Sequence[object], tx: Transaction | None = None
    ) -> list[Run]:
        rows = self._db.rows if tx is None else tx.rows
        return [read_run(row) for row in await rows(query, params)]
