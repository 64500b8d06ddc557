"""What `users` and `agents add` share: opening Bulk Add, and reading the directory."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ttr_tui.errors import SettingsFaulty
from ttr_tui.query import Query
from ttr_tui.text import ago, number, plural

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ttr_tui.cli.output import Output
    from ttr_tui.errors import TtrError
    from ttr_tui.flows.polling import PollProgress
    from ttr_tui.model import Company, UserKind
    from ttr_tui.runtime import Runtime
    from ttr_tui.store.directory_copy import DirectoryCopy

ORDER_PATIENCE = 300.0
"""Seconds; a million users are put in order in a minute or two."""

ORDER_PAUSE = 0.05
MANY = 10_000


async def read_directory(
    runtime: Runtime, out: Output, company: Company, *, whole: bool = False
) -> TtrError | None:
    """Invoke the Company Master's token, then poll; return why Microsoft did not accept it.

    What changed is read, or everybody: when there is no other way, or `whole` asks for it.
    Raises SettingsFaulty, and what the poll raises; what was read until then is kept.
    """
    from ttr_tui.flows import polling  # noqa: PLC0415 - only these commands need it

    opened = await polling.open_bulk_add(runtime.access, company)
    if isinstance(opened.problem, SettingsFaulty):
        raise opened.problem
    if opened.problem is not None:
        return opened.problem
    out.say("Microsoft accepted the Company Master.")
    done = await polling.poll(
        runtime.access, company, lambda progress: out.pace(_reading(progress)), whole=whole
    )
    changed = done.how is polling.Reading.CHANGES
    out.say(f"Read {'what changed: ' if changed else ''}{plural(done.read, 'user')}.")
    return None


async def in_order(out: Output, copy: DirectoryCopy) -> None:
    """Wait until users who have just been read stand in name order, for as long as that is likely.

    A list that is printed is not put in order afterwards, as one on the screen is.
    """
    told, deadline = False, time.monotonic() + ORDER_PATIENCE
    while (state := await copy.state()).unplaced and state.complete:
        unplaced = plural(state.unplaced, "user")
        if time.monotonic() > deadline:
            out.say(f"{unplaced} stand at the end, in no order yet.")
            return
        if not told and state.unplaced > MANY:
            out.say(f"Putting {unplaced} in order.")
            told = True
        await copy.first(Query(), 1)
        await asyncio.sleep(ORDER_PAUSE)


async def search_agents_too(runtime: Runtime, company: Company, query: Query | None) -> None:
    """Tell the local copy who is an agent, where a query asks for it."""
    if query is not None and query.asks_agents:
        copy = await runtime.store.directory(company)
        await copy.set_agents(await runtime.store.agents.object_ids(company.id))


def _reading(progress: PollProgress) -> str:
    from ttr_tui.flows.polling import Reading  # noqa: PLC0415 - only these commands need it

    read = number(progress.read)
    of = f" of {number(progress.expected)}" if progress.expected is not None else " so far"
    what = f"what changed, {read} so far" if progress.how is Reading.CHANGES else f"{read}{of}"
    parts = f" in {progress.parts} parts" if progress.parts > 1 else ""
    rate = f", {number(round(progress.rate))} a second" if progress.rate >= 1 else ""
    return f"Reading {what}{parts}{rate}{waiting(progress.waiting_until)}."


def waiting(until: datetime | None) -> str:
    """Say until when Microsoft asked for a pause, or nothing."""
    if until is None:
        return ""
    return f"; Microsoft asked for a pause until {until.astimezone():%H:%M:%S}"


def hidden_words(hidden: Mapping[UserKind, int]) -> str:
    """Say how many of each kind match and are hidden."""
    counted = [f"{number(count)} {kind.value}" for kind, count in hidden.items() if count]
    return ", ".join(counted)


def age(polled_at: datetime | None, moment: datetime) -> str:
    """Say how old a copy of the directory is."""
    if polled_at is None:
        return "not read to the end yet"
    since = ago(polled_at, moment)
    return f"read {since} ago" if since[-1].isalpha() else f"read {since}"
