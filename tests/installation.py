"""An installation whose settings stand in an env file of its own, as on a customer's server."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.office import Office, free_port
from ttr_tui.model import Actor
from ttr_tui.runtime import open_runtime
from ttr_tui.sandbox import Sandbox
from ttr_tui.sandbox.browser import Administrator
from ttr_tui.settings import read_settings


def write_env_file(sandbox: Sandbox, folder: Path, *more: str) -> Path:
    """Write the env file of an installation below `folder`; `more` lines come last."""
    folder.mkdir(mode=0o700, exist_ok=True)
    key_file = folder / "store.key"
    key_file.touch(mode=0o600)
    key_file.write_text(secrets.token_hex(32), encoding="ascii")
    names = sandbox.settings(free_port()) | {
        "TTR_DATA_DIR": str(folder / "data"),
        "TTR_KEY_FILE": str(key_file),
    }
    kept = {name: value for name, value in names.items() if name != "MS_GRAPH_CLIENT_SECRET"}
    file = folder / "env"
    file.touch(mode=0o600)
    lines = [*(f"{name}={value}" for name, value in kept.items()), *more]
    file.write_bytes("\r\n".join(["# ours", "", *lines, ""]).encode())
    return file


@asynccontextmanager
async def opened(sandbox: Sandbox, env_file: Path, **environ: str) -> AsyncIterator[Office]:
    """Open the product with the settings of a file."""
    settings = read_settings(environ, env_file)
    assert settings.faults == ()
    actor = Actor("anna", "203.0.113.7")
    async with open_runtime(settings, actor, serve=False, syslog=False) as runtime:
        yield Office(runtime, sandbox, Administrator(sandbox.ca_file))
