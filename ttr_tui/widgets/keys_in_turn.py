"""An app that acts on a key before it looks at the next one.

Textual hands keys from widget to widget through queues, so that a key typed ahead may act where the
focus was before: text for a field would be commands for a list.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from ttr_tui.widgets.drawing import SparingApp
from ttr_tui.widgets.takes_keys import TakesKeys

if TYPE_CHECKING:
    from textual.events import Key
    from textual.widget import Widget

MOVING_KEYS = frozenset({"down", "up", "j", "k", "pagedown", "pageup", "ctrl+d", "ctrl+u"})
"""Keys whose messages nothing typed behind them depends on; they are held down."""

SETTLE_SECONDS = 0.25

STANDING_SECONDS = 5.0
"""So long keys that were typed ahead wait for a screen that takes them."""


LEAVE_KEYS = frozenset({"q", "ctrl+c"})
"""Keys that are never held back."""


class KeysInTurn(SparingApp, inherit_bindings=False):
    """`take_key` acts on one key; what is typed before the first list stands waits for it."""

    _held: list[Key] | None = None

    @property
    def holds_keys(self) -> bool:
        """Whether keys wait for a screen that takes them."""
        return self._held is not None

    def hold_back(self) -> None:
        """Let keys wait from now on."""
        self._held = []

    def holds_back(self, event: Key) -> bool:
        """Keep a key if keys are to wait; tell whether it was kept."""
        if self._held is None or event.key in LEAVE_KEYS:
            return False
        self._held.append(event)
        return True

    def hand_over(self) -> None:
        """Once what is being loaded stands, let the keys that waited act as if typed now."""
        self._wait_to_hand_over(monotonic() + STANDING_SECONDS)

    def _wait_to_hand_over(self, at_last: float) -> None:
        loader = getattr(self.screen, "loader", None)
        loaded = loader is not None and loader.is_finished
        stands = loaded and (self.focused is not None or not self.screen.focus_chain)
        if stands or monotonic() > at_last:
            # Whoever asked for the focus while it was mounted has it after the next refresh.
            self.call_after_refresh(self._hand_over)
        else:
            self.set_timer(0.02, partial(self._wait_to_hand_over, at_last))

    def _hand_over(self) -> None:
        held, self._held = self._held or [], None
        for key in held:
            self.post_message(key)

    async def take_key(self, event: Key) -> None:
        """Act on a key; return when what it led to has happened."""
        if await self._check_bindings(event.key, priority=True):
            return
        focused = self.focused
        if isinstance(focused, TakesKeys) and focused.take_key(event):
            if event.key == "enter":
                await self._settle(focused)
            return
        await self._check_bindings(event.key)
        if focused is not None and event.key not in MOVING_KEYS:
            await self._settle(focused)

    async def _settle(self, widget: Widget) -> None:
        """Wait until what a key made `widget` say has reached its screen and was acted on.

        A message is handed up from parent to parent, and a parent may answer with one of its own:
        each is asked twice. Nobody waits longer than a moment for a screen that takes its time.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                for node in widget.ancestors_with_self:
                    if node is self:
                        return
                    for _ in range(2):
                        done = asyncio.Event()
                        if not node.call_later(done.set):
                            break
                        await done.wait()
