"""`ttr-tui serve`: the callback server without a screen, for as long as the machine runs."""

from __future__ import annotations

import os
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import click

from ttr_tui.cli.ending import STOPPING
from ttr_tui.cli.opening import run_logged, settings_of
from ttr_tui.cli.output import Output
from ttr_tui.errors import TtrError

if TYPE_CHECKING:
    import socket

    from ttr_tui.runtime import Runtime
    from ttr_tui.settings import Settings
    from ttr_tui.works import Work


@click.command(name="serve")
@click.pass_context
def command(context: click.Context) -> None:
    """Answer on the redirect URLs, without a screen.

    Runs until SIGTERM or ctrl+c ends it, with exit status 0. The full screen and the other
    commands use it instead of listening themselves; while one of those listens already, this
    takes over when it ends. Carries on what an earlier process left: deletions and bulk-add
    runs. Keeps every stored sign-in alive, and tells the hook of each change of state
    (docs/health.md).

    A socket that a service manager hands over is served (docs/deployment.md).
    """
    from ttr_tui.callback.inherited import inherited_socket  # noqa: PLC0415 - help needs none of it
    from ttr_tui.process import harden_process  # noqa: PLC0415 - as above

    harden_process()
    out, settings = Output(as_json=False), settings_of(context)
    try:
        settings.require_microsoft()
        inherited = inherited_socket(os.environ, settings.listen)
    except TtrError as problem:
        context.exit(out.refuse(problem))
    context.exit(run_logged(settings, out, lambda: run(settings, out, inherited), STOPPING))


async def run(settings: Settings, out: Output, inherited: socket.socket | None) -> int:
    """Serve until cancelled, telling on stderr who listens.

    Raises ListenFailed for a stranger's port, and StoreError kinds: StoreKeyWrong when the store
    was moved to a key that this process cannot have.
    """
    from ttr_tui.process import leave_imports_alone, who_is_here  # noqa: PLC0415 - as above
    from ttr_tui.runtime import open_runtime  # noqa: PLC0415 - as above

    leave_imports_alone()
    if settings.not_microsoft:
        out.say(f"not Microsoft: {settings.not_microsoft}")
    with ExitStack() as closing:
        if inherited is not None:
            closing.enter_context(inherited)
        actor = who_is_here(os.environ)
        async with open_runtime(settings, actor, inherited=inherited) as runtime:
            runtime.listening.require()
            runtime.listening.on_change = partial(_tell_who_listens, runtime, out)
            runtime.works.on_change = partial(_tell_problem, out)
            _tell_who_listens(runtime, out)
            await runtime.resume()
            await runtime.store.keep_following()


def _tell_who_listens(runtime: Runtime, out: Output) -> None:
    taken = "" if runtime.listening.listens else " This one takes over when it ends."
    out.say(f"{runtime.listening.served.sentence}.{taken}")


def _tell_problem(out: Output, work: Work) -> None:
    """Tell what ended work that nobody looks at here; its progress is other programs' to show."""
    if work.problem is not None and not work.running:
        out.say(f"{work.kind.value.capitalize()}: {work.problem.sentence()}")
