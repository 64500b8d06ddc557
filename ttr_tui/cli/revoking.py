"""The journey of `authentications revoke`: what goes, the question, what is left and where."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from ttr_tui.cli.asking import agree, type_name
from ttr_tui.cli.opening import DONE
from ttr_tui.cli.records import authentication_record, company_record, moment
from ttr_tui.text import plural, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.cli.output import Output
    from ttr_tui.flows.revocation import RevocationPlan, Revoked
    from ttr_tui.model import Authentication, Company
    from ttr_tui.runtime import Runtime

ERASING_PATIENCE = 15.0
"""Seconds a command waits for other readers to end; erasing is resumed at the next start."""


async def revoke(
    runtime: Runtime, out: Output, company: Company, ids: Sequence[str], *, yes: bool
) -> int:
    """Show, ask, delete, and say what is left; return the exit status."""
    from ttr_tui.flows import revocation  # noqa: PLC0415 - only this command needs it

    plan = await revocation.plan(runtime.access, company, ids)
    _tell(plan, out)
    question = f"Delete {plural(plan.count, 'authentication')} of {company.name}?"
    typed = ""
    if plan.with_master:
        typed = await type_name(out, question, company.name, yes=yes)
    else:
        await agree(out, question, yes=yes)
    items = await runtime.store.authentications.of_ids(plan.ids) if out.as_json else []
    done = await revocation.carry_out(runtime.access, plan, typed)
    if not done.erased:
        done = await _erased(runtime, out, done)
    _print(out, done, items)
    return DONE


async def _erased(runtime: Runtime, out: Output, done: Revoked) -> Revoked:
    """Wait a while until nothing of it is left on this disk."""
    out.say("Erasing waits for another program of ours to stop reading.")
    work = runtime.erase(done.plan.company.id, done.id)
    if work.task is None:
        return done
    ended, _ = await asyncio.wait({work.task}, timeout=ERASING_PATIENCE)
    return replace(done, erased=bool(ended) and work.problem is None)


def _tell(plan: RevocationPlan, out: Output) -> None:
    goes = plural(plan.count, "authentication")
    if plan.with_master:
        goes += f": the Company Master and its {plural(plan.children, 'child', 'children')}"
    out.say(f"What goes: {goes}, and links that are out for them. There is no undo.")
    stays = [
        f"{plural(plan.agents, 'agent')}, listed as not authenticated",
        plural(plan.own_stay, "own sign-in") if plan.own_stay else "",
        plural(plan.children_stay, "child", "children") if plan.children_stay else "",
    ]
    out.say(f"What stays: {'; '.join(filter(None, stays))}.")


def still_granted(plan: RevocationPlan) -> list[dict[str, str]]:
    """Say what deleting here cannot end, who ends each, and where."""
    left = [
        {
            "what": "the admin consent: with the client secret the app may read the headers of "
            "every mailbox",
            "ends": "when a Privileged Role Administrator deletes the app under Enterprise "
            "applications > Properties",
            "where": plan.admin_center,
        },
        {"what": "access tokens issued before", "ends": "within 90 minutes", "where": ""},
    ]
    left += [
        {
            "what": f"{name}'s refresh token at Microsoft",
            "ends": "within 90 days, or when their sessions are revoked (Entra admin center > "
            "Users > Revoke sessions)",
            "where": "",
        }
        for name in plan.people
    ]
    return [*left, {"what": "backups made before", "ends": "when you delete them", "where": ""}]


def _print(out: Output, done: Revoked, items: Sequence[Authentication]) -> None:
    plan = done.plan
    left = still_granted(plan)
    if out.as_json:
        out.record(
            {
                "company": company_record(plan.company),
                "deleted": plan.count,
                "items": [authentication_record(row) for row in items],
                "children": plan.children,
                "agents_not_authenticated": plan.agents,
                "own_stay": plan.own_stay,
                "children_stay": plan.children_stay,
                "at": moment(done.at),
                "erased": done.erased,
                "still_granted": left,
            }
        )
        return
    erased = (
        "yes" if done.erased else "waits for another program of ours; resumed at the next start"
    )
    out.facts(
        [
            ("Deleted", plural(plan.count, "authentication")),
            ("Unusable", f"since {stamp(done.at, seconds=True)}: the keys are gone"),
            ("Erased here", erased),
            *((f"Still granted {n}", _left_words(one)) for n, one in enumerate(left, 1)),
        ]
    )


def _left_words(one: dict[str, str]) -> str:
    where = f" {one['where']}" if one["where"] else ""
    return f"{one['what']}. Ends {one['ends']}{where}"
