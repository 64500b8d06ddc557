"""The key with which the sandbox signs its tokens (RS256, RFC 7515 and 7518 section 3.3)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID


def encoded(raw: bytes) -> str:
    """Return `raw` as base64url without padding (RFC 7515 appendix C)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _integer(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class SigningKey:
    """An RSA key with its published form."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ttr-tui sandbox tokens")])
        start = datetime.now(UTC) - timedelta(days=1)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=30))
            .sign(self._key, hashes.SHA256())
        )
        self._der = certificate.public_bytes(serialization.Encoding.DER)
        # Microsoft's kid is the certificate's SHA-1 thumbprint, the value of x5t (RFC 7517 4.8).
        self.kid = encoded(hashlib.sha1(self._der, usedforsecurity=False).digest())

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return `claims` as a signed token in compact form."""
        header = {"typ": "JWT", "alg": "RS256", "kid": self.kid}
        text = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
        signature = self._key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{encoded(signature)}"

    def published(self, issuer: str) -> dict[str, object]:
        """Return the key as `discovery/v2.0/keys` lists it (facts section 16, L3)."""
        numbers = self._key.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "x5t": self.kid,
            "n": _integer(numbers.n),
            "e": _integer(numbers.e),
            "x5c": [base64.b64encode(self._der).decode()],
            "issuer": issuer,
        }


@cache
def signing_key() -> SigningKey:
    """Return this process's key: making one takes 50 ms, as long as the rest of a sandbox."""
    return SigningKey()
