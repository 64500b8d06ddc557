"""The search box of O365 Agent Bulk Add: words in the field, finished filters behind it as chips.

A filter is finished by a space, by `right`, which takes what is offered, or by leaving the field;
`backspace` at the start of the field takes the last chip back into it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.events import DescendantBlur

from ttr_tui import text
from ttr_tui.query import FILTERS, completions, filter_name, last_word, spelled_out, taken_apart
from ttr_tui.text import fold
from ttr_tui.widgets.completing import CompletingField, Completion
from ttr_tui.widgets.field import Field
from ttr_tui.widgets.lines import both_ends, cells
from ttr_tui.widgets.prompt import Prompt

AT, WIDTH, WIDE, BESIDE_CHIPS = 9, 36, 50, 26
WIDE_FROM = 100

OFFERED_FROM = 2
"""Letters of a filter's name before it is offered: a name that begins alike is typed in peace."""

LEAST_CHIP, LONGEST_CHIP = 12, 30
PLACEHOLDER = "name, address, department or title"


class SearchBox(Prompt):
    """The box; `value` is all that is searched for, `count` what stands at the right.

    `told` is called for each change before it is drawn.
    """

    def __init__(self, told: Callable[[], None] = lambda: None) -> None:
        super().__init__(
            "Search",
            width=WIDTH,
            at=AT,
            placeholder=PLACEHOLDER,
            id="search",
        )
        self._chips: list[str] = []
        self._values: dict[str, dict[str, None]] = {}
        self._count = ""
        self._row = 80
        self._completing.told = told

    def make_field(self, width: int, placeholder: str) -> Field:
        """Return a field that offers how filters go on, and gives them up when they are done."""
        self._completing = CompletingField(width, placeholder)
        self._completing.complete = self._completion
        self._completing.condense = self._condense
        self._completing.give_back = self._give_back
        self._completing.forget = self._forget
        return self._completing

    @property
    def value(self) -> str:
        """Chips, filters that are still typed, then words; setting it leaves no chip."""
        filters, rest = taken_apart(f"{self._field.value} ")
        return " ".join((*self._chips, *map(spelled_out, filters), *rest.split())).strip()

    @value.setter
    def value(self, value: str) -> None:
        self._chips.clear()
        self._field.value = value
        self._show()

    @property
    def chips(self) -> Sequence[str]:
        """The filters that stand behind the field."""
        return tuple(self._chips)

    @property
    def count(self) -> str:
        """How many match, at the right end of the row."""
        return self._count

    @count.setter
    def count(self, count: str) -> None:
        self._count = count
        self._show()

    def fit(self, width: int) -> None:
        """Take a row of so many cells."""
        self._row = width
        self._show()

    @property
    def unknown(self) -> tuple[str, str] | None:
        """The filter whose values are not known and how the typed one begins, or None."""
        name, value = last_word(self._field.value)
        called = filter_name(name) if name else ""
        if not called or FILTERS[called] or not value:
            return None
        return None if completions(self._field.value, self._known) else (called, value)

    def learn(self, name: str, values: Sequence[str]) -> None:
        """Take note of values that a filter may have, and offer one if it fits."""
        known = self._values.setdefault(name, {})
        before = len(known)
        known.update(dict.fromkeys(values))
        if len(known) != before:
            self._completing.offer()

    def on_descendant_blur(self, event: DescendantBlur) -> None:  # noqa: ARG002 - only that it came
        """Whatever was typed last is finished."""
        self._completing.finish()
        self._completing.offer()

    # What the field asks

    def _completion(self, typed: str) -> Completion | None:
        name, value = last_word(typed)
        if not name and len(value) < OFFERED_FROM:
            return None
        found = completions(typed, self._known)
        rest = _rest(found[0], name, value) if found else ""
        if not rest:
            return None
        begins = len(typed) - len(value) - (len(name) + 1 if name else 0)
        begins -= name != "" and typed[: len(typed) - len(value)].endswith('"')
        return Completion(rest, typed[:begins] + found[0] + (" " if name else ""))

    def _condense(self, typed: str) -> str:
        filters, left = taken_apart(typed)
        if filters:
            self._chips += [one for one in map(spelled_out, filters) if one not in self._chips]
            self._show()
        return left

    def _give_back(self) -> str:
        given = self._chips.pop() if self._chips else ""
        self._show()
        return given

    def _forget(self) -> bool:
        had = bool(self._chips)
        self._chips.clear()
        self._show()
        return had

    def _known(self, name: str) -> Sequence[str]:
        return sorted(self._values.get(name, ()), key=lambda value: (len(value), value))

    # Drawing

    def _show(self) -> None:
        width = WIDE if self._row >= WIDE_FROM else BESIDE_CHIPS if self._chips else WIDTH
        if width != self.width:
            self.width = width
            self._completing.placeholder = "" if self._chips else PLACEHOLDER
        room = self._row - AT - width - 1
        count = f"{self._count} " if self._count else ""
        chips = chips_in(self._chips, room - cells(count) - 2)
        note = both_ends(f" {chips}" if chips else "", count, room) if chips or count else ""
        if note != self.note:
            self.note = note


def chips_in(filters: Sequence[str], room: int) -> str:
    """Return the filters as chips, as many as fit into `room` cells; the rest is counted: `+2`."""
    longest = min(LONGEST_CHIP, room - 2 - (3 if len(filters) > 1 else 0))
    plain = [text.clean(one.replace('"', "")) for one in filters]
    chips = [f"[{text.cut_right(one, longest)}]" for one in plain] if longest >= LEAST_CHIP else []
    shown: list[str] = []
    for chip in chips:
        more = len(chips) - len(shown) - 1
        needed = text.cells(" ".join((*shown, chip, f"+{more}" if more else ""))) - (not more)
        if needed <= room:
            shown.append(chip)
    left = len(filters) - len(shown)
    words = " ".join((*shown, *([f"+{left}"] if left else ())))
    return words if text.cells(words) <= room else ""


def _rest(whole: str, name: str, value: str) -> str:
    """Return what of a completed word is not typed yet; in any case and with any accents."""
    whole = whole[len(name) + 1 :].strip('"') if name else whole
    wanted = len(fold(value))
    for at in range(len(whole) + 1):
        if len(fold(whole[:at])) >= wanted:
            return whole[at:]
    return ""
