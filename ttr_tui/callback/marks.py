"""Our own mark: what one of our servers answers on a redirect path when it is only asked for that.

It is asked for by a query of one parameter and nothing else, `ttr_reach` with a nonce of 64 digits.
No answer of Microsoft's is that: each brings `state`, and a second parameter beside it (RFC 6749,
section 4.1.2). Beside any other parameter it means nothing.
"""

from __future__ import annotations

import json
import re

from ttr_tui.callback.routes import Place, Route

PARAMETER = "ttr_reach"
"""The query parameter that asks for the mark."""

_ASKED = re.compile(PARAMETER + "=([0-9a-f]{64})")
_MARKED = (Place.CALLBACK, Place.START)


def query_for(nonce: bytes) -> str:
    """Return the query that asks for the mark over `nonce` (32 bytes)."""
    return f"{PARAMETER}={nonce.hex()}"


def nonce_of(route: Route, query: str) -> bytes | None:
    """Return the nonce where a request is for the mark and nothing else, else None.

    Below a redirect path any code will do: it is not looked up, so nothing is learnt of it.
    """
    asked = _ASKED.fullmatch(query) if route.place in _MARKED else None
    return bytes.fromhex(asked[1]) if asked else None


def message(place: Place, path: str, nonce: bytes) -> bytes:
    """Return what the mark is made over, before `recognise.bound_to` adds port and redirects.

    With place and redirect path in it, the mark of one path is worth nothing on another. It is
    longer than the nonce of a challenge, and so never the same message as one.
    """
    return b"mark\0" + json.dumps([place.value, path]).encode() + b"\0" + nonce
