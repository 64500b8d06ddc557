"""`agents invite` and `agents invitations`: links for many owners, and how each one stands."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from ttr_tui.attempts import INVITATION_DAYS, MOST_DAYS
from ttr_tui.cli.asking import agree
from ttr_tui.cli.choosing import names_of, users_named
from ttr_tui.cli.gathered import gathered_record
from ttr_tui.cli.gathering import choose
from ttr_tui.cli.opening import DONE, FAILED, carry_out
from ttr_tui.cli.options import company_argument, json_option, yes_option
from ttr_tui.cli.records import Record, attempt_record, company_record, user_record
from ttr_tui.cli.wanted import Given, Wanted, choice_options, names_somebody, wanted_of
from ttr_tui.errors import Refused, TtrError
from ttr_tui.text import plural, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.cli.gathering import Gathered
    from ttr_tui.cli.output import Output
    from ttr_tui.flows.invitations import Invited
    from ttr_tui.model import Attempt, Company, DirectoryUser
    from ttr_tui.runtime import Runtime

HEADS = ("Name", "Address", "State", "Good until", "Link")


class Invites(Given):
    """Who is invited, for how long, and where it is written to."""

    missing: bool
    days: int
    csv_file: Path | None
    folder: Path | None
    yes: bool


@click.command(name="invite")
@company_argument
@choice_options
@click.option("--missing", is_flag=True, help="New links for all invited who have not signed in.")
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=INVITATION_DAYS,
    show_default=True,
    help="How long the links are good for.",
)
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), help="Write the table here too."
)
@click.option(
    "--eml",
    "folder",
    type=click.Path(path_type=Path),
    help="Write a draft for each into this new folder, for your own mailer.",
)
@yes_option
@json_option
@click.pass_context
def invite(context: click.Context, company: str, as_json: bool, **given: Unpack[Invites]) -> None:
    """Invite mailboxes' owners: a link each, opened later, in any browser.

    ADDRESS, --from, --group and --filter together say whose. Who was found and who was not is told
    before anything happens; then you are asked.

    Each owner becomes an agent that is not authenticated until they have signed in. A former link
    to the same mailbox leads nowhere any more. Nothing is sent: the links are printed, and written
    to files that are readable by you alone.

    Shared and disabled mailboxes are left out, each with its reason; exit status 1 then, and when
    one of those who were meant was not found.
    """
    if given["missing"] and names_somebody(given):
        raise click.UsageError("--missing says itself who is meant; name nobody beside it.")
    wanted = None if given["missing"] else wanted_of(given)

    async def work(runtime: Runtime, out: Output) -> int:
        found = await runtime.store.companies.find(company)
        return await _Inviting(runtime, out, found, given).invite(wanted)

    carry_out(context, work, as_json=as_json)


@click.command(name="invitations")
@company_argument
@json_option
@click.pass_context
def list_invitations(context: click.Context, company: str, as_json: bool) -> None:
    """List the last invitation of each agent, and how it stands.

    Needs no network. The link is shown while it leads anywhere.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        from ttr_tui.flows import invitations  # noqa: PLC0415 - help needs no flow

        found = await runtime.store.companies.find(company)
        every = await invitations.latest(runtime.access, found)
        if out.as_json:
            records = [_record(one) for one in every]
            out.record({"company": company_record(found), "invitations": records})
        elif every:
            out.table(HEADS, [_row(one) for one in every])
        else:
            out.say("Nobody is invited yet. ttr-tui agents invite COMPANY invites some.")
        return DONE

    carry_out(context, work, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Inviting:
    runtime: Runtime
    out: Output
    company: Company
    given: Invites

    async def invite(self, wanted: Wanted | None) -> int:
        """Choose, ask, make the links, print and write them; return the exit status.

        Without `wanted`, for all who were invited and have not signed in.
        """
        from ttr_tui.flows import invitations  # noqa: PLC0415 - as above

        self._require_new()
        access, company, days = self.runtime.access, self.company, self.given["days"]
        if wanted is None:
            missing = [
                one
                for one in await invitations.latest(access, company)
                if invitations.state_of(one) in invitations.MISSING
            ]
            await self._agreed("Make new links for", len(missing))
            made = await invitations.reissue(access, company, missing, days) if missing else ()
            return await self._made(invitations.Invited(tuple(made), ()), None)
        chosen = await self._users(wanted)
        if isinstance(chosen, TtrError):
            return self.out.refuse(chosen)
        users, gathered = chosen
        if not users:
            return await self._made(invitations.Invited((), ()), gathered)
        self.out.say(f"To be invited: {names_of(users, len(users))}.")
        await self._agreed("Invite", len(users))
        return await self._made(await invitations.invite(access, company, users, days), gathered)

    async def _made(self, invited: Invited, gathered: Gathered | None) -> int:
        """Print and write what was made; return the exit status."""
        self._print(invited, gathered)
        if invited.invitations:
            await self._write(invited.invitations)
        return FAILED if invited.left_out or (gathered and gathered.lacks) else DONE

    def _require_new(self) -> None:
        """Refuse before any link is made what could not be written afterwards."""
        for path in (self.given["csv_file"], self.given["folder"]):
            if path is not None and os.path.lexists(path):
                raise Refused(
                    f"{path} is there already.",
                    means="Nothing is overwritten, and nobody was invited.",
                    cure="Name another one.",
                )

    async def _agreed(self, verb: str, count: int) -> None:
        if count:
            owners = plural(count, "owner")
            question = f"{verb} {owners} of {self.company.name}?"
            await agree(self.out, question, yes=self.given["yes"])

    async def _users(
        self, wanted: Wanted
    ) -> tuple[list[DirectoryUser], Gathered | None] | TtrError:
        """Return who was chosen, and what the choice came to; or why Microsoft refused the search.

        Addresses alone need no Company Master: Microsoft is asked for whom nobody has read yet.
        """
        from ttr_tui.flows import bulk_add  # noqa: PLC0415 - as above

        runtime, company = self.runtime, self.company
        if not (wanted.files or wanted.groups or wanted.query):
            return await users_named(runtime, company, wanted.addresses), None
        gathered = await choose(runtime, self.out, company, wanted)
        if isinstance(gathered, TtrError):
            return gathered
        everybody = bulk_add.windows(runtime.access, company, gathered.choice.marks)
        return [user async for some in everybody for user in some], gathered

    def _print(self, invited: Invited, gathered: Gathered | None) -> None:
        made, left_out = invited.invitations, invited.left_out
        if self.out.as_json:
            self.out.record(
                {
                    "company": company_record(self.company),
                    "invitations": [_record(one) for one in made],
                    "left_out": [user_record(user) | {"reason": why} for user, why in left_out],
                    "chosen": gathered_record(gathered) if gathered else None,
                }
            )
        else:
            rows = [_row(one) for one in made]
            out = [(user.name, user.address, f"left out: {why}", "", "") for user, why in left_out]
            if rows or out:
                self.out.table(HEADS, [*rows, *out])
        self.out.say(f"Invited {plural(len(made), 'owner')} of {self.company.name}.")
        if left_out:
            self.out.say(f"Not invited: {plural(len(left_out), 'user')}, each with its reason.")

    async def _write(self, made: Sequence[Attempt]) -> None:
        """Write the files that were asked for; the links are printed by then."""
        from ttr_tui.flows import export, invitations  # noqa: PLC0415 - as above

        csv_file, folder = self.given["csv_file"], self.given["folder"]
        if csv_file is not None:
            await export.invitations_csv(invitations.table(made), csv_file)
            self.out.say(f"The table stands in {csv_file}.")
        if folder is not None:
            messages = [invitations.mail(self.company, one) for one in made]
            count = await export.drafts(messages, folder)
            self.out.say(f"{plural(count, 'draft')} stand in {folder}; nothing was sent.")


def _row(invitation: Attempt) -> tuple[str, ...]:
    from ttr_tui.flows import invitations  # noqa: PLC0415 - as above

    ((name, address, state, _, link),) = invitations.table([invitation])
    return name, address, state, stamp(invitation.expires_at), link


def _record(invitation: Attempt) -> Record:
    from ttr_tui.flows import invitations  # noqa: PLC0415 - as above

    ((_, _, state, _, link),) = invitations.table([invitation])
    return attempt_record(invitation) | {"state": state, "link": link or None}
