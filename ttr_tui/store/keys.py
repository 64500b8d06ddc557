"""The store key and what is derived from it; sealing of single values, bound to their place.

    store key (32 bytes, in a file outside the data directory)
      ├── database key     HKDF: SQLCipher's raw key
      ├── sealing key      HKDF: seals the key of each root authentication
      └── challenge key    HKDF: proves to ourselves that a server on our port is ours

    look-up key (kept in the store, sealed under the sealing key)
      └── hashes codes and states, so that a row is found without them. It comes from the store's
          first key and outlives it, so that links which are out go on working; what it hashes is
          too random to be guessed

HKDF is RFC 5869 with SHA-256; sealing is AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D).
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttr_tui import errors

if TYPE_CHECKING:
    from collections.abc import Callable

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SEAL_VERSION = b"\x01"

Place = tuple[str, str, str]
"""Table, row and column of a sealed value."""


@dataclass(frozen=True, slots=True)
class StoreKey:
    """The key of a store. Only its id and its check value may be shown or written."""

    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.raw) != KEY_BYTES:
            raise ValueError("a store key has 32 bytes")

    @property
    def key_id(self) -> str:
        """Sixteen hexadecimal digits by which people tell keys apart."""
        return self._derive("key id", 8).hex()

    @property
    def check(self) -> str:
        """What only this key gives: kept beside the store, so that a wrong key is known as one."""
        return self._derive("check value", 16).hex()

    def database_key(self) -> bytes:
        """Return SQLCipher's raw key."""
        return self._derive("database")

    def sealing_key(self) -> bytes:
        """Return the key that seals the keys of root authentications."""
        return self._derive("sealing")

    def challenge_key(self) -> bytes:
        """Return the key with which a callback server of this store proves itself."""
        return self._derive("challenge")

    def lookup_key(self) -> bytes:
        """Return the look-up key of a store that begins with this key."""
        return self._derive("look-up")

    def _derive(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        # RFC 5869 with one block of output: extract under a fixed salt, expand by purpose.
        pseudorandom = hmac.digest(b"ttr-tui store key", self.raw, "sha256")
        return hmac.digest(pseudorandom, purpose.encode() + b"\x01", "sha256")[:length]


class HeldKey:
    """The store's key as it is at present: whoever seals or finds rows does it through this.

    When the store moves to another key, the former one still opens what was read just before.
    """

    def __init__(self) -> None:
        self._key: StoreKey | None = None
        self._former: StoreKey | None = None
        self._lookup_sealed = b""
        self._lookup_key = b""

    def take(self, key: StoreKey, lookup_sealed: bytes) -> None:
        """Go on with `key` and with the store's look-up key, which is sealed under it."""
        self._former, self._key = self._key, key
        self._lookup_sealed = lookup_sealed

    @property
    def taken(self) -> bool:
        """Whether there is a key yet."""
        return self._key is not None

    @property
    def present(self) -> StoreKey:
        """The key itself."""
        if self._key is None:
            raise RuntimeError("no key was taken yet")
        return self._key

    def seal(self, place: Place, plain: bytes) -> bytes:
        """Return `plain` sealed under the store's sealing key, so that it opens only at `place`."""
        return seal(self.present.sealing_key(), place, plain)

    def unseal(self, place: Place, sealed: bytes) -> bytes:
        """Return what was sealed at `place`; raise RowUnreadable."""
        try:
            return unseal(self.present.sealing_key(), place, sealed)
        except errors.RowUnreadable:
            if self._former is None:
                raise
            return unseal(self._former.sealing_key(), place, sealed)

    def lookup_hash(self, text: str) -> str:
        """Return `text` hashed under a key (HMAC-SHA-256, hex): finds a row, tells nothing."""
        if not self._lookup_key:
            self._lookup_key = self.unseal(LOOKUP_PLACE, self._lookup_sealed)
        return hmac.digest(self._lookup_key, text.encode(), "sha256").hex()


LOOKUP_PLACE: Place = ("kept_keys", "look-up", "sealed")
"""Where the look-up key lies."""


def new_key() -> bytes:
    """Return 32 random bytes."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, place: Place, plain: bytes) -> bytes:
    """Return `plain` sealed under `key`, so that it opens only at `place`."""
    table, row, column = place
    return sealer(key, table, column)(row, plain)


def sealer(key: bytes, table: str, column: str) -> Callable[[str, bytes], bytes]:
    """Return what seals one row's value after the other under `key`, as `seal` does."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - start-up time

    encrypt, random = AESGCM(key).encrypt, os.urandom
    before, after = SEAL_VERSION + _measured(table), _measured(column)

    def sealed(row: str, plain: bytes) -> bytes:
        nonce = random(NONCE_BYTES)
        bound_to = before + _measured(row) + after
        return SEAL_VERSION + nonce + encrypt(nonce, plain, bound_to)

    return sealed


def unseal(key: bytes, place: Place, sealed: bytes) -> bytes:
    """Return what was sealed at `place` under `key`.

    Raises RowUnreadable when the key, the place or the bytes are not the same.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - start-up time
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - start-up time

    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if sealed[:1] != SEAL_VERSION or len(body) < TAG_BYTES:
        raise unreadable(place)
    try:
        return AESGCM(key).decrypt(nonce, body, _bound_to(place))
    except InvalidTag:
        raise unreadable(place) from None


def unreadable(place: Place) -> errors.RowUnreadable:
    """Return the sentence for a value that does not open at `place`."""
    table, row, _ = place
    return errors.RowUnreadable(
        f"Row {row} of {table} cannot be opened with the keys at hand.",
        means="It was damaged, moved, or its key is destroyed; the other rows stand.",
        cure="Delete it, or sign in again.",
    )


def _bound_to(place: Place) -> bytes:
    return SEAL_VERSION + b"".join(map(_measured, place))


def _measured(part: str) -> bytes:
    # Length-prefixed, so that no two places give the same bytes.
    encoded = part.encode()
    return len(encoded).to_bytes(4, "big") + encoded
