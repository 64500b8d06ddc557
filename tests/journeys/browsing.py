"""What a person does in a real browser: our start page, the sandbox's pages, and back."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.callback.browser import PHONE, BetweenPages, Tab

READABLE_PIXELS = 16
"""From this size on nobody has to zoom in."""

LOWEST_BUTTON = 44
"""Pixels a thumb needs (WCAG 2.2, success criterion 2.5.5)."""

_SHAPE = """(() => {
  const root = document.documentElement, main = document.querySelector('main');
  if (!main) return {text: ''};
  const texts = [...main.querySelectorAll('*')].filter(
    e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  const size = e => parseFloat(getComputedStyle(e).fontSize);
  return {
    text: document.body.innerText,
    wide: Math.max(root.scrollWidth, document.body.scrollWidth),
    body: size(document.body),
    small: Math.min(...texts.map(size)),
    low: Math.min(...[...main.querySelectorAll('.act')].map(e => e.offsetHeight)),
  };
})()"""


async def key_of(root: str) -> str:
    """Return the SHA-256 of the public key an https root shows, as the browser is told it."""
    parts = urlsplit(root)
    # Whoever answers there is the test's own sandbox: nothing is sent, only its key is read.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=context)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    key = x509.load_der_x509_certificate(shown).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


async def shows_on_a_phone(tab: Tab, words: str) -> str:
    """Wait for a page of ours; check that it fits a phone and can be read; return its text.

    Nothing is wider than the screen; text has 16 pixels, notes 15; what is pressed is 44 high.
    """
    async with asyncio.timeout(20):
        while True:
            page = await _shape(tab)
            if words in page["text"]:
                break
            await asyncio.sleep(0.05)
    assert page["wide"] <= PHONE[0], page
    assert page["body"] >= READABLE_PIXELS, page
    assert page["small"] >= READABLE_PIXELS - 1, page
    assert (page["low"] or LOWEST_BUTTON) >= LOWEST_BUTTON, page
    return str(page["text"])


async def _shape(tab: Tab) -> dict[str, Any]:
    try:
        return dict(await tab.run(_SHAPE) or {"text": ""})
    except BetweenPages:
        return {"text": ""}


async def start(tab: Tab, link: str) -> str:
    """Open a start link and press its button; return what the start page said."""
    await tab.go(link)
    said = await shows_on_a_phone(tab, "Go on to Microsoft")
    await tab.press("button.act")
    return said


async def choose_account(tab: Tab, name: str) -> None:
    """Pick an account on the sign-in page: by its button, or typed where it has none."""
    await tab.shows("Use another account")
    known = f'button[name=account][value="{name}" i]'
    if await tab.run(f"document.querySelector({known!r}) !== null"):
        await tab.press(known)
        return
    await tab.type("input[name=other]", name)
    await tab.press('button[name=account][value=""]')


async def accept(tab: Tab) -> None:
    """Agree to what a consent page asks."""
    await tab.shows("would like to:")
    await tab.press("button[value=accept]")


async def decline(tab: Tab) -> None:
    """Refuse what a consent page asks."""
    await tab.shows("would like to:")
    await tab.press("button[value=cancel]")
