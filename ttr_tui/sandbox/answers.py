"""The forms in which the login host answers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import web

from ttr_tui.sandbox import pages
from ttr_tui.sandbox.refusals import LoginRefused
from ttr_tui.sandbox.world import World


def json_answer(body: object, status: int = 200) -> web.Response:
    """Return JSON that nobody may keep."""
    return web.Response(
        text=json.dumps(body),
        status=status,
        content_type="application/json",
        charset="utf-8",
        headers={"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"},
    )


def correlation(request: web.Request) -> str:
    """Return the caller's request id, or a fresh one."""
    return request.headers.get("client-request-id") or str(uuid.uuid4())


def refuse(request: web.Request, world: World, refused: LoginRefused) -> web.Response:
    """Refuse in JSON."""
    return json_answer(refused.body(world.login, correlation(request)), refused.status)


def respond(redirect_uri: str, mode: str, fields: Mapping[str, str]) -> web.Response:
    """Send the browser back to the app: `mode` is query, fragment or form_post."""
    if mode == "form_post":
        return pages.form_post(redirect_uri, fields)
    mark = "#" if mode == "fragment" else "&" if "?" in redirect_uri else "?"
    location = f"{redirect_uri}{mark}{urlencode(fields)}"
    return web.Response(status=302, headers={"Location": location, "Cache-Control": "no-store"})
