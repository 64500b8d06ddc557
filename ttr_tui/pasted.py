"""What somebody pasted, read: Microsoft's answer, its code alone, or an error's number.

Microsoft writes `code`, `client_info`, `state`, `session_state` in this order (facts section 2.2),
and our `state` has 43 characters always. A text that was cut off therefore lacks its state, or has
a shorter one, and is never taken for a whole answer. What was pasted is a secret: no sentence and
no `repr` here repeats any of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import parse_qsl

from ttr_tui.errors import PasteUnusable
from ttr_tui.model import AuthorizationResponse, Secret
from ttr_tui.text import number, plural

LONGEST = 1 << 20
"""Characters that are read; Microsoft's answers have some thousand."""
LINE_MODE = 4_095
"""Characters the kernel keeps of a line while a terminal is in line mode (termios(3), ICANON)."""
STATE_LENGTH = 43
"""Characters of our `state`: 32 random bytes in base64url."""
PARKED = "ttr_parked"
"""In the address of an answer that our own callback server has taken already."""

_MOST_PARAMETERS = 100
_SHORTEST_CODE, _LONGEST_CODE = 40, 16_384
_ANSWERS = ("code", "error", "admin_consent")
_STATE = re.compile(rf"[A-Za-z0-9_-]{{{STATE_LENGTH}}}")
_CODE = re.compile(rf"[A-Za-z0-9._~!*$-]{{{_SHORTEST_CODE},{_LONGEST_CODE}}}")
_INVISIBLE = re.compile(
    r"\x1b\[20[01]~|[\x00-\x08\x0e-\x1b\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_AMPERSAND = re.compile(r"(?:&|\\u0026)(?:amp;|#38;|#x26;)*", re.IGNORECASE)
_QUOTES = "\"'`<>()[]{}“”„«»‹›‘’.,;"
_LINE_EDGES = " \t\xa0>|│┃"
"""What mail programs and panes put around a line; no address begins or ends with it."""
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_ADDRESS_END = re.compile(r"""\]\(|[|<>"'`]""")
_PARAMETER = re.compile(r"(?:^|[?&#])(?:code|state|error|admin_consent)=")
_HOST = re.compile(r"https?://([A-Za-z0-9.-]+(?::\d{1,5})?)", re.IGNORECASE)
_NUMBER = re.compile(r"AADSTS[\s:]*(\d{4,9})(?!\d)", re.IGNORECASE)
_NUMBER_INSIDE = re.compile(r"AADSTS(\d{4,9})(?=\D)")
_BARE_NUMBER = re.compile(r"\d{4,9}")
_START_LINK = re.compile(r"/[0-9A-HJKMNP-TV-Z]{10}")
_AT_MICROSOFT = ("/authorize", "/adminconsent", "/login", "/kmsi", "/reprocess", "/processauth")

_PASTE = "Paste the whole address the browser ended on."
_AGAIN = (
    "Copy the whole address again. The paste box of the full screen and finish --file take any "
    "length."
)


@dataclass(frozen=True, slots=True)
class PastedResponse:
    """Microsoft's answer, whole as far as that can be seen; as untrusted as a browser's."""

    response: AuthorizationResponse = field(repr=False)


@dataclass(frozen=True, slots=True)
class PastedCode:
    """An authorization code alone; nothing in it says to which request it belongs."""

    code: Secret


@dataclass(frozen=True, slots=True)
class PastedNumber:
    """The number of an error that Microsoft's page shows, such as `AADSTS50011`."""

    code: str


Pasted: TypeAlias = PastedResponse | PastedCode | PastedNumber


def read_pasted(text: str) -> Pasted:
    """Return what `text` is: an address, its query or fragment, a code, or an error's number.

    Line breaks, spaces, quotes and other traces of terminals, mails and pages are repaired;
    parameters are decoded as those of a redirect are. Raises PasteUnusable when the text is none
    of these, was cut off, or is an address from before the answer.
    """
    if len(text) > LONGEST:
        raise PasteUnusable(
            f"The text has {plural(len(text), 'character')}, more than any answer of Microsoft's.",
            cure=_PASTE,
        )
    visible = _INVISIBLE.sub("", text)
    address, query = _parts(_repaired(visible))
    parameters = _parameters(query)
    _refuse_what_comes_before(address, parameters)
    length = len(text.strip())
    if _is_whole(parameters, query):
        return PastedResponse(AuthorizationResponse(parameters))
    if found := _number(visible, address, parameters):
        return PastedNumber(f"AADSTS{found}")
    if "state" in parameters or any(name in parameters for name in _ANSWERS):
        raise _incomplete(parameters, query, length)
    if not query:
        return PastedCode(Secret(_bare_code(address, visible, length)))
    raise _nothing_of_it(length)


def first_host(text: str) -> str:
    """Return the host of the first address near the beginning of `text`, or nothing."""
    found = _HOST.search("".join(text[:LINE_MODE].split()))
    return found[1] if found else ""


def _repaired(visible: str) -> str:
    """Return the text on one line, without blanks and without what was put around it."""
    lines = "".join(line.strip(_LINE_EDGES) for line in visible.splitlines())
    joined = _AMPERSAND.sub("&", "".join(lines.split()))
    return joined.replace("\\", "").strip(_QUOTES)  # a backslash continued a line of a shell


def _parts(repaired: str) -> tuple[str, str]:
    """Return what stands before the parameters, and the parameters; a fragment counts as some."""
    begin, first = _ADDRESS.search(repaired), _PARAMETER.search(repaired)
    if begin and not (first and first.start() < begin.start()):
        repaired = _ADDRESS_END.split(repaired[begin.start() :], maxsplit=1)[0]
    pieces = re.split(r"[?#]", repaired, maxsplit=1)
    if len(pieces) == 1 and first:
        return "", repaired
    return pieces[0], pieces[1].replace("#", "&") if len(pieces) == 2 else ""


def _parameters(query: str) -> Mapping[str, str]:
    """Decode as a redirect's query is decoded; nothing named twice (RFC 6749, section 3.1)."""
    try:
        query.encode()  # a lone surrogate stands for a byte that is no UTF-8
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError as broken:
        raise PasteUnusable("The parameters in this text cannot be read.", cure=_AGAIN) from broken
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise PasteUnusable(
            "This text has a parameter twice: it may have been pasted twice.", cure=_PASTE
        )
    return parameters


def _refuse_what_comes_before(address: str, parameters: Mapping[str, str]) -> None:
    path = re.sub(r"^https?://[^/]*", "", address, flags=re.IGNORECASE).rstrip("/")
    if PARKED in parameters or "/-/" in path:
        raise PasteUnusable(
            "The browser has brought this answer to ttr-tui by itself.",
            cure="Nothing is to be pasted: its page and the live line say how it ended.",
        )
    if any(parameters.get(name) for name in _ANSWERS):
        return
    if "client_id" in parameters or path.lower().endswith(_AT_MICROSOFT):
        raise PasteUnusable(
            "This is a page of Microsoft's on the way, not the answer.",
            cure="Open it in a browser and sign in; then paste the address the browser ends on.",
        )
    if _ADDRESS.match(address) and not parameters and _START_LINK.fullmatch(path[-11:]):
        raise PasteUnusable(
            "This is a start link, not the answer.",
            cure="Open it in a browser and sign in; then paste the address the browser ends on.",
        )


def _is_whole(parameters: Mapping[str, str], query: str) -> bool:
    """Tell whether nothing that counts can be missing: a code that stands last may be cut."""
    if not _STATE.fullmatch(parameters.get("state", "")):
        return False
    code_last = query.rpartition("&")[2].startswith("code=")
    return any(parameters.get(name) for name in _ANSWERS) and not code_last


def _number(visible: str, address: str, parameters: Mapping[str, str]) -> str:
    """Return the digits of an error's number, or nothing.

    In an address the number counts only where something follows it: it may be cut itself.
    """
    code = parameters.get("code", "")
    if address.lower().endswith("/error") and _BARE_NUMBER.fullmatch(code):
        return code
    if any(name in parameters for name in _ANSWERS):
        found = _NUMBER_INSIDE.search(parameters.get("error_description", ""))
    else:
        found = _NUMBER.search(visible)
    if found:
        return found[1]
    return visible.strip() if _BARE_NUMBER.fullmatch(visible.strip()) else ""


def _incomplete(parameters: Mapping[str, str], query: str, length: int) -> PasteUnusable:
    last = query.rpartition("&")[2]
    text = f"this text of {plural(length, 'character')}"
    if last.startswith("code=") and "state" in parameters:
        return _cut(f"The code is the last thing in {text}", length)
    if "state" not in parameters:
        return _cut(f"There is no state in {text}", length)
    if not any(parameters.get(name) for name in _ANSWERS):
        return PasteUnusable(
            f"There is neither a code nor an error in {text}: its beginning is missing.",
            cure=_PASTE,
        )
    if last.startswith("state=") and len(parameters["state"]) < STATE_LENGTH:
        return _cut(f"The state in {text} ends before its {STATE_LENGTH} characters", length)
    return PasteUnusable(
        "The state in this text is none that ttr-tui made, or something was pasted along with it.",
        cure=_PASTE,
    )


def _cut(what: str, length: int) -> PasteUnusable:
    """Say that the text was cut off; a code that is whole can be pasted as nothing but itself."""
    in_line_mode = f"A terminal in line mode keeps {number(LINE_MODE)} characters of a line."
    return PasteUnusable(
        f"{what}: it was cut off.",
        means=in_line_mode if length == LINE_MODE else "",
        cure=_AGAIN,
    )


def _bare_code(repaired: str, visible: str, length: int) -> str:
    """Return a code that was pasted alone; words are none, whatever they are joined to."""
    if not repaired:
        raise PasteUnusable("Nothing was pasted.", cure=_PASTE)
    if _ADDRESS.match(repaired):
        raise PasteUnusable(f"This address carries no answer ({length} characters).", cure=_PASTE)
    wrapped_only = len(repaired) >= 20 * len(visible.split())
    if not wrapped_only or not _CODE.fullmatch(repaired):
        raise _nothing_of_it(length)
    if length == LINE_MODE:
        raise _cut(f"This code has exactly {plural(length, 'character')}", length)
    return repaired


def _nothing_of_it(length: int) -> PasteUnusable:
    return PasteUnusable(
        f"This text of {plural(length, 'character')} is neither an answer of Microsoft's, nor a "
        "code, nor an error's number.",
        cure=_PASTE,
    )
