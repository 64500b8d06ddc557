"""Proof by use: one agent's mailbox answers with basic properties, and with no body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.errors import (
    ENTRA_ADMINISTRATOR,
    EXCHANGE_ADMINISTRATOR,
    YOU,
    MicrosoftError,
    TtrError,
)
from ttr_tui.flows.readiness import beyond
from ttr_tui.flows.readiness.judging import cannot_be_known
from ttr_tui.model import Check, Finding, Outcome, Seen, Verdict, now
from ttr_tui.problems import problem_of
from ttr_tui.text import powershell_word

if TYPE_CHECKING:
    from ttr_tui.flows.readiness.scene import Mailbox, Scene

_ALL = "It is the same for every agent that hangs on this permission."
_OTHERS = "Of other mailboxes this says nothing: Exchange may keep this app out of some of them."


async def look(scene: Scene) -> Finding:
    """Ask one agent's inbox for one message as it comes, and look whether a body is in it.

    A mailbox that a policy of Exchange keeps shut is told from a missing permission, and from one
    that does not exist (facts section 8).
    """
    try:
        asked = await scene.mailbox()
    except TtrError as refusal:
        return cannot_be_known(scene, Check.MAILBOX, refusal, link=scene.admin_center.consent())
    if asked is None:
        return _nobody()
    outcome = asked.answer.outcome
    if outcome is Outcome.ADDED and asked.answer.body_properties:
        return await _leaks(scene, asked)
    if outcome is Outcome.ADDED:
        return _empty(asked) if asked.answer.empty else _answers(asked)
    return _refused(scene, asked)


def _answers(asked: Mailbox) -> Finding:
    told = _OTHERS if asked.by_app else f"It is the agent's own sign-in that was used. {_OTHERS}"
    without = Seen("no body, bodyPreview or uniqueBody in the answer", Verdict.PASS)
    return Finding(
        check=Check.MAILBOX,
        verdict=Verdict.PASS,
        seen="answers, and no body with it",
        checked_at=now(),
        evidence=(_line(asked, Verdict.PASS, "answers"), without),
        means=told,
    )


def _empty(asked: Mailbox) -> Finding:
    """Say that it opens, and that what comes of a message could not be seen."""
    return Finding(
        check=Check.MAILBOX,
        verdict=Verdict.UNKNOWN,
        seen="answers; no message to see it by",
        checked_at=now(),
        evidence=(
            _line(asked, Verdict.PASS, "answers"),
            Seen("its inbox is empty", Verdict.UNKNOWN, "that no body comes was not seen"),
        ),
        means=f"The mailbox opens. Without a message nobody sees what one would show. {_OTHERS}",
        who=YOU,
        cure="Check again when an agent has mail.",
    )


async def _leaks(scene: Scene, asked: Mailbox) -> Finding:
    """Tell that bodies come, and which permission lets them; nothing of them was kept."""
    try:
        broader = await beyond.mail_permissions(scene)
    except MicrosoftError:
        broader = []
    named = ", ".join(broader) or "a permission beyond Mail.ReadBasic, or a role in Exchange"
    came = ", ".join(asked.answer.body_properties)
    return Finding(
        check=Check.MAILBOX,
        verdict=Verdict.FAIL,
        seen="bodies come: too much is granted",
        checked_at=now(),
        evidence=(
            _line(asked, Verdict.PASS, "answers"),
            Seen(f"the answer holds {came}", Verdict.FAIL, "dropped unread"),
            Seen("too broad", None, named),
        ),
        means="Mail.ReadBasic never shows a body; something broader is granted, which nothing here "
        "needs and whoever gets hold of the client secret could use.",
        who=ENTRA_ADMINISTRATOR,
        cure=f"Entra admin center > Enterprise applications > {scene.app_name} > Permissions: "
        f"revoke {named}; look for roles of this app in Exchange too.",
        link=scene.admin_center.consent(),
    )


def _refused(scene: Scene, asked: Mailbox) -> Finding:
    refusal = asked.answer.refusal
    verdict, seen, who, cure = _judge(asked)
    if not cure and refusal is not None:
        who, cure = refusal.who, refusal.cure
    return Finding(
        check=Check.MAILBOX,
        verdict=verdict,
        seen=seen,
        checked_at=now(),
        evidence=(_line(asked, verdict, asked.answer.reason),),
        means=f"{asked.answer.reason} {_ALL if asked.answer.forbidden else _OTHERS}",
        who=who,
        cure=cure,
        lines=_policy_lines(scene, asked),
        link=scene.admin_center.consent() if who == ENTRA_ADMINISTRATOR else "",
        problem=problem_of(refusal) if refusal is not None else None,
    )


def _judge(asked: Mailbox) -> tuple[Verdict, str, str, str]:
    """Return verdict, short words, who and cure for a mailbox that did not answer."""
    answer = asked.answer
    status = answer.refusal.status if answer.refusal is not None else 0
    if answer.outcome is Outcome.BLOCKED:
        cure = (
            "Look at the application access policies of Exchange Online and let this app into the "
            "mailboxes of agents; a change takes an hour and more:"
        )
        return Verdict.FAIL, "kept out by an Exchange policy", EXCHANGE_ADMINISTRATOR, cure
    if answer.outcome is Outcome.NO_MAILBOX:
        cure = "Delete the authentication of an agent whose mailbox is gone; then check again."
        return Verdict.WARNING, "the agent has no mailbox (any more)", YOU, cure
    if status == 403:
        return Verdict.FAIL, "the mail permission is missing (403)", ENTRA_ADMINISTRATOR, ""
    return Verdict.UNKNOWN, f"Microsoft answered with status {status}", "", ""


def _policy_lines(scene: Scene, asked: Mailbox) -> tuple[str, ...]:
    if asked.answer.outcome is not Outcome.BLOCKED:
        return ()
    # An address is its tenant's text: it must stay one word.
    address = powershell_word(asked.agent.address)
    return (
        "Get-ApplicationAccessPolicy",
        f"Test-ApplicationAccessPolicy -AppId {scene.client_id} -Identity {address}",
    )


def _line(asked: Mailbox, verdict: Verdict, note: str) -> Seen:
    way = "through the app's permission" if asked.by_app else "by the agent's own sign-in"
    return Seen(f"{asked.agent.address}, {way}", verdict, note)


def _nobody() -> Finding:
    return Finding(
        check=Check.MAILBOX,
        verdict=Verdict.UNKNOWN,
        seen="there is no agent to ask yet",
        checked_at=now(),
        evidence=(Seen("no agent has an authentication that opens", Verdict.UNKNOWN),),
        means="No mailbox is read that was not added as an agent.",
        who=YOU,
        cure="Add an agent: 2 opens O365 Agent Bulk Add; or ttr-tui agents add.",
    )
