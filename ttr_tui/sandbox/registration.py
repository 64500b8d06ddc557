"""The app registration: its secrets and redirect URIs, and what the dials make of them."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from ttr_tui.sandbox import permissions
from ttr_tui.sandbox.dials import Dials

DAY = 86400.0
HINT = 3
"""How many characters of a secret Graph shows (facts section 9.3)."""


@dataclass(slots=True, eq=False)
class Secret:
    """A client secret. `ends_at` is None for the one the dial `secret_days` speaks of."""

    value: str = field(repr=False)
    made_at: float
    ends_at: float | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def ends(self, dials: Dials) -> float:
        """Return when it ends, in seconds since the epoch."""
        return self.made_at + dials.secret_days * DAY if self.ends_at is None else self.ends_at


@dataclass(slots=True, eq=False)
class Registration:
    """The app registration, which exists in its home tenant alone.

    `client_secret` is the secret the product was given at first; `secrets` are those that count.
    """

    client_id: str
    client_secret: str = field(repr=False)
    home_tenant_id: str
    multi_tenant: bool
    redirect_uris: list[str] = field(default_factory=list)
    display_name: str = "timetoreply"
    object_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    made_at: float = field(default_factory=time.time)
    secrets: list[Secret] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with the one secret."""
        self.secrets.append(Secret(self.client_secret, self.made_at))

    def add_secret(self, days: float, now: float) -> Secret:
        """Make a second secret that ends `days` after `now`; its hint is nobody else's."""
        taken = {secret.value[:HINT] for secret in self.secrets}
        value = made_secret()
        while value[:HINT] in taken:
            value = made_secret()
        secret = Secret(value, now, now + days * DAY)
        self.secrets.append(secret)
        return secret

    def remove_secret(self, value: str) -> None:
        """Remove a secret: it is refused from now on. Raises KeyError when there is none."""
        kept = [secret for secret in self.secrets if secret.value != value]
        if len(kept) == len(self.secrets):
            raise KeyError("secret")
        self.secrets[:] = kept

    def secret(self, value: str) -> Secret | None:
        """Return the secret with this value."""
        given = value.encode()
        fits = (s for s in self.secrets if secrets.compare_digest(s.value.encode(), given))
        return next(fits, None)

    def replies(self, dials: Dials) -> list[str]:
        """Return all redirect URIs, of whatever platform."""
        kept = [uri for uri in self.redirect_uris if uri not in dials.redirects_missing]
        more = dials.redirects_foreign | dials.redirects_spa | dials.redirects_public
        return [*kept, *sorted(more - set(kept))]

    def web_redirects(self, dials: Dials) -> list[str]:
        """Return the redirect URIs of the platform Web."""
        elsewhere = dials.redirects_spa | dials.redirects_public
        return [uri for uri in self.replies(dials) if uri not in elsewhere]

    def required(self, kind: str, dials: Dials) -> list[str]:
        """Return the names of the permissions of a kind, `Role` or `Scope`, it asks for."""
        usual = permissions.REQUIRED_ROLES if kind == "Role" else permissions.REQUIRED_SCOPES
        return permissions.changed(kind, usual, dials.required_missing, dials.required_extra)


def made_secret() -> str:
    """Return a secret of the form Entra gives: forty characters with a tilde among them."""
    return f"{secrets.token_hex(2)[:HINT]}8Q~{secrets.token_urlsafe(25)[:34]}"


def among(redirect_uri: str, known: Iterable[str]) -> bool:
    """Say whether a redirect URI is one of these: exactly, but any port of localhost (RFC 8252
    section 7.3; facts section 12).
    """
    return any(
        redirect_uri == each or _without_port(redirect_uri) == _without_port(each) != ""
        for each in known
    )


def _without_port(uri: str) -> str:
    parts = urlsplit(uri)
    if parts.scheme != "http" or parts.hostname != "localhost" or "@" in parts.netloc:
        return ""
    return urlunsplit(("http", "localhost", parts.path, parts.query, parts.fragment))
