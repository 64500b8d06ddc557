"""Rows of bulk-add runs and of their users as the values the other layers know."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ttr_tui.model import Outcome, Run, RunItem
from ttr_tui.store.database import Row
from ttr_tui.store.times import from_micros, maybe_moment


def read_run(row: Row) -> Run:
    """Return the run of a whole row of the table."""
    return Run(
        id=row["id"],
        company_id=row["company_id"],
        parent_id=row["parent_id"],
        started_at=from_micros(row["started_at"]),
        started_by=row["started_by"],
        ended_at=maybe_moment(row["ended_at"]),
        stopped=bool(row["stopped"]),
        counts=counts_of(row),
    )


def counts_of(row: Row) -> dict[Outcome, int]:
    """Return how many users of a run have which outcome."""
    return {Outcome(one): count for one, count in json.loads(row["counts"]).items()}


def stretches(places: Sequence[int]) -> list[list[int]]:
    """Return first and last of places that follow each other."""
    found: list[list[int]] = []
    for place in sorted(places):
        if found and found[-1][1] == place - 1:
            found[-1][1] = place
        else:
            found.append([place, place])
    return found


def read_item(row: Row) -> RunItem:
    """Return the user of a whole row of the items."""
    return RunItem(
        row["object_id"],
        row["name"],
        row["address"],
        Outcome(row["outcome"]),
        row["reason"],
        row["position"],
    )
