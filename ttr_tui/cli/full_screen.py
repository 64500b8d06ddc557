"""`ttr-tui` alone: the full screen. What the first frame does not need is imported behind it."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from contextlib import AsyncExitStack
from importlib import import_module
from typing import TYPE_CHECKING

from ttr_tui.cli.ending import run_to_end
from ttr_tui.errors import TtrError
from ttr_tui.process import crash_report, harden_process, leave_imports_alone, who_is_here

if TYPE_CHECKING:
    from pathlib import Path

    from ttr_tui.runtime import Runtime


def has_terminal() -> bool:
    """Tell whether there is a terminal to draw on."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def run_full_screen(env_file: Path | None) -> int:
    """Draw the first frame, open the store behind it; return the exit status.

    Why it cannot be opened is told when the terminal was given back.
    """
    harden_process()
    # Nothing of what is imported goes away again: looking for garbage in it would be a tenth of a
    # start.
    gc.disable()
    try:
        return run_to_end(lambda: _shown(env_file))
    except TtrError as problem:
        from ttr_tui.cli.output import Output  # noqa: PLC0415 - the first frame needs none

        return Output(as_json=False).refuse(problem)


async def _shown(env_file: Path | None) -> int:
    from ttr_tui.app import TtrApp  # noqa: PLC0415 - Textual takes 200 ms

    async with AsyncExitStack() as stack:
        behind = _Behind(env_file, stack)
        app = TtrApp(behind.open, begin=behind.begin)
        await app.run_async(mouse=False)
    if app.refused is not None:
        raise app.refused
    if app.crash is not None:
        sys.stderr.write(crash_report(app.crash) + "\n")
    return app.return_code or 0


class _Behind:
    """What is opened behind the first frame, and closed with `stack`."""

    def __init__(self, env_file: Path | None, stack: AsyncExitStack) -> None:
        self._env_file = env_file
        self._stack = stack
        self._runtime: Runtime | None = None

    async def open(self) -> Runtime:
        """Open log, store and Microsoft. Raises SettingsFaulty and StoreError kinds."""
        # In a thread, so that keys are taken meanwhile.
        for module in ("ttr_tui.runtime", "ttr_tui.logs", "ttr_tui.screens.companies"):
            await asyncio.to_thread(import_module, module)
        from ttr_tui.logs import start_log  # noqa: PLC0415 - see above
        from ttr_tui.runtime import open_runtime  # noqa: PLC0415 - see above
        from ttr_tui.settings import read_settings  # noqa: PLC0415 - see above

        leave_imports_alone()
        gc.enable()
        settings = read_settings(os.environ, self._env_file)
        settings.require_store()
        hidden = [settings.registration.client_secret] if settings.registration else []
        self._stack.callback(start_log(settings.log_file, hidden))
        opening = open_runtime(settings, who_is_here(os.environ), serve=False)
        self._runtime = await self._stack.enter_async_context(opening)
        return self._runtime

    async def begin(self) -> None:
        """Listen for browsers, and take up what an earlier process left."""
        if self._runtime is not None:
            self._stack.push_async_callback(self._runtime.listening.stop)
            await self._runtime.listening.start()
            await self._runtime.resume()
            # What the program consists of is imported by now: see above.
            gc.freeze()
