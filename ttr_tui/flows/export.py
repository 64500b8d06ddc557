"""Write to files: outcomes, a selection, invitations as CSV; messages as text or as drafts."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import re
from email.policy import SMTP
from typing import TYPE_CHECKING

from ttr_tui.errors import Refused
from ttr_tui.text import csv_cell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage
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


async def invitations_csv(rows: Sequence[Sequence[str]], path: Path) -> int:
    """Write the rows of `invitations.table` to `path` (0600, never overwriting)."""
    return await _write(path, ("name", "address", "state", "good until", "link"), rows)


async def drafts(messages: Sequence[EmailMessage], folder: Path) -> int:
    """Write each message as an `.eml` file (0600) into a new folder (0700); return how many.

    Raises Refused when the folder is there already or cannot be made.
    """
    width = len(str(len(messages)))

    def create() -> None:
        folder.mkdir(mode=0o700)
        for number, message in enumerate(messages, 1):
            whose = re.sub(r"[^A-Za-z0-9@._+-]", "_", str(message["To"]))[:80]
            name = folder / f"{number:0{width}}-{whose}.eml"
            descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(message.as_bytes(policy=SMTP))

    try:
        await asyncio.to_thread(create)
    except OSError as problem:
        raise Refused(
            f"{folder} was not written: {problem.strerror}.", cure="Name another folder."
        ) from None
    return len(messages)


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
