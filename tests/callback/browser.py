"""A real headless browser, driven over its own debugging protocol."""

from __future__ import annotations

import asyncio
import base64
import itertools
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from aiohttp import ClientSession, ClientWebSocketResponse

CHROMIUM = shutil.which("chromium")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--remote-debugging-port=0",
)


PHONE = (390, 844)
"""A common phone's width and height in CSS pixels."""


class BetweenPages(Exception):
    """The browser has left one page and not yet made the next: ask again."""


class Tab:
    """One tab of the browser."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._session = ""

    async def open(self) -> None:
        """Open the tab."""
        target = await self._ask("Target.createTarget", url="about:blank")
        attached = await self._ask(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self._session = attached["sessionId"]

    async def go(self, url: str) -> None:
        """Type an address."""
        await self._ask("Page.navigate", url=url)

    async def run(self, script: str) -> Any:
        """Return what a script in the page evaluates to; raise BetweenPages."""
        answer = await self._ask("Runtime.evaluate", expression=script, returnByValue=True)
        return answer["result"].get("value")

    async def shows(self, words: str) -> str:
        """Wait until the page's text holds `words`; return the whole of it."""
        async with asyncio.timeout(20):
            while True:
                with suppress(BetweenPages):
                    text = str(await self.run("document.body ? document.body.innerText : ''"))
                    if words in text:
                        return text
                await asyncio.sleep(0.05)

    async def press(self, selector: str) -> None:
        """Click on an element."""
        await self.run(f"document.querySelector({selector!r}).click()")

    async def type(self, selector: str, text: str) -> None:
        """Type into a field, as keys would."""
        await self.run(f"document.querySelector({selector!r}).focus()")
        await self._ask("Input.insertText", text=text)

    async def as_on_a_phone(self) -> None:
        """Show pages in a phone's width from now on, as a phone lays them out."""
        width, height = PHONE
        await self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2,
            mobile=True,
        )

    async def in_colours(self, scheme: Literal["light", "dark"]) -> None:
        """Prefer light or dark pages from now on."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        await self._ask("Emulation.setEmulatedMedia", features=[feature])

    async def picture(self, path: Path) -> None:
        """Write a PNG of the whole page."""
        shot = await self._ask("Page.captureScreenshot", captureBeyondViewport=True)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    async def quit(self) -> None:
        """Let the browser end by itself, so that it clears up what it made."""
        await self._socket.send_json({"id": next(self._numbers), "method": "Browser.close"})

    async def _ask(self, method: str, **parameters: object) -> dict[str, Any]:
        number = next(self._numbers)
        asked: dict[str, object] = {"id": number, "method": method, "params": parameters}
        await self._socket.send_json(
            asked | ({"sessionId": self._session} if self._session else {})
        )
        while True:
            answer = await self._socket.receive_json()
            if answer.get("id") != number:
                continue
            if "error" in answer:
                raise BetweenPages(answer["error"].get("message", ""))
            return dict(answer["result"])


@asynccontextmanager
async def browser(profile: Path, *, trusted_key: str = "") -> AsyncIterator[Tab]:
    """Start the browser with an empty profile and open a tab.

    A server with the key of that SHA-256 (base64, of its SubjectPublicKeyInfo) is trusted, whoever
    signed its certificate.
    """
    flags = [*_FLAGS, f"--user-data-dir={profile}"]
    if trusted_key:
        flags.append(f"--ignore-certificate-errors-spki-list={trusted_key}")
    process = await asyncio.create_subprocess_exec(
        str(CHROMIUM), *flags, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(30):
            while not (found := re.search(rb"ws://\S+", await process.stderr.readline())):
                pass
        async with ClientSession() as session, session.ws_connect(found[0].decode()) as socket:
            tab = Tab(socket)
            await tab.open()
            try:
                yield tab
            finally:
                await tab.quit()
                await asyncio.wait_for(process.communicate(), 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
