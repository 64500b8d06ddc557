"""Whether a mailbox answers to the app's own permission, twenty at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from ttr_tui.errors import TokenStale
from ttr_tui.microsoft.batch import BatchAnswer, BatchItem
from ttr_tui.microsoft.refusals import error_in
from ttr_tui.microsoft.waiting import BUSY
from ttr_tui.model import Outcome, Secret

if TYPE_CHECKING:
    from ttr_tui.microsoft import Microsoft

_NO_MAILBOX = frozenset(
    {
        "mailboxnotenabledforrestapi",
        "mailboxnotsupportedforrestapi",
        "mailboxnotfound",
        "errornonexistentmailbox",
    }
)
_NO_USER = frozenset({"errorinvaliduser", "request_resourcenotfound", "resourcenotfound"})
_POLICY_WORDS = ("[raop]", "access to odata is disabled", "appaccesspolicy", "accesspolicy")


@dataclass(frozen=True, slots=True)
class MailboxAnswer:
    """What became of one probe: `Outcome.ADDED` when the mailbox answered, else why not."""

    outcome: Outcome
    reason: str = ""


async def probe(
    ms: Microsoft, token: Secret, object_ids: Sequence[str]
) -> dict[str, MailboxAnswer]:
    """Ask up to 20 mailboxes for nothing but how many messages their inbox holds.

    Every object id has an entry in the result. Raises what `Graph.batch` raises: that concerns all.
    """
    items = [
        BatchItem(
            str(number),
            f"/users/{quote(object_id, safe='')}/mailFolders/inbox?$select=id,totalItemCount",
        )
        for number, object_id in enumerate(object_ids)
    ]
    answers = await ms.graph.batch(items, token)
    if any(answer.status == 401 for answer in answers.values()):
        raise TokenStale("Microsoft Graph does not accept the access token.", status=401)
    return {
        object_id: _judge(answers.get(str(number))) for number, object_id in enumerate(object_ids)
    }


def _judge(answer: BatchAnswer | None) -> MailboxAnswer:
    """Return what one answer means (facts section 8)."""
    if answer is None:
        return MailboxAnswer(
            Outcome.FAILED, "Microsoft Graph left this mailbox out of its answer, several times."
        )
    if answer.status == 200:
        return MailboxAnswer(Outcome.ADDED)
    code, message = error_in(answer.body)
    if answer.status == 404:
        return _not_found(code)
    if answer.status == 403:
        return _denied(code, message)
    if answer.status in BUSY:
        reason = f"The mailbox stayed busy (status {answer.status}); retry it later."
    else:
        reason = f"Microsoft Graph answered {code or 'without a reason'} ({answer.status})."
    return MailboxAnswer(Outcome.FAILED, reason)


def _not_found(code: str) -> MailboxAnswer:
    if code.lower() in _NO_USER:
        return MailboxAnswer(Outcome.NO_MAILBOX, "The user is no longer in the directory.")
    if code.lower() in _NO_MAILBOX:
        reason = "There is no mailbox in Exchange Online, or it is not active."
        return MailboxAnswer(Outcome.NO_MAILBOX, reason)
    return MailboxAnswer(Outcome.FAILED, f"Microsoft Graph found nothing there ({code or '404'}).")


def _denied(code: str, message: str) -> MailboxAnswer:
    if any(words in message.lower() for words in _POLICY_WORDS):
        return MailboxAnswer(
            Outcome.BLOCKED,
            "The customer's Exchange policy keeps this app out of the mailbox; a change of it "
            "takes an hour and more.",
        )
    reason = f"The permission Mail.ReadBasic.All is missing ({code or 'status 403'})."
    return MailboxAnswer(Outcome.FAILED, reason)
