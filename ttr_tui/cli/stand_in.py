"""`ttr-tui sandbox`: the tenant in small alone, and the settings that point at it."""

from __future__ import annotations

import asyncio
import shlex

import click

from ttr_tui.cli.ending import run_to_end
from ttr_tui.cli.options import hosting_option, json_option, users_option
from ttr_tui.cli.output import Output


@click.command(name="sandbox")
@users_option
@hosting_option
@click.option(
    "--callback-port",
    type=click.IntRange(1, 65_535),
    default=8400,
    show_default=True,
    help="The port ttr-tui will listen on.",
)
@json_option
@click.pass_context
def command(
    context: click.Context, users: int, hosting: str, callback_port: int, as_json: bool
) -> None:
    """Run a Microsoft 365 tenant in small.

    Runs until it is interrupted. Prints the settings that point ttr-tui at it, as lines of an env
    file. Everything in it is made up, and forgotten at the end; the client secret it prints opens
    nothing but itself.
    """
    out = Output(as_json=as_json)

    async def work() -> int:
        from ttr_tui.demo import make_sandbox  # noqa: PLC0415 - the sandbox takes 300 ms

        async with make_sandbox(users, hosting) as sandbox:
            settings = sandbox.settings(callback_port)
            tenants = [
                {"name": tenant.name, "domain": tenant.domain, "tenant_id": tenant.id}
                for tenant in sandbox.tenants
            ]
            if out.as_json:
                out.record({"settings": settings, "tenants": tenants})
            else:
                for name, value in settings.items():
                    out.line(f"{name}={shlex.quote(value)}")
            for tenant in tenants:
                out.say(f"{tenant['name']} is at {tenant['domain']}.")
            out.say("The sandbox runs until you press ctrl+c.")
            await asyncio.Event().wait()
        return 0

    context.exit(run_to_end(work))
