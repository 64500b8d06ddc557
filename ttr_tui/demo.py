"""The demo: a tenant in small, the app on a throw-away directory, and the administrator's key.

The app takes the same ways as with Microsoft: start links, the callback server, HTTPS. The
administrator fetches pages and fills in forms as a person with a browser would.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ttr_tui.logs import start_log
from ttr_tui.model import Secret
from ttr_tui.process import crash_report, who_is_here
from ttr_tui.sandbox import Sandbox
from ttr_tui.sandbox.browser import Administrator
from ttr_tui.settings import read_settings
from ttr_tui.settings.env_text import new_text
from ttr_tui.settings.writing import write_new

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping
    from typing import Literal

    from ttr_tui.screens.session import Demo
    from ttr_tui.settings import Settings

TENANTS = 3
IGNORED = ("MS_GRAPH_", "TTR_")
"""The demo ignores the process's own settings."""
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
"""And its proxies, in lower and upper case: nothing leaves this machine."""


def make_sandbox(users: int, hosting: str) -> Sandbox:
    """Return a sandbox that is not started yet."""
    return Sandbox(users=users, tenants=TENANTS, hosting=cast('Literal["saas", "self"]', hosting))


def forget_surroundings(environ: MutableMapping[str, str]) -> None:
    """Remove from `environ` what would lead the demo out of itself."""
    for name in list(environ):
        if name.startswith(IGNORED) or name.lower() in PROXIES:
            del environ[name]


@contextmanager
def throw_away_folder() -> Iterator[Path]:
    """A directory of this user's alone, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ttr-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def demo_settings(sandbox: Sandbox, folder: Path) -> Settings:
    """Return settings that point at a running sandbox, with a fresh key and store in `folder`."""
    key = folder / "key" / "store.key"
    key.parent.mkdir(mode=0o700)
    key.touch(mode=0o600)
    key.write_text(secrets.token_hex(32), encoding="ascii")
    chosen = {
        **sandbox.settings(free_port()),
        "TTR_DATA_DIR": str(folder / "store"),
        "TTR_KEY_FILE": str(key),
    }
    env_file = folder / "env"
    write_new(env_file, new_text(chosen))
    return read_settings({}, env_file)


def free_port() -> int:
    """Return a port of loopback nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def demo_of(sandbox: Sandbox) -> Demo:
    """Return the tenants to connect, and who follows a start link as their people would."""
    from ttr_tui.screens.session import Demo  # noqa: PLC0415 - Textual takes 200 ms

    async def follow(link: str, account: str) -> str:
        # A private window each time: one tenant's administrator is not offered to the next.
        page = await Administrator(sandbox.ca_file).follow(link, account=account)
        return f"{page.title}. {page.text}" if page.title else page.text

    domains = [tenant.domain for tenant in sandbox.tenants]
    return Demo(follow, domains, lambda: Secret(sandbox.add_secret()))


async def run_demo(users: int, hosting: str) -> int:
    """Run the demo until it is left; return the exit status. Leaves nothing behind."""
    from ttr_tui.app import TtrApp  # noqa: PLC0415 - Textual takes 200 ms
    from ttr_tui.runtime import open_runtime  # noqa: PLC0415 - as above

    forget_surroundings(os.environ)
    with throw_away_folder() as folder:
        async with make_sandbox(users, hosting) as sandbox:
            settings = demo_settings(sandbox, folder)
            registration = settings.require_microsoft()
            end_log = start_log(settings.log_file, [registration.client_secret])
            try:
                async with open_runtime(settings, who_is_here(os.environ), syslog=False) as runtime:
                    app = TtrApp(runtime, demo=demo_of(sandbox))
                    await app.run_async(mouse=False)
            finally:
                end_log()
    if app.crash is not None:
        os.write(2, f"{crash_report(app.crash)}\n".encode())
    return app.return_code or 0
