"""The store key, and sealing bound to table, row and column."""

from __future__ import annotations

import hmac
import itertools
import secrets

import pytest

from ttr_tui.errors import RowUnreadable
from ttr_tui.store.keys import LOOKUP_PLACE, HeldKey, StoreKey, new_key, seal, unseal

PLACE = ("tokens", "row", "sealed")


def test_what_was_sealed_opens_at_its_place() -> None:
    """What was sealed opens with the same key at the same place, whatever its length."""
    key = new_key()
    for plain in (b"", b"x", secrets.token_bytes(5000)):
        assert unseal(key, PLACE, seal(key, PLACE, plain)) == plain


def test_no_two_sealings_are_alike() -> None:
    """The same plain text sealed twice gives two nonces: neither tells that they are equal."""
    key = new_key()
    one, other = seal(key, PLACE, b"same"), seal(key, PLACE, b"same")
    assert one != other
    assert one[:13] != other[:13]


@pytest.mark.parametrize(
    "place",
    [
        ("keys", "row", "sealed"),
        ("tokens", "other", "sealed"),
        ("tokens", "row", "other"),
        ("tokensr", "ow", "sealed"),
        ("tokens", "rows", "ealed"),
    ],
)
def test_a_moved_ciphertext_is_refused(place: tuple[str, str, str]) -> None:
    """A ciphertext opens at no other table, row or column, nor where their letters add up."""
    key = new_key()
    sealed = seal(key, PLACE, b"secret")
    with pytest.raises(RowUnreadable):
        unseal(key, place, sealed)


def test_every_flipped_bit_is_noticed() -> None:
    """A change of any byte - version, nonce, body, tag - makes it unreadable."""
    key = new_key()
    sealed = seal(key, PLACE, b"secret")
    for index in range(len(sealed)):
        broken = bytearray(sealed)
        broken[index] ^= 1
        with pytest.raises(RowUnreadable):
            unseal(key, PLACE, bytes(broken))


@pytest.mark.parametrize("length", [0, 1, 13, 28])
def test_a_stump_is_unreadable(length: int) -> None:
    """Bytes too short to hold nonce and tag are unreadable, not a crash."""
    key = new_key()
    with pytest.raises(RowUnreadable):
        unseal(key, PLACE, seal(key, PLACE, b"")[:length])


def test_another_key_does_not_open() -> None:
    """Another key opens nothing, and the sentence shows neither key nor plain text."""
    sealed = seal(new_key(), PLACE, b"secret")
    with pytest.raises(RowUnreadable, match="Row row of tokens") as raised:
        unseal(new_key(), PLACE, sealed)
    assert raised.value.__cause__ is None
    assert "secret" not in raised.value.sentence()


def test_derived_keys_differ() -> None:
    """What is derived for one purpose is no use for another, and none is the key itself."""
    key = StoreKey(new_key())
    derived = [
        key.raw.hex(),
        key.database_key().hex(),
        key.sealing_key().hex(),
        key.challenge_key().hex(),
        key.check,
        key.key_id,
        key.lookup_key().hex(),
    ]
    for one, other in itertools.combinations(derived, 2):
        assert one[:16] != other[:16]


def test_a_key_derives_the_same_for_ever() -> None:
    """The derivation is HKDF-SHA-256 (RFC 5869); a change of it would lock every store out."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - used here alone
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - used here alone

    key = StoreKey(bytes(range(32)))
    independent = HKDF(SHA256(), 32, b"ttr-tui store key", b"database").derive(key.raw)
    assert key.database_key() == independent
    assert key.key_id == "86e2b058edd3584f"


def test_links_outlive_the_store_key() -> None:
    """Their codes are hashed under a key that a store gets from its first one (HKDF-SHA-256) and
    keeps, sealed under whichever key it has by now.
    """
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - used here alone
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - used here alone

    first, later = StoreKey(new_key()), StoreKey(new_key())
    kept = HKDF(SHA256(), 32, b"ttr-tui store key", b"look-up").derive(first.raw)
    assert first.lookup_key() == kept
    held = HeldKey()
    held.take(later, seal(later.sealing_key(), LOOKUP_PLACE, kept))
    assert held.lookup_hash("code") == hmac.digest(kept, b"code", "sha256").hex()
    sealed = held.seal(PLACE, b"secret")
    held.take(StoreKey(new_key()), b"")
    assert held.unseal(PLACE, sealed) == b"secret"
    held.take(StoreKey(new_key()), b"")
    with pytest.raises(RowUnreadable):
        held.unseal(PLACE, sealed)


def test_a_key_does_not_show_itself() -> None:
    """The representation of a key holds nothing of it."""
    key = StoreKey(new_key())
    assert key.raw.hex() not in repr(key)
    assert repr(key.raw) not in repr(key)


def test_a_short_key_is_refused() -> None:
    """A key of another length than 32 bytes is no key."""
    with pytest.raises(ValueError, match="32 bytes"):
        StoreKey(bytes(16))
