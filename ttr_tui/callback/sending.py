"""What goes out: one kind of response, with the same headers on every answer."""

from __future__ import annotations

from aiohttp import web

from ttr_tui.callback import layout, pages, refusals
from ttr_tui.errors import TtrError


class Reply(web.Response):
    """A response with the headers of every answer, and without the server's name and version."""

    def __init__(
        self,
        text: str,
        status: int = 200,
        *,
        content_type: str = "text/html",
        referrer: str = "no-referrer",
        fields: dict[str, str] | None = None,
    ) -> None:
        super().__init__(
            text=text,
            status=status,
            content_type=content_type,
            charset="utf-8",
            headers=layout.headers(referrer=referrer) | (fields or {}),
        )

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall("Server", None)


def refusal(
    refused: TtrError, *, again: str = "", fields: dict[str, str] | None = None
) -> web.Response:
    """Return the answer that says why; `again` is the path of a start page that still works."""
    markup = pages.refused(refused, again)
    return Reply(markup, refusals.status_of(refused), fields=fields)
