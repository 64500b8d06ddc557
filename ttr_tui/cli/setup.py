"""`ttr-tui setup`: from no registration to an env file, in the guide's seven steps."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from ttr_tui.cli.asking import read_line, require_somebody
from ttr_tui.cli.opening import DONE, FAILED, settings_of
from ttr_tui.cli.options import json_option
from ttr_tui.cli.output import Output
from ttr_tui.cli.records import error_record
from ttr_tui.cli.secret_input import SECRET_FILE, Day
from ttr_tui.errors import TtrError, WrongUse

if TYPE_CHECKING:
    from ttr_tui.cli.setup_printing import Guide
    from ttr_tui.cli.setup_writing import Answers

_PORTAL = "The portal's URL, such as https://portal.example.com: "


class Choices(TypedDict):
    """What the options say of the installation."""

    portal_url: str
    hosting: str
    cloud: str
    as_in_guide: bool


class Given(TypedDict):
    """What the options answer before it is asked."""

    client_id: str
    file: str
    ends: date | None


class Options(Choices, Given):
    """All of them."""


@click.command(name="setup")
@click.option("--portal-url", metavar="URL", default="", help="Scheme and host of the portal.")
@click.option(
    "--hosting",
    type=click.Choice(["self", "saas"]),
    default="self",
    show_default=True,
    help="A customer's own registration for one tenant, or one for many.",
)
@click.option(
    "--cloud",
    type=click.Choice(["global", "usgov", "dod", "china"]),
    default="global",
    show_default=True,
    help="The Microsoft cloud the tenant is in.",
)
@click.option("--as-in-guide", is_flag=True, help="Tick the boxes for access and ID tokens.")
@click.option("--client-id", metavar="ID", default="", help="The Application (client) ID.")
@click.option("--secret-file", "file", metavar="FILE", default="", help=SECRET_FILE)
@click.option("--secret-ends", "ends", type=Day(), help="The client secret's last day.")
@click.option("--write", "target", type=click.Path(path_type=Path), help="The env file to write.")
@click.option("--print", "print_only", is_flag=True, help="Print the guide and write nothing.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    target: Path | None,
    print_only: bool,
    as_json: bool,
    **options: Unpack[Options],
) -> None:
    """Walk through the set-up and write the env file.

    For whoever has no app registration yet: the redirect URLs, the permissions and what each is
    for, the manifest, and the same as commands. The env file is written anew (0600) and never over
    another; --env-file, TTR_ENV_FILE or --write say where. The secret is never shown.
    """
    from ttr_tui.process import harden_process  # noqa: PLC0415 - help needs none

    harden_process()
    out = Output(as_json=as_json)
    path = (target or settings_of(context).looked_for).absolute()
    try:
        context.exit(_set_up(out, path, options, print_only=print_only))
    except WrongUse as wrong:
        raise click.UsageError(wrong.sentence()) from wrong
    except TtrError as problem:
        context.exit(out.refuse(problem))


def _set_up(out: Output, path: Path, options: Options, *, print_only: bool) -> int:
    from ttr_tui.cli.setup_printing import document, print_sections  # noqa: PLC0415 - as above
    from ttr_tui.cli.setup_writing import Answers, write  # noqa: PLC0415 - as above

    options["client_id"] = _client_id(options["client_id"].strip())
    _require_ahead(options["ends"])
    answers = Answers.of(_portal(options["portal_url"]), options)
    taken = os.path.lexists(path)
    guide = document(answers, path)
    walks = not (print_only or taken or _answered(answers))
    print_sections(out, guide, walks=walks)
    if print_only:
        if out.as_json:
            out.record(guide.record())
        return DONE
    if taken:
        return _refuse_over(out, path, guide)
    written = write(out, path, answers)
    if out.as_json:
        out.record(guide.record() | written.record())
    return written.status


def _answered(answers: Answers) -> bool:
    return bool(answers.client_id and answers.file)


def _portal(given: str) -> str:
    """Return the portal's URL; one that was given must be right, one that is typed is asked again.

    Raises WrongUse and NotConfirmed.
    """
    from ttr_tui.settings.portal import portal_faults  # noqa: PLC0415 - help needs none

    if given:
        faults = portal_faults(given.strip())
        if faults:
            said = " ".join(f"It {problem}. {cure}" for problem, cure in faults)
            raise WrongUse("--portal-url cannot be used.", means=said)
        return given.strip()
    require_somebody("The portal's URL is not given.", "Give --portal-url.", answered=False)
    while True:
        typed = read_line(_PORTAL)
        faults = portal_faults(typed)
        if not faults:
            return typed
        for problem, cure in faults:
            click.echo(f"It {problem}. {cure}", err=True)


def _client_id(given: str) -> str:
    """Return a client id that was given; raise WrongUse when it is none."""
    from ttr_tui.settings.registration import client_id_faults  # noqa: PLC0415 - help needs none

    for problem, cure in client_id_faults(given) if given else ():
        raise WrongUse(f"--client-id {problem}.", cure=cure)
    return given


def _require_ahead(ends: date | None) -> None:
    """Raise WrongUse for a last day that is over: no secret works after it."""
    from ttr_tui.model import now  # noqa: PLC0415 - help needs none

    if ends is not None and ends < now().date():
        raise WrongUse(f"--secret-ends {ends} is over.", cure="Name a day that is to come.")


def _refuse_over(out: Output, path: Path, guide: Guide) -> int:
    from ttr_tui.settings.writing import already_there  # noqa: PLC0415 - as above

    problem = already_there(path)
    out.tell(problem)
    if out.as_json:
        out.record(guide.record() | {"written": False, "error": error_record(problem)})
    return FAILED
