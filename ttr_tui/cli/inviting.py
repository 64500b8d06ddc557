"""`agents invite` and `agents invitations`: links for many owners, and how each one stands."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from ttr_tui.attempts import INVITATION_DAYS, MOST_DAYS
from ttr_tui.cli.asking import agree
from ttr_tui.cli.choosing import Chosen, names_of, object_ids, require_choice, users_named
from ttr_tui.cli.directory import read_directory
from ttr_tui.cli.opening import DONE, FAILED, carry_out
from ttr_tui.cli.options import company_argument, json_option, yes_option
from ttr_tui.cli.records import Record, attempt_record, company_record, user_record
from ttr_tui.errors import Refused
from ttr_tui.text import plural, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.cli.output import Output
    from ttr_tui.model import Attempt, Company, DirectoryUser
    from ttr_tui.runtime import Runtime

HEADS = ("Name", "Address", "State", "Good until", "Link")


class Wanted(TypedDict):
    """Who is invited, for how long, and where it is written to."""

    users: tuple[str, ...]
    search: str | None
    all_matching: bool
    show_hidden: bool
    missing: bool
    days: int
    csv_file: Path | None
    folder: Path | None
    yes: bool


@click.command(name="invite")
@company_argument
@click.option(
    "--user", "users", multiple=True, metavar="ADDRESS", help="This one; may be repeated."
)
@click.option("--search", metavar="TEXT", help="Users who match; needs --all-matching.")
@click.option("--all-matching", is_flag=True, help="All whom --search finds.")
@click.option("--show-hidden", is_flag=True, help="Hidden kinds too, with --search.")
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
def invite(context: click.Context, company: str, as_json: bool, **wanted: Unpack[Wanted]) -> None:
    """Invite mailboxes' owners: a link each, opened later, in any browser.

    Each owner becomes an agent that is not authenticated until they have signed in. A former link
    to the same mailbox leads nowhere any more. Nothing is sent: the links are printed, and written
    to files that are readable by you alone.

    Shared and disabled mailboxes are left out, each with its reason; exit status 1 then.
    """
    if wanted["missing"] and (wanted["users"] or wanted["search"] is not None):
        raise click.UsageError(
            "--missing says itself who is meant; leave --user and --search away."
        )
    if not wanted["missing"]:
        require_choice(wanted["users"], wanted["search"], all_matching=wanted["all_matching"])

    async def work(runtime: Runtime, out: Output) -> int:
        found = await runtime.store.companies.find(company)
        return await _Inviting(runtime, out, found, wanted).invite()

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
    wanted: Wanted

    async def invite(self) -> int:
        """Choose, ask, make the links, print and write them; return the exit status."""
        from ttr_tui.flows import invitations  # noqa: PLC0415 - as above

        self._require_new()
        access, company, days = self.runtime.access, self.company, self.wanted["days"]
        left_out: tuple[tuple[DirectoryUser, str], ...] = ()
        if self.wanted["missing"]:
            missing = [
                one
                for one in await invitations.latest(access, company)
                if invitations.state_of(one) in invitations.MISSING
            ]
            await self._agreed("Make new links for", len(missing))
            made = await invitations.reissue(access, company, missing, days) if missing else ()
        else:
            users = await self._users()
            if users is None:
                return FAILED
            self.out.say(f"To be invited: {names_of(users)}.")
            await self._agreed("Invite", len(users))
            invited = await invitations.invite(access, company, users, days)
            made, left_out = invited.invitations, invited.left_out
        self._print(made, left_out)
        if made:
            await self._write(made)
        return FAILED if left_out else DONE

    def _require_new(self) -> None:
        """Refuse before any link is made what could not be written afterwards."""
        for path in (self.wanted["csv_file"], self.wanted["folder"]):
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
            await agree(self.out, question, yes=self.wanted["yes"])

    async def _users(self) -> list[DirectoryUser] | None:
        """Return who was chosen; None after saying why Microsoft refused the search."""
        if self.wanted["users"]:
            return await users_named(self.runtime, self.company, self.wanted["users"])
        problem = await read_directory(self.runtime, self.out, self.company)
        if problem is not None:
            self.out.refuse(problem)
            return None
        chosen = Chosen((), self.wanted["search"] or "", self.wanted["show_hidden"])
        copy = await self.runtime.store.directory(self.company)
        return await copy.by_object_ids(await object_ids(copy, self.company, chosen))

    def _print(
        self, made: Sequence[Attempt], left_out: Sequence[tuple[DirectoryUser, str]]
    ) -> None:
        if self.out.as_json:
            self.out.record(
                {
                    "company": company_record(self.company),
                    "invitations": [_record(one) for one in made],
                    "left_out": [user_record(user) | {"reason": why} for user, why in left_out],
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

        csv_file, folder = self.wanted["csv_file"], self.wanted["folder"]
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
