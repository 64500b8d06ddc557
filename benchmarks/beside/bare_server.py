"""An aiohttp server that answers every request with one page: `python -m … PORT`."""

from __future__ import annotations

import sys

from aiohttp import web


async def answer(_request: web.Request) -> web.Response:
    """Answer with a page."""
    return web.Response(text="<p>one page</p>", content_type="text/html")


def main(port: int) -> None:
    """Serve until it is ended."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
