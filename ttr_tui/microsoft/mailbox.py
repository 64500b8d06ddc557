"""Whether mailboxes answer: many at a time by a count alone, one by a message without its body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from ttr_tui.errors import GraphRefused, TokenStale
from ttr_tui.microsoft.batch import BatchAnswer, BatchItem
from ttr_tui.microsoft.refusals import error_in
from ttr_tui.microsoft.shapes import records
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
BODY_PROPERTIES = ("body", "bodyPreview", "uniqueBody")
"""What Mail.ReadBasic never answers with (facts section 8)."""

_TROUBLE = frozenset({408, 500, 502})
"""Statuses of a server in trouble: no refusal."""
_POLICY_WORDS = ("[raop]", "access to odata is disabled", "appaccesspolicy", "accesspolicy")


@dataclass(frozen=True, slots=True)
class MailboxAnswer:
    """What became of one probe: `Outcome.ADDED` when the mailbox answered, else why not.

    `silent` tells that nobody said no: the mailbox was busy, or left out of the answer.
    `forbidden` that the app's permission did not open it, which may be so for all of them.
    """

    outcome: Outcome
    reason: str = ""
    silent: bool = False
    forbidden: bool = False


@dataclass(frozen=True, slots=True)
class MessageAnswer(MailboxAnswer):
    """What one message told; `body_properties` are those that should not have come.

    `message` is False when the mailbox answered and its inbox holds none. `refusal` is what Graph
    said instead of answering.
    """

    message: bool = False
    body_properties: tuple[str, ...] = ()
    refusal: GraphRefused | None = None

    @property
    def empty(self) -> bool:
        """Whether the mailbox answered, and nothing was there to see its properties by."""
        return self.outcome is Outcome.ADDED and not self.message


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


async def one_message(ms: Microsoft, token: Secret, object_id: str = "") -> MessageAnswer:
    """Ask a mailbox for one message of its inbox as it comes, and keep nothing of it.

    The mailbox is `object_id`'s, through the app's permission, or the token's own (`/me`). Raises
    what `Graph.get` raises, but for a refusal that concerns this mailbox.
    """
    owner = f"/users/{quote(object_id, safe='')}" if object_id else "/me"
    try:
        body = await ms.graph.get(f"{owner}/mailFolders/inbox/messages?$top=1", token)
    except TokenStale:
        raise
    except GraphRefused as refusal:
        permission = "Mail.ReadBasic.All" if object_id else "Mail.ReadBasic"
        said = _refused(refusal.status, refusal.code, refusal.means, permission)
        return MessageAnswer(
            said.outcome, said.reason, said.silent, said.forbidden, refusal=refusal
        )
    messages = records(body.get("value"))
    came = {name for message in messages for name in BODY_PROPERTIES if message.get(name)}
    kept = tuple(name for name in BODY_PROPERTIES if name in came)
    return MessageAnswer(Outcome.ADDED, message=bool(messages), body_properties=kept)


def _judge(answer: BatchAnswer | None) -> MailboxAnswer:
    """Return what one answer means (facts section 8)."""
    if answer is None:
        return MailboxAnswer(
            Outcome.FAILED,
            "Microsoft Graph left this mailbox out of its answer, several times.",
            silent=True,
        )
    if answer.status == 200:
        return MailboxAnswer(Outcome.ADDED)
    return _refused(answer.status, *error_in(answer.body))


def _refused(
    status: int, code: str, message: str, permission: str = "Mail.ReadBasic.All"
) -> MailboxAnswer:
    if status == 404:
        return _not_found(code)
    if status == 403:
        return _denied(code, message, permission)
    if status in BUSY:
        reason = f"The mailbox stayed busy (status {status}); retry it later."
    else:
        reason = f"Microsoft Graph answered {code or 'without a reason'} ({status})."
    return MailboxAnswer(Outcome.FAILED, reason, silent=status in BUSY | _TROUBLE)


def _not_found(code: str) -> MailboxAnswer:
    if code.lower() in _NO_USER:
        return MailboxAnswer(Outcome.NO_MAILBOX, "The user is no longer in the directory.")
    if code.lower() in _NO_MAILBOX:
        reason = "There is no mailbox in Exchange Online, or it is not active."
        return MailboxAnswer(Outcome.NO_MAILBOX, reason)
    return MailboxAnswer(Outcome.FAILED, f"Microsoft Graph found nothing there ({code or '404'}).")


def _denied(code: str, message: str, permission: str) -> MailboxAnswer:
    if any(words in message.lower() for words in _POLICY_WORDS):
        return MailboxAnswer(
            Outcome.BLOCKED,
            "The customer's Exchange policy keeps this app out of the mailbox; a change of it "
            "takes an hour and more.",
        )
    reason = f"The permission {permission} is missing ({code or 'status 403'})."
    return MailboxAnswer(Outcome.FAILED, reason, forbidden=True)
