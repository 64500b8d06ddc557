"""How large and how often: whole, quick, and so small that it only shows that all of it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the groups measure with.

    `users` is the large directory, `batch` how many agents are added, `slow_users` how many
    msgraph-sdk reads (it takes 9 ms for each), `rounds` and `starts` how often something is
    measured, `latencies` are seconds a page, `keys` how often a key is pressed, `seconds` how long
    one probe or one look at an idle screen lasts, and `pace` shortens the silence after which a
    screen is held to be drawn.
    """

    name: str
    users: int
    million: int
    batch: int
    slow_users: int
    changes: int
    rounds: int
    starts: int
    latencies: tuple[float, ...]
    keys: int
    seconds: float
    pace: float = 1.0


WHOLE = Sizes("whole", 100_000, 1_000_000, 10_000, 10_000, 100, 5, 11, (0.0, 0.05, 0.3), 30, 10.0)
QUICK = Sizes("quick", 20_000, 200_000, 2_000, 1_000, 100, 5, 5, (0.0, 0.05), 15, 3.0)
TINY = Sizes("tiny", 1_200, 3_000, 40, 20, 3, 1, 1, (0.0,), 3, 0.2, 0.2)

ALL = {sizes.name: sizes for sizes in (WHOLE, QUICK, TINY)}
