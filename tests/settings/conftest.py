"""An installation whose settings are right, to be put wrong one at a time."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ttr_tui.settings import Settings, read_settings

Read = Callable[..., Settings]

REDIRECTS = {
    "MS_GRAPH_REDIRECT": "account/microsoft/auth",
    "MS_GRAPH_REDIRECT_FOR_INVITE": "msgraph-auth",
    "MS_GRAPH_REDIRECT_FOR_REAUTH": "msgraph-re-auth",
    "MS_GRAPH_REDIRECT_FOR_BULK": "tools/agents/msgraph-store-bulk",
    "MS_GRAPH_REDIRECT_FOR_ADMIN": "msgraph-grant-admin-permission",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The platform's own directories, away from this machine's real ones."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    return folder


@pytest.fixture
def right() -> dict[str, str]:
    """The seven required settings, all well."""
    redirects = {name: f"https://portal.contoso.com/{path}" for name, path in REDIRECTS.items()}
    return {
        "MS_GRAPH_CLIENT_ID": str(uuid.uuid4()),
        "MS_GRAPH_CLIENT_SECRET": secrets.token_urlsafe(30),
        **redirects,
    }


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    """Where the env file is written."""
    return tmp_path / "env"


@pytest.fixture
def read(env_file: Path, right: dict[str, str]) -> Read:
    """Write the right settings with some changed (`None` leaves one out), and read them."""

    def write_and_read(environ: Mapping[str, str] | None = None, **changed: str | None) -> Settings:
        lines = [
            f"{name}={value}" for name, value in (right | changed).items() if value is not None
        ]
        env_file.touch(mode=0o600)
        env_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return read_settings(environ or {}, env_file)

    return write_and_read


def problems(settings: Settings) -> list[tuple[str, str]]:
    """What is wrong, as name and problem."""
    return [(fault.name, fault.problem) for fault in settings.faults]
