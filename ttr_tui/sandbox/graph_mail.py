"""Mailboxes without their bodies, as Mail.ReadBasic shows them (facts section 8; checklist G12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from ttr_tui.sandbox import permissions
from ttr_tui.sandbox.calls import (
    Answer,
    Call,
    GraphRefused,
    collection,
    one,
    route,
    selected,
    unsupported,
)
from ttr_tui.sandbox.graph_users import find_person
from ttr_tui.sandbox.people import Person, guid

_FOLDERS = ("Inbox", "Sent Items", "Drafts", "Deleted Items", "Archive")
_HIDDEN = frozenset({"body", "bodyPreview", "uniqueBody", "attachments", "extensions"})
_SUBJECTS = (
    "Order 20{n}",
    "Re: Invoice {n}",
    "Lieferung {n}",
    "Meeting on Monday",
    "問い合わせ {n}",
)

Entity = dict[str, object]


def _mailbox(call: Call) -> Person:
    """Return whose mailbox is asked for, after every check Exchange makes.

    Raises GraphRefused: 403 without the permission or where a policy blocks the app, 404 where
    there is no mailbox.
    """
    if call.path.startswith("/me/"):
        call.named["user"] = "me"
    person = find_person(call)
    own = call.token.person
    have = call.token.scopes if own else call.token.roles
    # Exchange can let an app in that has no permission in Entra (RBAC for Applications).
    by_exchange = own is None and call.world.dials.mail_by_rbac
    may = have & permissions.READ_MAIL or by_exchange
    if not may or (own is not None and own is not person):
        message = "Access is denied. Check credentials and try again."
        raise GraphRefused(403, "ErrorAccessDenied", message)
    names = {person.id, person.user_principal_name}
    if call.world.dials.blocked & names and own is None:
        message = (
            "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly "
            "AccessPolicy settings."
        )
        raise GraphRefused(403, "ErrorAccessDenied", message)
    if not person.mailbox or call.world.dials.no_mailbox & names:
        message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        raise GraphRefused(404, "MailboxNotEnabledForRESTAPI", message)
    return person


def _folder(person: Person, place: int) -> Entity:
    total = person.draw % 900 if place == 0 else person.draw % 37
    return {
        "id": f"AAMk{guid(person.draw, place).replace('-', '')}",
        "displayName": _FOLDERS[place],
        "parentFolderId": f"AAMk{guid(person.draw, 99).replace('-', '')}",
        "childFolderCount": 0,
        "unreadItemCount": total // 9,
        "totalItemCount": total,
        "sizeInBytes": total * 48_211,
        "isHidden": False,
    }


def list_folders(call: Call) -> Answer:
    """Answer `GET …/mailFolders`."""
    person = _mailbox(call)
    folders = [selected(call, _folder(person, place)) for place in range(len(_FOLDERS))]
    return collection(call, f"users('{person.id}')/mailFolders", folders)


def get_folder(call: Call) -> Answer:
    """Answer one folder, by its id or well-known name."""
    person = _mailbox(call)
    return one(call, "mailFolders", selected(call, _folder(person, _place(call, person))))


def _place(call: Call, person: Person) -> int:
    wanted = call.named["folder"]
    for place, name in enumerate(_FOLDERS):
        known = {name.replace(" ", "").lower(), str(_folder(person, place)["id"]).lower()}
        if wanted.lower() in known:
            return place
    raise GraphRefused(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def _recipient(person: Person) -> Entity:
    return {"emailAddress": {"name": person.display_name, "address": person.mail}}


def _message(call: Call, person: Person, number: int) -> Entity:
    people = call.tenant.directory.fixed
    sender = people[(person.draw + number) % len(people)]
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=person.draw % 90_000)
    sent = (start - timedelta(hours=7 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    key = guid(person.draw, 1000 + number)
    return {
        "id": f"AAMk{key.replace('-', '')}",
        "subject": _SUBJECTS[number % len(_SUBJECTS)].format(n=number),
        "from": _recipient(sender),
        "sender": _recipient(sender),
        "toRecipients": [_recipient(person)],
        "ccRecipients": [],
        "bccRecipients": [],
        "replyTo": [],
        "receivedDateTime": sent,
        "sentDateTime": sent,
        "createdDateTime": sent,
        "lastModifiedDateTime": sent,
        "conversationId": f"AAQk{key[:8]}",
        "internetMessageId": f"<{key}@{person.user_principal_name.partition('@')[2]}>",
        "hasAttachments": number % 5 == 0,
        "importance": "normal",
        "isRead": number % 3 > 0,
        "isDraft": False,
        "categories": [],
        "parentFolderId": _folder(person, 0)["id"],
        "webLink": "",
        "inferenceClassification": "focused",
        "changeKey": key[:12],
    }


def _shows_bodies(call: Call) -> bool:
    have = call.token.scopes if call.token.person else call.token.roles
    return call.world.dials.body_leaks or bool(have & permissions.SHOW_BODIES)


def _bodies(number: int) -> Entity:
    """Return what Mail.ReadBasic keeps back; the text is made up."""
    text = f"Hello, this is about number {number}. Kind regards."
    body = {"contentType": "text", "content": text}
    return {"bodyPreview": text[:255], "body": body, "uniqueBody": body}


def list_messages(call: Call) -> Answer:
    """Answer messages without bodies, newest first; `$skip` goes on."""
    person = _mailbox(call)
    place = _place(call, person) if "folder" in call.named else 0
    for option in ("$search", "$expand"):
        if option in call.query:
            raise GraphRefused(403, "ErrorAccessDenied", "Access is denied.")
    bodies = _shows_bodies(call)
    if not bodies and _HIDDEN & {n.strip() for n in call.query.get("$select", "").split(",")}:
        raise GraphRefused(403, "ErrorAccessDenied", "Access is denied.")
    top, skip = _number(call, "$top", 10), _number(call, "$skip", 0)
    total = 0 if _emptied(call, person) else int(str(_folder(person, place)["totalItemCount"]))
    total = min(total, 200)
    last = min(skip + top, total)
    rows = [_message(call, person, n) | (_bodies(n) if bodies else {}) for n in range(skip, last)]
    values = [selected(call, row) for row in rows]
    given = collection(call, f"users('{person.id}')/messages", values)
    if last < total and isinstance(given.body, dict):
        query = {**call.query, "$skip": str(last)}
        text = "&".join(f"{name}={quote(value, safe=',')}" for name, value in query.items())
        given.body["@odata.nextLink"] = f"{call.world.graph}/v1.0{quote(call.path)}?{text}"
    return given


def _emptied(call: Call, person: Person) -> bool:
    return bool(call.world.dials.empty_inboxes & {person.id, person.user_principal_name})


def _number(call: Call, option: str, usual: int) -> int:
    text = call.query.get(option, str(usual))
    if not text.isascii() or not text.isdigit() or int(text) > 1000:
        raise unsupported(f"Invalid value '{text}' for {option}.")
    return int(text)


_OWNERS = ("/users/{user}", "/me")

ROUTES = tuple(
    route(f"{owner}{path}", action)
    for owner in _OWNERS
    for path, action in (
        ("/mailFolders", list_folders),
        ("/mailFolders/{folder}", get_folder),
        ("/mailFolders/{folder}/messages", list_messages),
        ("/messages", list_messages),
    )
)
