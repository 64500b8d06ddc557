"""Tell a program of the operator's of each change of state, once.

The program (`TTR_HOOK`) is started without a shell, in a session of its own, with a scrubbed
environment; it gets one JSON document on its standard input and has ten seconds. What it prints
goes nowhere. It may fail or hang: nothing waits for it, and nothing is lost by it but its message.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttr_tui.errors import StoreError
from ttr_tui.model import now
from ttr_tui.text import clean, number, plural

if TYPE_CHECKING:
    from ttr_tui.store import Change, Store

LIMIT = 10.0
"""Seconds the program has; then it is killed with everything it started in its session."""

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
"""All the program gets of the environment: no setting of ours is in it."""

UNTOLD_FOR = timedelta(minutes=10)
"""How long changes are kept where no program is to be told."""
_FORGET_EVERY = 3600.0

TURN = "telling"
TROUBLE_NOTE = "hook trouble"
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is waited between what is done, in seconds."""

    gather: float = 0.5
    """In which changes are gathered for one run."""
    pauses: tuple[float, ...] = (30.0, 300.0, 1800.0)
    """Before the second, third and fourth try; after the last one nobody is told any more."""
    watch_again: float = 5.0
    """Until a store that could not be read is watched again."""


class Teller:
    """Tells of what changed in `store`, by whichever process; one process at a time does.

    Without a `hook` changes are forgotten.
    """

    def __init__(self, store: Store, hook: Path | None, pace: Pace = Pace()) -> None:
        self._store = store
        self._hook = hook
        self._pace = pace
        self._not_before = 0.0
        self._under_way: asyncio.Future[bool] | None = None

    async def follow(self) -> None:
        """Tell of changes as they come, until cancelled; trouble of the store ends nothing."""
        if self._hook is None:
            while True:
                with suppress(StoreError):
                    await self._store.changes.forget(now() - UNTOLD_FOR)
                await asyncio.sleep(_FORGET_EVERY)
        changed = asyncio.Event()
        watching = asyncio.ensure_future(self._watch(changed))
        try:
            while True:
                with suppress(StoreError):
                    while await self._tell():
                        pass
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._rest_of_pause()):
                        await changed.wait()
                changed.clear()
                await asyncio.sleep(self._pace.gather)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def finish(self) -> None:
        """Tell of what is there before the store is closed, within the time of one run or two."""
        if self._under_way is not None:
            await asyncio.gather(self._under_way, return_exceptions=True)
        # What cannot be told now, because the store is in trouble, the next process tells.
        with suppress(StoreError):
            if self._hook is None:
                await self._store.changes.forget(now() - UNTOLD_FOR)
            deadline = asyncio.get_running_loop().time() + LIMIT
            while asyncio.get_running_loop().time() < deadline and await self._tell():
                pass
            await self._store.turns.give_back(TURN)

    async def _watch(self, changed: asyncio.Event) -> None:
        """Set `changed` after every change; trouble of the store is waited out."""
        while True:
            with suppress(StoreError):
                async for _ in self._store.watch():
                    changed.set()
                return
            await asyncio.sleep(self._pace.watch_again)

    def _rest_of_pause(self) -> float | None:
        """Return the seconds until what was told in vain is told again; None when nothing was."""
        rest = self._not_before - asyncio.get_running_loop().time()
        return rest if rest > 0 else None

    async def _tell(self) -> bool:
        """Tell one batch; return whether there may be more. A cancelled caller breaks nothing off:
        who is half told must not be told again.
        """
        if self._rest_of_pause() is not None:
            return False
        self._under_way = asyncio.ensure_future(self._tell_one_batch())
        self._under_way.add_done_callback(_looked_at)
        return await asyncio.shield(self._under_way)

    async def _tell_one_batch(self) -> bool:
        store = self._store
        if self._hook is None or not await store.changes.any():
            return False
        if not await store.turns.take(TURN):
            return False
        changes = await store.changes.claim()
        if not changes:
            return False
        trouble = await run(self._hook, document(changes))
        if trouble:
            await self._in_vain(changes, trouble)
        else:
            await self._told(changes)
        return not trouble

    async def _told(self, changes: Sequence[Change]) -> None:
        self._not_before = 0.0
        store = self._store
        mended = await store.note(TROUBLE_NOTE)
        async with store.transaction() as tx:
            await store.changes.told(tx, [change.id for change in changes])
            if mended:
                await store.set_note(tx, TROUBLE_NOTE, "")
                await store.journal.write(tx, "hook works again", subject=str(self._hook))

    async def _in_vain(self, changes: Sequence[Change], trouble: str) -> None:
        """Keep what was told in vain for another try, or give it up; journal each cause once."""
        store, known = self._store, await self._store.note(TROUBLE_NOTE)
        pauses = self._pace.pauses
        over = [change.id for change in changes if change.tries >= len(pauses)]
        again = [change for change in changes if change.tries < len(pauses)]
        tries = min((change.tries for change in again), default=0)
        self._not_before = asyncio.get_running_loop().time() + pauses[tries]
        async with store.transaction() as tx:
            await store.changes.told(tx, over)
            await store.changes.told_in_vain(tx, [change.id for change in again])
            if known != trouble:
                await store.set_note(tx, TROUBLE_NOTE, trouble)
                await store.journal.write(
                    tx, "hook failed", subject=str(self._hook), outcome="failed", detail=trouble
                )
            if over:
                await store.journal.write(
                    tx,
                    "changes not told",
                    subject=plural(len(over), "change"),
                    outcome="failed",
                    detail=f"The hook failed {number(len(pauses) + 1)} times: {trouble}",
                )


def _looked_at(batch: asyncio.Future[bool]) -> None:
    """Leave nothing behind of a batch whose caller was cancelled: it is told another time."""
    if not batch.cancelled():
        batch.exception()


def document(changes: Sequence[Change]) -> bytes:
    """Return what the program reads: JSON, times in UTC, every text harmless (docs/health.md)."""
    return (json.dumps({"changes": [_record(change) for change in changes]}) + "\n").encode()


def _record(change: Change) -> dict[str, Any]:
    told = {
        "at": change.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "company": change.company_name,
        "company_id": change.company_id,
        "kind": change.kind,
        "subject": change.subject,
        "before": change.before,
        "after": change.after,
        "reason": change.reason,
    }
    if change.authentication_kind:
        told |= {
            "authentication": change.authentication_kind,
            "name": change.name,
            "address": change.address,
        }
    return {name: clean(text, _LONGEST) for name, text in told.items()}


async def run(hook: Path, written: bytes, limit: float = LIMIT) -> str:
    """Run the program once with `written` on its standard input; return what went wrong, or "".

    It has `limit` seconds, then its whole session's process group is killed.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            hook,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
        )
    except OSError as problem:
        return f"It cannot be run: {problem.strerror or problem}."
    try:
        async with asyncio.timeout(limit):
            # Whoever does not read it needs none of it: communicate() takes a broken pipe.
            await process.communicate(written)
    except TimeoutError:
        return f"It did not end within {limit:.0f} s and was killed."
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode:
        ended = process.returncode
        return f"It ended with status {ended}." if ended > 0 else f"Signal {-ended} ended it."
    return ""
