"""What the list of O365 Agent Bulk Add does: ask and add, show a run, export the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyroaring import BitMap

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.flows import bulk_add, export
from ttr_tui.screens.ask_path import export as ask_and_export
from ttr_tui.screens.ask_path import proposed_path
from ttr_tui.screens.bulk_add_question import (
    INVITE,
    SELECTION,
    SIGN_IN,
    AddQuestion,
    ToAdd,
)
from ttr_tui.screens.bulk_add_runs import show_run
from ttr_tui.screens.sign_in_deeds import invite, sign_in_new
from ttr_tui.widgets.lines import state

if TYPE_CHECKING:
    from pathlib import Path

    from ttr_tui.flows.bulk_add import AddPlan
    from ttr_tui.model import Company
    from ttr_tui.screens.bulk_add import BulkAddScreen
    from ttr_tui.screens.bulk_add_choosing import ChooseScreen

NOBODY_ABLE = "Nobody can sign in for a shared or disabled mailbox, and adding waits."

MANY = 5_000
"""Users from which writing them down takes long enough to be told."""


async def add(screen: BulkAddScreen, company: Company) -> None:
    """Ask about the selected (or the row at the cursor): who is added, or invited."""
    try:
        screen.runs.take(await screen.runtime.store.runs.latest(company.id))
        if screen.runs.open:
            screen.say(screen.runs.why_not())
            return
        to_add = await _to_add(screen)
        if not to_add.count:
            return
        plan = await bulk_add.plan(screen.runtime.access, company, to_add.marks)
        if not plan.to_add.count:
            screen.say(_nobody(to_add, plan))
            return
        if not (screen.opening.accepted or plan.able):
            screen.say(NOBODY_ABLE)
            return
        question = _question(screen, company, to_add, plan)
        answer = await screen.app.push_screen_wait(question)
        if answer is None:
            return
        if answer.name == SELECTION:
            screen.show_selection()
            return
        await _go_on(screen, company, question, answer.name)
    except TtrError as problem:
        screen.report(problem)


async def _go_on(screen: BulkAddScreen, company: Company, question: AddQuestion, how: str) -> None:
    """Invite, let the one owner sign in, or write a run down, carry it on and show it."""
    access, to_add = screen.runtime.access, question.plan.to_add
    if how == SIGN_IN:
        await sign_in_new(screen, company, to_add.first[0])
        return
    if how == INVITE:
        users = [u async for some in bulk_add.windows(access, company, to_add.marks) for u in some]
        if await invite(screen, company, users) and question.to_add.selected:
            screen.forget_selection()
        return
    if to_add.count >= MANY:
        screen.say(state(f"» writing down {text.number(to_add.count)} users"))
    run = await bulk_add.start(access, company, to_add.marks)
    screen.runtime.carry_on(company.id, run.id)
    if question.to_add.selected:
        screen.forget_selection()
    await show_latest(screen, company, run.id)


async def show_latest(screen: BulkAddScreen, company: Company, run_id: int) -> None:
    """Show the latest run."""
    try:
        await show_run(screen, company, run_id)
        screen.run_seen()
    except TtrError as problem:
        screen.report(problem)


async def export_selection(screen: BulkAddScreen, company: Company) -> None:
    """Write the selected users to a CSV."""
    source = screen.finder.source
    selection = source.selection
    rids = [*selection.not_in_view_of(), *selection.in_view_of()]
    access = screen.runtime.access

    async def write(path: Path) -> int:
        ids = await source.object_ids(rids)
        return await export.users_csv(access, company.id, ids, path)

    what = text.plural(len(rids), "selected user")
    await ask_and_export(screen, company, what, proposed_path("ttr-users", company, "sel"), write)


async def select_by_group(screen: BulkAddScreen, company: Company) -> None:
    """Ask for a group, and select who is in it."""
    from ttr_tui.screens.bulk_add_choosing import GroupScreen  # noqa: PLC0415 - seldom needed

    finder = screen.finder
    await _select(screen, GroupScreen(company, finder.source, show_hidden=finder.show_hidden))


async def select_by_file(screen: BulkAddScreen, company: Company) -> None:
    """Ask for a file of addresses, and select who is named in it."""
    from ttr_tui.screens.bulk_add_choosing import FileScreen  # noqa: PLC0415 - as above

    finder = screen.finder
    await _select(screen, FileScreen(company, finder.source, show_hidden=finder.show_hidden))


async def _select(screen: BulkAddScreen, asking: ChooseScreen) -> None:
    marks = await screen.app.push_screen_wait(asking)
    if marks is None:
        return
    source = screen.finder.source
    before = source.selection.count
    try:
        left = await source.select(marks)
    except TtrError as problem:
        screen.report(problem)
        return
    screen.finder.look()
    screen.on_selection_changed()
    screen.finder.rows.refresh_marks()
    more = source.selection.count - before
    said = f"✓ {text.number(more)} more {_users(more)} selected."
    gone = f" {text.number(left)} left the tenant meanwhile." if left else ""
    screen.say(state(f"{said}{gone} o shows the selection."))


async def _to_add(screen: BulkAddScreen) -> ToAdd:
    finder = screen.finder
    source, selection = finder.source, finder.source.selection
    if selection.count:
        return ToAdd(
            await source.picked(selection.marked - selection.members),
            await source.picked(selection.marked & selection.members),
        )
    here = finder.rows.rid_here
    this_one = BitMap() if here is None else BitMap([here])
    return ToAdd(await source.picked(BitMap()), await source.picked(this_one), selected=False)


def _question(screen: BulkAddScreen, company: Company, to_add: ToAdd, plan: AddPlan) -> AddQuestion:
    why_not = "" if screen.opening.accepted else screen.opening.why_not()
    if not to_add.selected:
        left = "0 selected; this is the row under the cursor"
        return AddQuestion(company, to_add, plan, left, why_not=why_not)
    right = "" if screen.poll.running else screen.status_right
    return AddQuestion(company, to_add, plan, screen.status_left, right, why_not)


def _nobody(to_add: ToAdd, plan: AddPlan) -> str:
    if not to_add.selected and plan.already.first:
        name = text.cut_middle(text.clean(plan.already.first[0].name), 36)
        return f"{name} is an agent already. Nothing was changed."
    if plan.already.count:
        return f"All {text.number(plan.already.count)} selected are agents already."
    return "Nobody of the selected is in the directory any more."


def _users(count: int) -> str:
    return "user" if count == 1 else "users"
