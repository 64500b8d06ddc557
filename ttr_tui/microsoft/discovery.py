"""OpenID discovery: which tenant a domain belongs to, and where that tenant's endpoints are."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from ttr_tui.errors import AnswerBroken, Evidence, TenantUnknown
from ttr_tui.microsoft.endpoints import discovery_url, require_root
from ttr_tui.microsoft.wire import Answer, Ask, Wire

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_UNKNOWN_TENANT = frozenset({400, 404})
_KEPT_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class TenantFound:
    """A tenant as its discovery document names it; every endpoint lies at the configured host."""

    tenant_id: str
    issuer: str
    authorization_endpoint: str
    token_endpoint: str


class Discovery:
    """Looks tenants up at one authority, and keeps what it found for a day, in memory."""

    def __init__(self, wire: Wire, authority_host: str) -> None:
        self._wire = wire
        self._authority_host = authority_host
        self._kept: dict[str, tuple[float, TenantFound]] = {}

    async def find(self, domain_or_tenant_id: str) -> TenantFound:
        """Ask Microsoft which tenant this is (facts section 14).

        A domain that resolves proves nothing about who owns it. Raises TenantUnknown, Unreachable,
        AnswerBroken, ForeignHost (an endpoint at another host than the configured authority's).
        """
        asked = domain_or_tenant_id.strip()
        if not asked or not asked.isascii() or not asked.isprintable() or "/" in asked:
            raise _unknown(asked, Evidence())
        root, limits = self._authority_host, self._wire.limits
        answer = await self._wire.patiently(
            Ask("GET", discovery_url(root, asked), root, {"Accept": "application/json"}),
            total=limits.token,
            most=limits.token_waiting,
        )
        if answer.status in _UNKNOWN_TENANT:
            raise _unknown(asked, _evidence(answer))
        if answer.status != 200:
            raise answer.broken("did not send its OpenID configuration")
        found = self._read(answer, asked)
        self._kept[found.tenant_id] = (time.monotonic(), found)
        return found

    async def of_tenant(self, tenant_id: str) -> TenantFound:
        """Return a pinned tenant's endpoints, from memory when they were read within a day."""
        read_at, found = self._kept.get(tenant_id.lower(), (0.0, None))
        if found is not None and time.monotonic() - read_at < _KEPT_SECONDS:
            return found
        return await self.find(tenant_id)

    def _read(self, answer: Answer, asked: str) -> TenantFound:
        body = answer.record()
        issuer = _text(answer, body, "issuer")
        authorization_endpoint = _text(answer, body, "authorization_endpoint")
        token_endpoint = _text(answer, body, "token_endpoint")
        for endpoint in (authorization_endpoint, token_endpoint):
            require_root(endpoint, self._authority_host)
        tenant_id = _tenant_id(issuer, token_endpoint, asked)
        if not tenant_id:
            raise answer.broken("names no tenant id in its OpenID configuration")
        if _GUID.fullmatch(asked) and tenant_id != asked.lower():
            raise answer.broken(f"was asked for tenant {asked} and answers for {tenant_id}")
        return TenantFound(tenant_id, issuer, authorization_endpoint, token_endpoint)


def _tenant_id(issuer: str, token_endpoint: str, asked: str) -> str:
    """Return the tenant's GUID: Microsoft writes it into issuer and endpoints."""
    for text in (issuer, token_endpoint, asked):
        found = _GUID.search(text)
        if found:
            return found.group().lower()
    return ""


def _text(answer: Answer, body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise answer.broken(f"sent an OpenID configuration without {name}")
    return value


def _unknown(asked: str, evidence: Evidence) -> TenantUnknown:
    return TenantUnknown(
        f"Microsoft knows no tenant named {asked!r}.",
        means="The domain is mistyped, or it is not verified in any Microsoft 365 tenant.",
        cure="Check the spelling, or give the tenant id (a GUID) instead.",
        evidence=evidence,
    )


def _evidence(answer: Answer) -> Evidence:
    """Return what the refusal says of itself; it need not be JSON."""
    try:
        body = answer.record()
    except AnswerBroken:
        return Evidence()
    codes = body.get("error_codes")
    code = f"AADSTS{codes[0]}" if isinstance(codes, list) and codes else ""
    return Evidence(
        code,
        str(body.get("correlation_id", "")),
        str(body.get("trace_id", "")),
        str(body.get("timestamp", "")),
    )
