"""The log holds what happened and no secret, and the terminal holds nothing of it."""

from __future__ import annotations

import base64
import json
import logging
import os
import secrets
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttr_tui.logs import LARGEST, redact, start_log
from ttr_tui.model import Secret

TOKEN_KEYS = ["access_token", "refresh_token", "id_token", "client_secret", "code", "state"]


def jwt() -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256"}, {"sub": "x" * 40})]
    encoded = [base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, secrets.token_urlsafe(60)])


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Callable[[], str]]:
    """A started log, read as a text."""
    file = tmp_path / "store" / "log"
    end = start_log(file)
    yield lambda: file.read_text(encoding="utf-8")
    end()


@pytest.mark.parametrize("key", TOKEN_KEYS)
@pytest.mark.parametrize(
    "dressed",
    [
        '{{"token_type":"Bearer","{key}":"{value}","expires_in":3599}}',
        '{{"{key}": "{value}',
        "{{'{key}': '{value}'}}",
        "{key}={value}",
        "grant_type=x&{key}={value}&scope=y",
        "https://portal.contoso.com/auth?{key}={value}&session=1",
        "GET /auth?{key}={value} HTTP/1.1",
        "{key}: {value}",
    ],
)
def test_named_secrets_are_hidden_however_they_are_written(key: str, dressed: str) -> None:
    """JSON whole and cut short, Python, form and query."""
    value = secrets.token_urlsafe(24)
    assert value not in redact(dressed.format(key=key, value=value))


def test_headers_that_carry_a_secret_are_hidden() -> None:
    """Whatever the scheme."""
    value = secrets.token_urlsafe(12)
    for line in (
        f"Authorization: Bearer {value}",
        f"{{'Authorization': 'Bearer {value}', 'Accept': '*/*'}}",
        f"authorization={value}",
        f"Cookie: a={value}; b={value}",
        f"Set-Cookie: ttr={value}; Path=/",
        f"header was Basic {value}",
    ):
        assert value not in redact(line), line


def test_anything_shaped_like_a_token_is_hidden() -> None:
    """Tokens without a name: JWTs, Microsoft's opaque ones, client secrets."""
    opaque = f"1.AXoA{secrets.token_urlsafe(60)}aB3"
    client_secret = f"8Q8Q~{secrets.token_urlsafe(24)}.aB3"
    for token in (jwt(), opaque, client_secret):
        shown = redact(f"came {token} back")
        assert token[5:25] not in shown
        assert shown.endswith("back")


def test_start_links_and_handles_are_hidden() -> None:
    """Who reads the log must not be able to use a link that still lives."""
    assert redact("GET /tools/bulk/7K2MQX4P9D HTTP/1.1") == "GET /tools/bulk/<link> HTTP/1.1"
    assert redact("/bulk/7k2mqx4p9d") == "/bulk/<link>"
    assert redact("/bulk/-/a9f_c3-x now") == "/bulk/-/<handle> now"


@pytest.mark.parametrize(
    "line",
    [
        "tenant 8a4f3c1e-5b21-4d6e-9c0f-7e21d4b8a913 answered with status 429",
        "correlation id b1f6d0c2-9a57-4e1b-8d34-6c0e5f7a2913 AADSTS50173",
        "listening on 127.0.0.1:8400 for portal.contoso.com",
        "GET https://graph.microsoft.com/v1.0/organization 200",
        "run 417: 1,240 of 2,000 in /var/lib/ttr-tui/directory-contoso.db",
    ],
)
def test_what_helps_to_find_a_fault_stays(line: str) -> None:
    """Ids, hosts, paths and numbers are what a log is for."""
    assert redact(line) == line


@given(st.text(max_size=200))
def test_redacting_never_fails(written: str) -> None:
    """Whatever a library writes."""
    redact(written)


def test_every_librarys_words_are_redacted_on_their_way_into_the_file(
    log: Callable[[], str],
) -> None:
    """MSAL logs a cut token answer whole, at ERROR."""
    token = jwt()
    for name in ("msal.application", "urllib3.connectionpool", "aiohttp.client", "ttr_tui.store"):
        logging.getLogger(name).error("Token response is not in json format: %s", token)
    written = log()
    assert token not in written
    assert written.count("<token>") == 4


def test_requests_are_not_logged_line_by_line(log: Callable[[], str]) -> None:
    """Statements and URLs at DEBUG and INFO do not reach the file."""
    for name in ("msal", "urllib3.connectionpool", "aiohttp.access", "aiosqlite"):
        logging.getLogger(name).info("executing something")
    logging.getLogger("ttr_tui.store").debug("detail")
    assert log() == ""


def test_a_known_secret_is_hidden_wherever_it_stands(tmp_path: Path) -> None:
    """The client secret, even without a name before it and even when it is short."""
    secret = Secret(secrets.token_hex(5))
    end = start_log(tmp_path / "log", [secret, Secret("")])
    logging.getLogger("ttr_tui").warning("prefix%ssuffix", secret.reveal())
    end()
    assert (tmp_path / "log").read_text().endswith("prefix<hidden>suffix\n")


def test_an_entry_is_one_line_without_control_characters(log: Callable[[], str]) -> None:
    """A display name cannot forge a second entry or steer a terminal."""
    logging.getLogger("ttr_tui").warning("named %s", "a\n2026-01-01T00:00:00Z INFO forged \x1b[2J")
    (line,) = log().splitlines()
    assert "<0a>2026" in line
    assert "\x1b" not in line


def test_tracebacks_in_the_log_hold_no_message(log: Callable[[], str]) -> None:
    """What a library puts into an exception is not known."""
    value = secrets.token_urlsafe(9)
    try:
        int(f"{value}x")
    except ValueError:
        logging.getLogger("ttr_tui").exception("a refresh failed")
    assert value not in log()
    assert "builtins.ValueError" in log()
    assert "test_logs.py:" in log()


def test_nothing_reaches_the_terminal(
    log: Callable[[], str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Not errors, not warnings, not a logger's own trouble."""
    logging.getLogger("msal").error("loud")
    logging.getLogger("ttr_tui").error("%d", "not a number")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
    assert "deprecated" in log()


def test_the_files_are_ours_alone_also_after_rotation(tmp_path: Path) -> None:
    """Directory 0700, every file 0600, and no more files than are kept."""
    file = tmp_path / "store" / "log"
    end = start_log(file)
    logger = logging.getLogger("ttr_tui")
    for _ in range(6):
        logger.info("an entry")
        os.truncate(file, LARGEST)
    end()
    files = sorted(file.parent.iterdir())
    assert [path.name for path in files] == ["log", "log.1", "log.2", "log.3"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert max(path.stat().st_size for path in files) <= LARGEST


def test_a_log_that_cannot_be_opened_stays_silent(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The terminal belongs to the screen even then."""
    (tmp_path / "file").touch()
    end = start_log(tmp_path / "file" / "log")
    logging.getLogger("ttr_tui").error("lost")
    end()
    assert capfd.readouterr().err == ""


def test_ending_the_log_gives_logging_back(tmp_path: Path) -> None:
    """One test's log is not another one's."""
    before = (logging.getLogger().handlers[:], logging.getLogger().level, logging.lastResort)
    start_log(tmp_path / "log")()
    assert before == (
        logging.getLogger().handlers,
        logging.getLogger().level,
        logging.lastResort,
    )
