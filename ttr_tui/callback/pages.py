"""The pages a browser is shown, as markup; each says who asks, what for, and what is true now."""

from __future__ import annotations

from datetime import UTC, datetime

from ttr_tui.callback.answers import FinishPage, StartPage
from ttr_tui.callback.layout import explained, framed, listed, paragraphs, said
from ttr_tui.callback.refusals import status_of, title_of
from ttr_tui.errors import YOU, Evidence, TtrError

REFRESH_SECONDS = 3
"""How often a page asks again while its attempt is not decided."""


def start(page: StartPage, action: str) -> str:
    """Return the page behind a start link; its button posts to the path `action`."""
    body = f"""<p class="company">{said(page.company_name)}, {said(page.domain)}</p>
<p>For {said(page.for_whom)}.</p>
<h2>What is asked</h2>
{explained(page.asks)}
{paragraphs([page.why])}
<h2>What it does not allow</h2>
{listed(page.never)}
<form method="post" action="{said(action)}">
<button class="act" type="submit">Go on to Microsoft</button>
</form>
<p class="soft">Valid until {_utc(page.until)}. Opening this page has changed nothing.</p>"""
    return framed(page.title, body)


def onward(url: str) -> str:
    """Return the page that leads to Microsoft: a redirect from a form is blocked by our policy."""
    body = f"""<p>Microsoft's own page opens now. Sign in there.</p>
<a class="act" href="{said(url)}" rel="noreferrer">Open Microsoft's page</a>
<p class="soft">If it does not open by itself, press the button. You have ten minutes; after that,
open the start link again.</p>"""
    return framed("Going on to Microsoft", body, refresh=f"0; url={url}")


def finished(page: FinishPage, refresh_path: str) -> str:
    """Return what became of an attempt; while it is pending, the page asks at `refresh_path`."""
    if page.pending:
        note = f"This page looks again every {REFRESH_SECONDS} seconds."
        refresh = f"{REFRESH_SECONDS}; url={refresh_path}" if page.outcome_handle else ""
        body = paragraphs(page.sentences)
        body += f'\n<p class="soft">{note}</p>' if refresh else ""
        return framed(page.title, body, mood="waiting", refresh=refresh)
    closing = (page.closing,) if page.good else ()
    body = paragraphs((*page.sentences, *closing))
    return framed(page.title, body, mood="good" if page.good else "bad")


def refused(refusal: TtrError, again: str = "") -> str:
    """Return the page of a refusal; `again` is the path of a start page that still works."""
    who = "" if refusal.who == YOU else f"Who can act: {refusal.who}."
    if refusal.who == YOU and status_of(refusal) >= 500:
        who = "Who can act: whoever runs this server; not you, if you were sent the link."
    body = paragraphs((refusal.happened, refusal.means, who, refusal.cure))
    if again:
        body += f'\n<a class="act" href="{said(again)}">Open the start page again</a>'
    return framed(title_of(refusal), body + _evidence(refusal.evidence), mood="bad")


def _evidence(evidence: Evidence) -> str:
    facts = {
        "Code": evidence.code,
        "Correlation id": evidence.correlation_id,
        "Trace id": evidence.trace_id,
        "Time": evidence.timestamp,
    }
    rows = [f"<dt>{name}</dt><dd>{said(value)}</dd>" for name, value in facts.items() if value]
    return "\n<dl>" + "\n".join(rows) + "</dl>" if rows else ""


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
