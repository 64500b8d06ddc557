"""Open what a command works with, run it, and turn how it ends into an exit status."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ttr_tui.cli.ending import run_to_end
from ttr_tui.cli.output import Output
from ttr_tui.errors import TtrError

if TYPE_CHECKING:
    from ttr_tui.runtime import Runtime
    from ttr_tui.settings import Settings

DONE = 0
FAILED = 1
WRONG_USE = 2

ERASING_PATIENCE = 2.0
"""Seconds a command waits at its end for a resumed deletion; the next one goes on with it."""

Work = Callable[["Runtime", Output], Awaitable[int]]
"""A command's own part: it prints, and returns the exit status."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What stands before the command's name."""

    env_file: Path | None = None


def settings_of(context: click.Context) -> Settings:
    """Read the settings this invocation names; never raises for what is wrong with them."""
    from ttr_tui.settings import read_settings  # noqa: PLC0415 - a start that needs none is fast

    invocation = context.find_object(Invocation) or Invocation()
    return read_settings(os.environ, invocation.env_file)


def carry_out(
    context: click.Context,
    work: Work,
    *,
    as_json: bool,
    serve: bool = False,
    printer: type[Output] = Output,
) -> None:
    """Open store, Microsoft and, with `serve`, the callback server; run `work`; exit as it says.

    An error with a sentence becomes that sentence and exit status 1, faulty settings 2, unless the
    `printer` has it otherwise.
    """
    from ttr_tui.process import harden_process  # noqa: PLC0415 - as above

    harden_process()
    out = printer(as_json=as_json)
    settings = settings_of(context)
    context.exit(run_logged(settings, out, lambda: _opened(settings, work, out, serve=serve)))


def carry_out_closed(
    context: click.Context, work: Callable[[Settings, Output], Awaitable[int]], *, as_json: bool
) -> None:
    """Run `work` with the store left closed, for what is done to it as a whole; exit as it says."""
    from ttr_tui.process import harden_process  # noqa: PLC0415 - as above

    harden_process()
    out = Output(as_json=as_json)
    settings = settings_of(context)
    context.exit(run_logged(settings, out, lambda: work(settings, out)))


def run_logged(
    settings: Settings,
    out: Output,
    work: Callable[[], Awaitable[int]],
    planned: Collection[signal.Signals] = (),
) -> int:
    """Run `work` to its end with the log open; return the exit status (`planned`: `run_to_end`).

    What has a sentence is told: status 1, or 2 for settings that keep the store shut.
    """
    from ttr_tui.logs import start_log  # noqa: PLC0415 - a start that needs none is fast

    try:
        settings.require_store()
        hidden = [settings.registration.client_secret] if settings.registration else []
        end_log = start_log(settings.log_file, hidden)
        try:
            return run_to_end(work, planned)
        finally:
            end_log()
    except TtrError as problem:
        return out.refuse(problem)


async def _opened(settings: Settings, work: Work, out: Output, *, serve: bool) -> int:
    from ttr_tui.process import who_is_here  # noqa: PLC0415 - as above
    from ttr_tui.runtime import open_runtime  # noqa: PLC0415 - as above

    if settings.not_microsoft:
        out.say(f"not Microsoft: {settings.not_microsoft}")
    async with open_runtime(settings, who_is_here(os.environ), serve=serve) as runtime:
        if runtime.store.made:
            out.say(
                f"A store was made in {settings.data_dir}. Its key is {runtime.store.key_id}, in "
                f"{settings.key_file}: back that file up, apart from the data."
            )
        resumed = await _resume_deletions(runtime)
        status = await work(runtime, out)
        if resumed:
            await asyncio.wait(resumed, timeout=ERASING_PATIENCE)
        return status


async def _resume_deletions(runtime: Runtime) -> set[asyncio.Task[None]]:
    """Take up deletions a crash broke off: what was to go must not live on until somebody looks."""
    begun = await runtime.store.revocations.open()
    works = [runtime.erase(planned.company_id, planned.id) for planned in begun]
    return {work.task for work in works if work.task is not None}
