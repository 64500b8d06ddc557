"""The sandbox's pages: plain HTML forms without script, to be read on a phone too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from aiohttp import web

from ttr_tui.sandbox.people import Person
from ttr_tui.sandbox.refusals import LoginRefused, timestamp

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.05rem/1.5 system-ui,sans-serif;max-width:32rem;margin:1.5rem auto;padding:0 1rem}"
    "button{font:inherit;display:block;width:100%;margin:.4rem 0;padding:.6rem;text-align:left}"
    "input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}"
    ".note{border:2px solid;padding:.4rem .7rem}pre{white-space:pre-wrap;overflow-wrap:anywhere}"
)
_NOTE = "<p class=note>This is a sandbox. Nothing here is Microsoft; no password is needed.</p>"


def page(title: str, body: str, status: int = 200) -> web.Response:
    """Return a whole page; `body` is HTML."""
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body>{_NOTE}<h1>{escape(title)}</h1>{body}</body></html>"
    )
    headers = {
        "Cache-Control": "no-store, no-cache",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def hidden(fields: Mapping[str, str]) -> str:
    """Return hidden form fields."""
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )


@dataclass(slots=True, frozen=True)
class Chooser:
    """What an account chooser shows: who is asked for, who is signed in here, who else is known.

    `where` names the organisation; `hint` and `signed_in` are user principal names, or nothing.
    """

    where: str
    people: Sequence[Person]
    hint: str = ""
    signed_in: str = ""


def choose_account(action: str, handle: str, chooser: Chooser) -> web.Response:
    """Ask which account signs in; who the app asked for stands first, and is nobody's only choice.

    A name that is not among the known ones is typed.
    """
    hint, where = chooser.hint, escape(chooser.where)
    known = {person.user_principal_name.lower(): person for person in chooser.people}
    asked_for = _tile(hint, known.pop(hint.lower(), None), "the app asks for it") if hint else ""
    others = "".join(_tile(p.user_principal_name, p, _note(p, chooser)) for p in known.values())
    return page(
        "Sign in" if hint else "Pick an account",
        f"<p>to sign in to {where}</p>"
        f'<form method="post" action="{escape(action)}">{hidden({"ctx": handle})}{asked_for}'
        f"{'<h2>Use another account</h2>' if hint else ''}{others}"
        '<p><label>Use another account<input name="other" autocomplete="off" '
        f'inputmode="email" placeholder="name@{where}"></label></p>'
        '<button name="account" value="">Next</button></form>',
    )


def _note(person: Person, chooser: Chooser) -> str:
    here = person.user_principal_name.lower() == chooser.signed_in.lower()
    return ", ".join((*person.roles, *(("signed in",) if here else ())))


def _tile(name: str, person: Person | None, note: str) -> str:
    title = f"{escape(person.display_name)}<br>" if person else ""
    small = escape(f"{name} - {note}" if note else name)
    return f'<button name="account" value="{escape(name)}">{title}<small>{small}</small></button>'


def ask_consent(
    action: str, handle: str, person: Person, lines: Iterable[str], *, everyone: bool
) -> web.Response:
    """Ask whether the app may have permissions, for one person or for the organisation."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    title = "Permissions requested" + (" - review for your organization" if everyone else "")
    return page(
        title,
        f"<p>{escape(person.user_principal_name)}</p><p><b>timetoreply</b> would like to:</p>"
        f'<ul>{items}</ul><form method="post" action="{escape(action)}">{hidden({"ctx": handle})}'
        '<button name="decision" value="accept">Accept</button>'
        '<button name="decision" value="cancel">Cancel</button></form>',
    )


def form_post(redirect_uri: str, fields: Mapping[str, str]) -> web.Response:
    """Send an authorization response by a form (OAuth 2.0 Form Post Response Mode)."""
    return page(
        "Working...",
        f'<form method="post" action="{escape(redirect_uri)}">{hidden(fields)}'
        "<button>Continue</button></form>",
    )


_NEEDS_APPROVAL = {90094: "Need admin approval", 90095: "Approval required"}


def refusal(refused: LoginRefused, correlation_id: str) -> web.Response:
    """Say no on our own page; the app's redirect URI hears nothing of it."""
    trouble = "Sorry, but we're having trouble signing you in."
    details = refused.described(correlation_id, timestamp())
    body = f"<pre>{escape(details)}</pre>"
    return page(_NEEDS_APPROVAL.get(refused.code, trouble), body, 400)
