"""What readiness saw last of each company: kept, so that it can be shown without asking again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ttr_tui.model import Check, Ending, EndingKind, Finding, Problem, Seen, Verdict
from ttr_tui.store.database import Database, Transaction
from ttr_tui.store.storable import storable
from ttr_tui.store.times import from_micros, to_micros


class Findings:
    """The last finding of every check of every company."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, company_id: str) -> dict[Check, Finding]:
        """Return what was seen last of a company, by check; checks never made are not there."""
        rows = await self._db.rows(
            "SELECT finding FROM findings WHERE company_id = ?", (company_id,)
        )
        found = [_read(row["finding"]) for row in rows]
        return {finding.check: finding for finding in found}

    async def newest(self, check: Check) -> list[Finding]:
        """Return what was seen last by one check, of every company, the newest first.

        What belongs to the installation is the same whichever company it was seen for.
        """
        rows = await self._db.rows(
            "SELECT finding FROM findings WHERE step = ? ORDER BY checked_at DESC", (check,)
        )
        return [_read(row["finding"]) for row in rows]

    async def forget(self, tx: Transaction, check: Check) -> None:
        """Forget what one check saw of every company: what it looked at has been replaced."""
        await tx.execute("DELETE FROM findings WHERE step = ?", (check,))

    async def put(self, tx: Transaction, company_id: str, findings: Sequence[Finding]) -> None:
        """Keep findings in place of the former ones of the same checks.

        Raises Conflict when the company was removed meanwhile.
        """
        await tx.executemany(
            "INSERT INTO findings (company_id, step, verdict, seen, finding, checked_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (company_id, step) DO UPDATE SET"
            " verdict = excluded.verdict, seen = excluded.seen, finding = excluded.finding,"
            " checked_at = excluded.checked_at",
            [
                (
                    company_id,
                    one.check,
                    one.verdict,
                    storable(one.seen),
                    _write(one),
                    to_micros(one.checked_at),
                )
                for one in findings
            ],
        )


def _write(finding: Finding) -> str:
    return json.dumps(asdict(finding), default=_plain)


def _plain(value: object) -> int:
    if isinstance(value, datetime):
        return to_micros(value)
    raise TypeError(f"{type(value).__name__} is no part of a finding")


def _read(written: str) -> Finding:
    parts: dict[str, Any] = json.loads(written)
    problem = parts["problem"]
    return Finding(
        **parts
        | {
            "check": Check(parts["check"]),
            "verdict": Verdict(parts["verdict"]),
            "checked_at": from_micros(parts["checked_at"]),
            "evidence": tuple(_seen(one) for one in parts["evidence"]),
            "lines": tuple(parts["lines"]),
            "problem": Problem(**problem) if problem else None,
            "endings": tuple(_ending(one) for one in parts["endings"]),
        }
    )


def _seen(parts: dict[str, Any]) -> Seen:
    verdict = parts["verdict"]
    return Seen(**parts | {"verdict": Verdict(verdict) if verdict else None})


def _ending(parts: dict[str, Any]) -> Ending:
    at = parts["at"]
    return Ending(
        **parts | {"kind": EndingKind(parts["kind"]), "at": None if at is None else from_micros(at)}
    )
