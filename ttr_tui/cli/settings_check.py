"""`ttr-tui settings`: every fault at once, with file, line and cure; and what changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ttr_tui.cli.opening import DONE, WRONG_USE, settings_of
from ttr_tui.cli.options import Group, json_option
from ttr_tui.cli.output import Output
from ttr_tui.cli.records import Record, fault_record
from ttr_tui.cli.rotating import rotate_secret
from ttr_tui.text import plural

if TYPE_CHECKING:
    from ttr_tui.settings import Settings


@click.group(name="settings", cls=Group, invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Check the settings and name every fault.

    Exit status 2 when there is a fault; a warning is none. No value of a secret is ever shown.
    """
    if context.invoked_subcommand is not None:
        return
    settings = settings_of(context)
    out = Output(as_json=as_json)
    if out.as_json:
        out.record(_record(settings))
    else:
        _print(settings, out)
    faults = [fault for fault in settings.faults if fault.severity == "fault"]
    context.exit(WRONG_USE if faults else DONE)


command.add_command(rotate_secret)


def _print(settings: Settings, out: Output) -> None:
    for fault in settings.faults:
        out.line(f"{fault.severity}: {fault.sentence()}")
    faults = [fault for fault in settings.faults if fault.severity == "fault"]
    if not faults:
        pairs = [(name, value) for name, value in _places(settings).items() if value]
        out.facts([(name.replace("_", " "), str(value)) for name, value in pairs])
    where = f"the process environment and {settings.looked_for}"
    out.say(f"{plural(len(faults), 'fault').capitalize()} in {where}.")


def _places(settings: Settings) -> Record:
    return {
        "env_file": str(settings.env_file) if settings.env_file else None,
        "hosting": settings.hosting.value,
        "authority_host": settings.authority_host,
        "graph_base_url": settings.graph_base_url,
        "not_microsoft": settings.not_microsoft,
        "ca_file": str(settings.ca_file) if settings.ca_file else None,
        "listen": f"{settings.listen[0]}:{settings.listen[1]}",
        "data_dir": str(settings.data_dir),
        "key_file": str(settings.key_file),
        "log_file": str(settings.log_file),
    }


def _record(settings: Settings) -> Record:
    return {
        "faults": [fault_record(fault) for fault in settings.faults],
        "redirects": {purpose.value: url for purpose, url in settings.redirects.items()},
        **_places(settings),
    }
