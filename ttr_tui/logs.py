"""The log: one rotated file that is ours alone, never the terminal, and no secret in it.

Libraries log what they please (MSAL a whole token answer when it arrives cut short), so every line
is redacted on its way into the file, whoever wrote it.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from ttr_tui.crash import bare_traceback
from ttr_tui.model import Secret
from ttr_tui.text import clean

LARGEST = 1_000_000
"""Bytes after which the log begins a new file."""
KEPT = 3
"""Older files kept beside it."""
LONGEST_LINE = 4_000
"""Characters of one entry."""

TALKATIVE = ("aiohttp", "aiosqlite", "asyncio", "msal", "urllib3")
"""Loggers heard from WARNING on only: below that they write requests and statements."""

_KEYS = (
    "access_token|refresh_token|id_token|client_secret|client_assertion|assertion|client_info"
    "|code_verifier|code_challenge|code|state|nonce|session_state|password|passwd|cookie|flow"
)
_SEALS: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"\beyJ[\w-]{4,}(?:\.[\w-]*){0,4}"), "<token>"),
    (
        re.compile(
            r"""(\bauthorization['"]?\s*[:=]\s*)(?:['"][^'"]*['"]?|[^\r\n]*)""", re.IGNORECASE
        ),
        r"\1<hidden>",
    ),
    (re.compile(r"(\b(?:set-)?cookie['\"]?\s*:\s*)[^\r\n]*", re.IGNORECASE), r"\1<hidden>"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), r"\1 <hidden>"),
    (
        re.compile(
            rf"""(?<![\w])(["']?(?:{_KEYS})["']?\s*[:=]\s*)"""
            r"""(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,&;}}"']+)""",
            re.IGNORECASE,
        ),
        r"\1<hidden>",
    ),
    (re.compile(r"(?<=[\w/.-])\?[^\s\"'<>]+"), "?<query>"),
    (re.compile(r"/-/[\w.~-]+"), "/-/<handle>"),
    (re.compile(r"/(?=[\w]*\d)[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{10}(?=[\s\"'/?,;]|$)"), "/<link>"),
)
_GUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_OPAQUE = re.compile(
    rf"(?<![\w.~+=-])(?!{_GUID}(?![\w.~+=-]))"
    r"(?=[\w.~+=-]*\d)(?=[\w.~+=-]*[a-z])(?=[\w.~+=-]*[A-Z])[\w.~+=-]{30,}"
)


def redact(written: str) -> str:
    """Return `written` without tokens, codes, secrets, states, headers that carry one, and queries.

    What merely looks like a token (30 characters and more, letters of both cases and digits) goes
    too; tenant, object and correlation ids stay.
    """
    for pattern, instead in _SEALS:
        written = pattern.sub(instead, written)
    return _OPAQUE.sub("<hidden>", written)


class _RedactingFormatter(logging.Formatter):
    """One entry a line, in UTC, redacted and cleaned; tracebacks without values or messages."""

    def __init__(self, hidden: Sequence[Secret]) -> None:
        super().__init__()
        self._hidden = [secret for secret in hidden if secret.reveal()]

    def hide(self, secret: Secret) -> None:
        """Redact one more secret from now on."""
        if secret.reveal() and secret not in self._hidden:
            self._hidden.append(secret)

    def format(self, record: logging.LogRecord) -> str:
        said = record.getMessage()
        for secret in self._hidden:
            said = said.replace(secret.reveal(), "<hidden>")
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        head = f"{moment} {record.levelname} {record.name} "
        line = head + clean(redact(said), LONGEST_LINE)
        if record.exc_info and record.exc_info[1] is not None:
            line += "\n" + self.formatException(record.exc_info)
        return line

    def formatException(  # noqa: N802 - the name logging calls
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return bare_traceback(ei[1]) if ei[1] is not None else ""


class _PrivateFile(RotatingFileHandler):
    """Opens its file, new ones after rotation too, for this user alone."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        handle = os.open(self.baseFilename, flags, 0o600)
        os.fchmod(handle, 0o600)
        return os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace")


def start_log(file: Path, hidden: Sequence[Secret] = ()) -> Callable[[], None]:
    """Send everything that is logged to `file` and nothing to the terminal.

    Returns what ends the log and gives back the former state. `hidden` are secrets known by now,
    redacted wherever they stand. Where the file cannot be opened, nothing is logged: the terminal
    stays free.
    """
    handler = _open_handler(file)
    handler.setFormatter(_RedactingFormatter(hidden))
    root = logging.getLogger()
    former = (root.handlers[:], root.level, logging.raiseExceptions, logging.lastResort)
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.raiseExceptions = False
    logging.lastResort = None
    logging.captureWarnings(capture=True)
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(logging.WARNING)
        logger.propagate = True

    def end() -> None:
        logging.captureWarnings(capture=False)
        root.handlers[:], level, logging.raiseExceptions, logging.lastResort = former
        root.setLevel(level)
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.NOTSET)
        handler.close()

    return end


def hide(secret: Secret) -> None:
    """Redact a secret that came to be known after the log was started, wherever it stands."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _RedactingFormatter):
            handler.formatter.hide(secret)


def _open_handler(file: Path) -> logging.Handler:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _PrivateFile(file, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8")
    except OSError:
        return logging.NullHandler()
