"""The frame of every page: its style, its head, and the headers it is sent with."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape

from ttr_tui.text import clean

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--back:#f3f4f6;
--line:#d7dbe0;--act:#0b57d0;--on-act:#fff;--good:#17692f;--bad:#a8201a}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a8b0ba;--paper:#1c1f24;
--back:#121417;--line:#3a4049;--act:#8ab4f8;--on-act:#0b1a33;--good:#7ed491;--bad:#ff9d94}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);overflow-wrap:anywhere;
font:1.0625rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main{max-width:36rem;margin:0 auto;padding:1.5rem 1.25rem 2rem;background:var(--paper);
min-height:100vh}
@media (min-width:40rem){main{margin:2.5rem auto;min-height:0;border:1px solid var(--line);
border-radius:.75rem;padding:2rem 2.25rem}}
header{color:var(--soft);font-size:.9375rem;padding-bottom:.75rem;
border-bottom:1px solid var(--line)}
header b{color:var(--ink)}
h1{font-size:1.5rem;line-height:1.25;margin:1.1rem 0 .35rem}
h2{font-size:1rem;margin:1.25rem 0 .25rem}
p{margin:.5rem 0}
ul{margin:.25rem 0;padding-left:1.15rem}
li{margin:.2rem 0}
dl{margin:1rem 0;display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}
dt{color:var(--soft)}dd{margin:0}
.company{font-weight:600;margin:0 0 .5rem}
.mark{margin-right:.5rem}
.good .mark{color:var(--good)}
.bad .mark{color:var(--bad)}
.soft{color:var(--soft);font-size:.9375rem}
.act{display:block;width:100%;margin:1.5rem 0 .5rem;padding:.85rem 1rem;border:0;
border-radius:.5rem;background:var(--act);color:var(--on-act);font:inherit;font-weight:600;
text-align:center;text-decoration:none;cursor:pointer}
.act:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
a{color:var(--act)}
a.act{color:var(--on-act)}
"""

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


def headers(*, referrer: str = "no-referrer") -> dict[str, str]:
    """Return the header fields of every answer.

    A start page sends `same-origin` for `referrer`: with `no-referrer` the browser would send
    `Origin: null` with its form, which then could not be told from another site's.
    """
    return {
        "Content-Security-Policy": _POLICY,
        "Cache-Control": "no-store",
        "Referrer-Policy": referrer,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def said(value: object) -> str:
    """Return what came from outside as text of a page: visible, and no markup."""
    return escape(clean(value), quote=True)


def paragraphs(sentences: Iterable[str]) -> str:
    """Return each sentence as a paragraph; empty ones are left out."""
    return "\n".join(f"<p>{said(sentence)}</p>" for sentence in sentences if sentence)


def listed(lines: Iterable[str]) -> str:
    """Return the lines as a list."""
    return "<ul>\n" + "\n".join(f"<li>{said(line)}</li>" for line in lines) + "\n</ul>"


def explained(lines: Iterable[str]) -> str:
    """Return the lines as a list, what stands before a line's first `: ` in bold."""
    return "<ul>\n" + "\n".join(f"<li>{_named(line)}</li>" for line in lines) + "\n</ul>"


def _named(line: str) -> str:
    name, colon, rest = line.partition(": ")
    return f"<b>{said(name)}</b>: {said(rest)}" if colon else said(line)


_MARKS = {"good": "✓", "bad": "✗", "waiting": "»"}


def framed(title: str, body: str, *, mood: str = "", refresh: str = "") -> str:
    """Return a whole page.

    `body` is markup; `mood` is `good`, `bad`, `waiting` or nothing and puts its mark before the
    title; `refresh` is `SECONDS; url=URL`, or nothing.
    """
    shape = _MARKS.get(mood, "")
    mark = f'<span class="mark" aria-hidden="true">{shape}</span>' if shape else ""
    again = f'<meta http-equiv="refresh" content="{escape(refresh, quote=True)}">\n'
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{said(title)} - timetoreply</title>
{again if refresh else ""}<style>{STYLE}</style>
</head>
<body>
<main class="{mood}">
<header><b>timetoreply</b> and Microsoft 365</header>
<h1>{mark}{said(title)}</h1>
{body}
</main>
</body>
</html>
"""
