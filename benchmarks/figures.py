"""A figure: what was measured, what it is compared with, and what it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be at most: its own median, or its ratio to the base."""

    of: Literal["value", "ratio"]
    most: float


def at_most(most: float) -> Target:
    """Return a target for the figure itself, in its own unit."""
    return Target("value", most)


def ratio_at_most(most: float) -> Target:
    """Return a target for the ratio to the base."""
    return Target("ratio", most)


@dataclass(frozen=True, slots=True)
class Beside:
    """The floor or peer a figure is compared with: its name, and its values in the same unit.

    `paired` values were measured in turn with the figure's own, round by round.
    """

    name: str
    values: Sequence[float]
    paired: bool = False


@dataclass(frozen=True)
class Figure:
    """Values of several rounds, those of the floor or peer, and the target.

    `load` is the machine's load average (one minute) before the first round; `note` says what a
    reader has to know.
    """

    group: str
    name: str
    unit: str
    values: Sequence[float]
    beside: Beside | None = None
    target: Target | None = None
    note: str = ""
    load: float = 0.0

    @property
    def ratios(self) -> list[float]:
        """Ratios to what stands beside: pair by pair, or to its median."""
        base = self.beside.values if self.beside else ()
        if self.beside is not None and self.beside.paired and min(base) > 0:
            return [one / other for one, other in zip(self.values, base, strict=True)]
        return [one / median(base) for one in self.values] if base and median(base) > 0 else []

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one, or without the base it speaks of."""
        if self.target is None:
            return None
        measured = self.values if self.target.of == "value" else self.ratios
        return median(measured) <= self.target.most if measured else None

    def record(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        return {
            **asdict(self),
            "median": median(self.values),
            "beside_median": median(self.beside.values) if self.beside else None,
            "ratio": median(self.ratios) if self.ratios else None,
            "ratios": self.ratios,
            "met": self.met,
        }


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` (0 to 1) of all values do not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]
