"""An ended run as its screen holds it: who was not added, in order, narrowed and selected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.model import Outcome, Run, RunItem
from ttr_tui.screens.bulk_add_reasons import ORDER, REASONS, SHORT, means, who_can_act
from ttr_tui.screens.keys import KeyHint
from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.lines import Line, join, state
from ttr_tui.widgets.paragraphs import LABEL_WIDTH, paragraph
from ttr_tui.widgets.row_windows import Row

if TYPE_CHECKING:
    from ttr_tui.model import Company

COLUMNS = (
    Column("Outcome", 14, Cut.NEVER),
    Column("Name", 23, Cut.NAME, grow=1),
    Column("Address", 38, Cut.ADDRESS, grow=1, gap=0),
)
RETRIED = (Outcome.BLOCKED, Outcome.FAILED, Outcome.NO_MAILBOX)
"""Outcomes after which a user can be selected for another try."""

_COUNTED = (
    (Outcome.ADDED, "✓", "added"),
    (Outcome.ALREADY, "-", "already"),
    (Outcome.NO_MAILBOX, "✗", "no mailbox"),
    (Outcome.BLOCKED, "✗", "blocked"),
    (Outcome.FAILED, "✗", "failed"),
    (Outcome.WAITING, "»", "waiting"),
)


class Ended:
    """The run's counts, and who was not added: `shown` are those the search matches."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.known = False
        self.shown: Sequence[RunItem] = ()
        self.selected: set[str] = set()
        self._items: Sequence[RunItem] = ()
        self._folded: Sequence[str] = ()

    @property
    def total(self) -> int:
        """How many users the run has."""
        return sum(self.run.counts.values())

    def count(self, outcome: Outcome) -> int:
        """Return how many users have an outcome."""
        return self.run.counts.get(outcome, 0)

    def know(self, items: Sequence[RunItem]) -> None:
        """Take who was not added; sorted by outcome, then by name."""
        places = {outcome: place for place, outcome in enumerate(ORDER)}
        keyed = sorted(
            (places.get(item.outcome, len(ORDER)), text.fold(item.name), place)
            for place, item in enumerate(items)
        )
        self._items = self.shown = [items[place] for _, _, place in keyed]
        self._folded = [text.fold(f"{item.name}\n{item.address}") for item in self._items]
        self.known = True

    def narrow(self, search: str) -> None:
        """Show those in whose name or address every word of `search` stands."""
        words = text.fold(search).split()
        self.shown = [
            item
            for item, folded in zip(self._items, self._folded, strict=True)
            if all(word in folded for word in words)
        ]

    def toggle(self, index: int) -> None:
        """Select the user in a row, or no longer."""
        item = self.shown[index]
        if item.outcome in RETRIED:
            self.selected ^= {item.object_id}

    def select(self, first: int, last: int) -> None:
        """Select the users in rows `first` to `last`, both included."""
        self.selected |= _ids(self.shown[first : last + 1])

    def select_all(self, which: str) -> None:
        """Select `all` who are shown, `invert` among them, or select none."""
        if which == "all":
            self.selected |= _ids(self.shown)
        elif which == "invert":
            self.selected ^= _ids(self.shown)
        else:
            self.selected.clear()

    def retries(self) -> str:
        """Return what another try would take up: `3 failed`; empty when there is nothing."""
        waiting = text.number(self.count(Outcome.WAITING)) if self.count(Outcome.WAITING) else ""
        again, kind = len(self.selected), "selected"
        if not again:
            again, kind = self.count(Outcome.FAILED), "failed"
        if again and waiting:
            return f"retry {text.number(again)}, go on with {waiting}"
        if again:
            return f"retry {text.number(again)} {kind}"
        return f"go on with {waiting}" if waiting else ""

    def counts_line(self) -> Line:
        """Return the outcomes with their counts, those that did not occur left out."""
        parts: list[Line] = []
        for outcome, shape, words in _COUNTED:
            count = self.count(outcome)
            told = f"{text.number(count)} {words}"
            if outcome is Outcome.ALREADY:
                told = f"{text.plural(count, 'agent')} already"
            if count or outcome is Outcome.ADDED:
                parts.extend((" " if not parts else "   ", state(f"{shape} {told}")))
        return join(*parts)

    def status(self) -> str:
        """Return row 23, left."""
        already, waiting = self.count(Outcome.ALREADY), self.count(Outcome.WAITING)
        left = self.total - self.count(Outcome.ADDED)
        reasons = left - already - waiting
        parts = []
        if already:
            parts.append(f"{text.plural(already, 'agent')} already")
        if reasons:
            parts.append(f"{text.number(reasons)} with a reason")
        if waiting:
            parts.append(f"{text.number(waiting)} not asked")
        chosen = f"{text.number(len(self.selected))} selected; " if self.selected else ""
        told = f": {', '.join(parts)}" if parts else ""
        return f"{chosen}{text.number(left)} not added{told}"

    def empty_sentence(self, search: str) -> str:
        """Return what stands in a list without rows."""
        if search.strip():
            return f'Nobody who was not added matches "{text.clean(search, 40)}".'
        if not self.known:
            return "The outcomes are being read."
        return f"All {text.plural(self.total, 'user')} became agents. 3 shows them."


def title(run: Run, company: Company) -> str:
    """Return row 4, left."""
    added = text.number(run.counts.get(Outcome.ADDED, 0))
    total = text.plural(sum(run.counts.values()), "agent")
    return f"Added {added} of {total} to {text.clean(company.name)}"


def took(run: Run) -> str:
    """Return row 4, right: from when to when, and how long."""
    began = text.stamp(run.started_at)
    if run.ended_at is None:
        return f"since {began}"
    ended = text.stamp(run.ended_at)
    until = ended[11:] if ended[:10] == began[:10] else ended
    lasted = text.span(max(1.0, (run.ended_at - run.started_at).total_seconds()))
    stopped = "stopped, " if run.stopped else ""
    when = began if ended == began else f"{began} to {until}"
    return f"{stopped}{when}, {lasted}"


def row_of(item: RunItem) -> Row:
    """Return the row of one user."""
    short = state(SHORT.get(item.outcome, str(item.outcome)))
    return Row(
        (short, item.name, item.address),
        key=item.object_id,
        selectable=item.outcome in RETRIED,
    )


def facts(item: RunItem, company: Company) -> list[Line]:
    """Return the rows below the list: what one user's outcome means, who can act, what to do."""
    reason = REASONS[item.outcome]
    name = text.cut_middle(text.clean(item.name), LABEL_WIDTH - 1)
    return [
        join(" ", name, " " * (LABEL_WIDTH - text.cells(name)), state(reason.words)),
        *paragraph("What it means", means(item)),
        *paragraph("Who can act", who_can_act(item.outcome, company)),
        *paragraph("What to do", reason.do),
    ]


def hints(ended: Ended, item: RunItem | None) -> tuple[KeyHint, ...]:
    """Return row 24."""
    retry = ended.retries()
    return (
        *((KeyHint("r", retry),) if retry else ()),
        *((KeyHint("c", "copy message"),) if item is not None and has_message(item) else ()),
        KeyHint("e", "export CSV"),
        *((KeyHint("/", "search"), KeyHint("space", "select", rank=1)) if ended.shown else ()),
        KeyHint("esc", "back"),
    )


def has_message(item: RunItem) -> bool:
    """Tell whether there is somebody to send a message to."""
    return item.outcome in RETRIED


def _ids(items: Sequence[RunItem]) -> set[str]:
    return {item.object_id for item in items if item.outcome in RETRIED}
