"""Microsoft: discovery, tokens and Graph, at the configured hosts and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from ttr_tui.microsoft.batch import BatchAnswer, BatchItem
from ttr_tui.microsoft.discovery import Discovery, TenantFound
from ttr_tui.microsoft.graph import Graph
from ttr_tui.microsoft.tokens import Refreshed, SignedIn, SignInRequest, Tokens
from ttr_tui.microsoft.waiting import Gate, Limits, WaitingFor, requests_share, waits_told_to
from ttr_tui.microsoft.wire import Wire

if TYPE_CHECKING:
    from ttr_tui.settings import Registration

__all__ = [
    "BatchAnswer",
    "BatchItem",
    "Gate",
    "Limits",
    "Microsoft",
    "Refreshed",
    "SignInRequest",
    "SignedIn",
    "TenantFound",
    "WaitingFor",
    "requests_share",
    "waits_told_to",
]


class Microsoft:
    """The way to Microsoft for one registration; `open()` before use, `close()` after.

    `authority_host` and `graph_base_url` are https roots without a path; `ca_file` is trusted
    besides the system's own certificates.
    """

    def __init__(
        self,
        registration: Registration,
        authority_host: str,
        graph_base_url: str,
        ca_file: Path | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._wire = Wire(ca_file, limits or Limits())
        self._discovery = Discovery(self._wire, authority_host)
        self.tokens = Tokens(
            registration, self._wire, self._discovery, (authority_host, graph_base_url)
        )
        self.graph = Graph(self._wire, graph_base_url)

    async def open(self) -> None:
        """Open the HTTP session; raises SettingsFaulty when the CA file cannot be used."""
        await self._wire.open()

    async def close(self) -> None:
        """End what is under way and forget every token in memory."""
        self.tokens.close()
        await self._wire.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.close()

    async def discover(self, domain_or_tenant_id: str) -> TenantFound:
        """Return the tenant a domain or tenant id belongs to, asked anew.

        Raises TenantUnknown, Unreachable, AnswerBroken, ForeignHost.
        """
        return await self._discovery.find(domain_or_tenant_id)
