"""Write to files: outcomes of a bulk-add run or a selection as CSV, a message as plain text."""

from __future__ import annotations

import asyncio
import csv
import io
import os
from typing import TYPE_CHECKING

from ttr_tui.errors import Refused
from ttr_tui.text import csv_cell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ttr_tui.access import Access


async def outcomes_csv(access: Access, run_id: int, path: Path) -> int:
    """Write each user's outcome and reason to `path` (0600, never overwriting); return how many."""
    items = await access.store.runs.items(run_id)
    rows = [(i.outcome.value, i.name, i.address, i.object_id, i.reason) for i in items]
    return await _write(path, ("outcome", "name", "address", "object id", "reason"), rows)


async def users_csv(access: Access, company_id: str, object_ids: Sequence[str], path: Path) -> int:
    """Write the given users of the local copy to `path` (0600, never overwriting)."""
    company = await access.store.companies.get(company_id)
    copy = await access.store.directory(company)
    users = await copy.by_object_ids(object_ids)
    rows = [(u.name, u.address, u.department, u.title, u.kind.value, u.object_id) for u in users]
    return await _write(path, ("name", "address", "department", "title", "kind", "object id"), rows)


async def text_file(path: Path, words: str) -> None:
    """Write a message to `path` (0600, never overwriting); raise Refused when that fails."""
    await _create(path, words)


async def _write(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Write the file in one go; no cell starts a formula (`text.csv_cell`)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)

    await _create(path, text.getvalue())
    return len(rows)


async def _create(path: Path, contents: str) -> None:
    def create() -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(contents)

    try:
        await asyncio.to_thread(create)
    except OSError as problem:
        raise Refused(
            f"{path} was not written: {problem.strerror}.", cure="Name another file."
        ) from None
