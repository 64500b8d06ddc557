"""`ttr-tui settings rotate-secret`: a new client secret, proven before it takes its place."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from ttr_tui.cli.asking import agree, require_somebody, somebody_is_here
from ttr_tui.cli.opening import DONE, carry_out, settings_of
from ttr_tui.cli.options import json_option, yes_option
from ttr_tui.cli.output import Output
from ttr_tui.cli.secret_input import SECRET_FILE, Day, take_day, take_secret
from ttr_tui.errors import TtrError

if TYPE_CHECKING:
    from ttr_tui.cli.records import Record
    from ttr_tui.flows.secret_rotation import Rotated
    from ttr_tui.model import Secret
    from ttr_tui.runtime import Runtime

_PROMPT = "The new client secret (the column called Value; it is not shown here): "
_ENDS = "Its last day as YYYY-MM-DD, or enter if you do not know it: "
_QUESTION = "Put it in the place of the present one, once Microsoft has accepted it?"


@click.command(name="rotate-secret")
@click.option("--secret-file", "file", metavar="FILE", default="", help=SECRET_FILE)
@click.option("--ends", type=Day(), help="The new secret's last day.")
@click.option(
    "--tenant",
    metavar="DOMAIN",
    default="",
    help="Prove it at this tenant, not at a company's.",
)
@yes_option
@json_option
@click.pass_context
def rotate_secret(
    context: click.Context, file: str, ends: date | None, tenant: str, yes: bool, as_json: bool
) -> None:
    """Prove a new client secret, then put it in place of the present one.

    Microsoft is asked for a token with the new one before anything changes; what is refused changes
    nothing. Programs that run take the new one over from the file.
    """
    from ttr_tui.flows.secret_rotation import require_rotatable  # noqa: PLC0415 - help needs none

    try:
        require_rotatable(settings_of(context))
        require_somebody(_QUESTION, "Give --yes to go on without being asked.", answered=yes)
        secret = take_secret(file, _PROMPT)
        if ends is None and not yes and somebody_is_here():
            ends = take_day(_ENDS)
    except TtrError as problem:
        context.exit(Output(as_json=as_json).refuse(problem))
    carry_out(context, _Rotation(secret, ends, tenant, yes=yes), as_json=as_json)


class _Rotation:
    """The command's own part, once the secret is there."""

    def __init__(self, secret: Secret, ends: date | None, tenant: str, *, yes: bool) -> None:
        self._secret, self._ends, self._tenant, self._yes = secret, ends, tenant, yes

    async def __call__(self, runtime: Runtime, out: Output) -> int:
        from ttr_tui.flows import secret_rotation  # noqa: PLC0415 - only this command needs it

        await agree(out, _QUESTION, yes=self._yes)
        done = await secret_rotation.rotate(
            runtime.access, self._secret, self._ends, tenant=self._tenant
        )
        if out.as_json:
            out.record(_record(done))
        else:
            out.facts(_facts(done))
        for sentence in done.left_to_do:
            out.say(sentence)
        return DONE


def _facts(done: Rotated) -> list[tuple[str, str]]:
    removed = "not known; the former secret's was removed" if done.ends_removed else "not known"
    return [
        ("Proven by", f"{done.proven_by}, tenant {done.tenant_id}"),
        ("Written to", str(done.file)),
        ("Ends", str(done.ends) if done.ends else removed),
    ]


def _record(done: Rotated) -> Record:
    return {
        "rotated": {
            "proven_by": done.proven_by,
            "tenant_id": done.tenant_id,
            "file": str(done.file),
            "ends": done.ends.isoformat() if done.ends else None,
            "ends_removed": done.ends_removed,
            "left_to_do": list(done.left_to_do),
        }
    }
