"""What a TLS certificate says of itself: for whom it is, who issued it, when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Name


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate as it stands; nothing of it is verified. Texts are as they came."""

    names: tuple[str, ...]
    issuer: str
    begins: datetime
    ends: datetime


def certificate_end(path: Path) -> datetime | None:
    """Return when the first certificate of a PEM file ends (UTC), None where there is none.

    The first one is the server's own (RFC 5246, section 7.4.2); what follows is its chain.
    """
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - only where there is one

    try:
        return load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc
    except (OSError, ValueError):
        return None


def read_certificate(der: bytes) -> Shown | None:
    """Return what a certificate in DER says, None where it cannot be read."""
    from cryptography import x509  # noqa: PLC0415 - only where one is shown

    # Its own kinds are no ValueErrors; whoever shows a certificate shows whatever bytes they like.
    odd = (x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType)
    try:
        made = x509.load_der_x509_certificate(der)
        return Shown(
            _names_of(made),
            _called(made.issuer),
            made.not_valid_before_utc,
            made.not_valid_after_utc,
        )
    except (ValueError, *odd):
        return None


def _names_of(made: Certificate) -> tuple[str, ...]:
    from cryptography import x509  # noqa: PLC0415 - see above

    try:
        names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return (_called(made.subject),)
    addresses = (str(address) for address in names.get_values_for_type(x509.IPAddress))
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def _called(name: Name) -> str:
    from cryptography.x509.oid import NameOID  # noqa: PLC0415 - see above

    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        if found := name.get_attributes_for_oid(oid):
            return str(found[0].value)
    return name.rfc4514_string()
