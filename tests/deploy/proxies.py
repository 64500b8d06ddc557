"""Real reverse proxies on the files of `deploy/`, with nothing but ports and places changed."""

from __future__ import annotations

import asyncio
import os
import re
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
STARTED = 10.0
"""Seconds a proxy has to start."""

NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log info;
events {{}}
http {{
    access_log {folder}/others.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include conf.d/*.conf;
    server {{
        listen 127.0.0.1:{port};
        include snippets/ttr-tui.conf;
        location / {{ return 404; }}
    }}
}}
"""
"""What a distribution's own nginx.conf and the portal's server block are elsewhere."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy listens, where it leads, and where everything it writes lies."""

    folder: Path
    port: int
    behind: int

    def written(self) -> str:
        """Everything it wrote."""
        return "".join(file.read_text() for file in sorted(self.folder.glob("*.log")))


def nginx(proxy: Proxy) -> Sequence[str]:
    """Write nginx's configuration; return the command that runs it."""
    for file in (DEPLOY / "nginx").rglob("*.conf"):
        copy = proxy.folder / file.relative_to(DEPLOY / "nginx")
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(_moved(file.read_text(), proxy, "/var/log/nginx"))
    main = proxy.folder / "nginx.conf"
    main.write_text(NGINX.format(folder=proxy.folder, port=proxy.port))
    return ["nginx", "-p", str(proxy.folder), "-c", str(main)]


def caddy(proxy: Proxy) -> Sequence[str]:
    """Write Caddy's configuration; return the command that runs it."""
    written = _moved((DEPLOY / "Caddyfile").read_text(), proxy, "/var/log/caddy")
    written = written.replace("\n{\n", "\n{\n\tadmin off\n\tdefault_bind 127.0.0.1\n")
    written = written.replace("portal.example.com", f"http://:{proxy.port}")
    main = proxy.folder / "Caddyfile"
    main.write_text(written)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(main)]


def _moved(text: str, proxy: Proxy, logs: str) -> str:
    return re.sub(r"127\.0\.0\.1:8400\b", f"127.0.0.1:{proxy.behind}", text).replace(
        logs, str(proxy.folder)
    )


@asynccontextmanager
async def running(command: Sequence[str], proxy: Proxy) -> AsyncIterator[None]:
    """Run a proxy while the block lasts."""
    home = {"HOME": str(proxy.folder), "PATH": os.environ["PATH"]}
    with (proxy.folder / "stderr.log").open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=DEVNULL, stderr=stderr, env=home
        )
    try:
        async with asyncio.timeout(STARTED):
            while not await _answers(proxy.port):
                assert process.returncode is None, proxy.written()
                await asyncio.sleep(0.01)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
