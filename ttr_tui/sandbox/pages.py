"""The sandbox's pages: plain HTML forms without script, to be read on a phone too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from aiohttp import web

from ttr_tui.sandbox.people import Person
from ttr_tui.sandbox.refusals import LoginRefused, timestamp

_STYLE = (
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


def choose_account(
    action: str, handle: str, people: Iterable[Person], hint: str, where: str
) -> web.Response:
    """Ask which account signs in: a few known ones, and a field for any other."""
    buttons = "".join(
        f'<button name="account" value="{escape(person.user_principal_name)}">'
        f"{escape(person.display_name)}<br><small>{escape(person.user_principal_name)}"
        f"{escape(' - ' + ', '.join(person.roles) if person.roles else '')}</small></button>"
        for person in people
    )
    return page(
        "Pick an account",
        f"<p>to sign in to {escape(where)}</p>"
        f'<form method="post" action="{escape(action)}">{hidden({"ctx": handle})}{buttons}'
        f'<p><label>Another account<input name="other" value="{escape(hint)}" autocomplete="off" '
        f'inputmode="email" placeholder="name@{escape(where)}"></label></p>'
        '<button name="account" value="">Next</button></form>',
    )


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


def refusal(refused: LoginRefused, correlation_id: str) -> web.Response:
    """Say no on our own page; the app's redirect URI hears nothing of it."""
    title = "Need admin approval" if refused.code in {90094, 90095} else "Sorry, but we're having "
    title += "" if refused.code in {90094, 90095} else "trouble signing you in."
    details = refused.described(correlation_id, timestamp())
    return page(title, f"<pre>{escape(details)}</pre>", 400)
