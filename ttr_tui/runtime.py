"""Everything with a socket or a file in one place: opened together, closed in reverse."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ttr_tui import attempts
from ttr_tui.access import Access, rotated
from ttr_tui.advice import refusal_on_page
from ttr_tui.arrivals import Arrivals
from ttr_tui.errors import PasteUnusable
from ttr_tui.flows import (
    admin_consent,
    bulk_add,
    keep_alive,
    polling,
    readiness,
    revocation,
    sign_in,
)
from ttr_tui.listening import Listening
from ttr_tui.microsoft import Microsoft
from ttr_tui.model import (
    Actor,
    Attempt,
    Authentication,
    Company,
    DirectoryUser,
    Finding,
    Purpose,
    Station,
)
from ttr_tui.pasted import PastedNumber, PastedResponse, read_pasted
from ttr_tui.process import share_interpreter
from ttr_tui.store import Store, Syslog
from ttr_tui.telling import Teller
from ttr_tui.works import Work, WorkKind, Works

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Sequence

    from ttr_tui.settings import Settings

AUTHORITY_NOTE = "authority in use"

ERASING_PAUSE = 900.0
"""Seconds between two looks for sign-ins that nobody confirmed within their day."""


@dataclass(frozen=True)
class Runtime:
    """What a face works with. Open it with `open_runtime`."""

    actor: Actor
    store: Store
    access: Access
    listening: Listening
    works: Works
    arrivals: Arrivals
    teller: Teller
    lasting: list[asyncio.Task[None]]

    @property
    def settings(self) -> Settings:
        """Return the settings as they count now: the client secret may be rotated."""
        return self.access.settings

    async def begin(self, company: Company, purpose: Purpose) -> Attempt:
        """Make a start link for one of the administrator's two steps.

        Raises ListenFailed while no link would lead to a server of ours.
        """
        self.listening.require()
        if purpose is Purpose.ADMIN_CONSENT:
            return await admin_consent.begin(self.access, company)
        return await sign_in.begin(self.access, company)

    async def begin_agent(self, company: Company, who: DirectoryUser | str) -> Attempt:
        """Make a start link for one mailbox's owner; raises ListenFailed and what the flow does."""
        self.listening.require()
        return await sign_in.begin_agent(self.access, company, who)

    async def begin_again(self, company: Company, authentication: Authentication) -> Attempt:
        """Make a start link that re-authenticates; raises ListenFailed and what the flow does."""
        self.listening.require()
        return await sign_in.begin_again(self.access, company, authentication)

    async def microsoft_address(self, attempt: Attempt) -> str:
        """Make a request of the operator's own; return Microsoft's address, which is long.

        For a browser that cannot reach the start page: it ends on an address that is pasted here.
        """
        return await self.arrivals.request_for(attempt)

    async def finish_pasted(self, written: str, attempt: Attempt | None = None) -> Attempt:
        """Take what somebody pasted; return its attempt as it stands then.

        `attempt` is whose screen it was pasted on: a code alone and an error's number need it. Who
        signed in waits for the operator's word. Raises PasteUnusable, what an arrival raises, and
        for an error's number what it means.
        """
        pasted = read_pasted(written)
        if isinstance(pasted, PastedResponse):
            return await self.arrivals.pasted(pasted.response, attempt)
        if isinstance(pasted, PastedNumber):
            problem = refusal_on_page(pasted.code, written)
            if attempt is not None:
                await attempts.mark(self.store, attempt.id, Station.AT_MICROSOFT, problem)
                company = await self.store.companies.get(attempt.company_id)
                await self.access.alarm(company, problem)
            raise problem
        if attempt is None:
            raise PasteUnusable(
                "A code alone does not say which sign-in it belongs to.",
                means="Nothing was changed.",
                cure="Paste the whole address the browser ended on, or name the attempt.",
            )
        return await self.arrivals.pasted_code(attempt, pasted.code.reveal())

    def prove_consent(self, company: Company, attempt_id: str = "") -> Work:
        """Prove the granted permission by use, in the background; waits out Microsoft's delay."""
        return _prove(self.access, self.works, company, attempt_id)

    def poll(self, company: Company, *, whole: bool = False) -> Work:
        """Bring the local copy of the company's directory up to date, in the background.

        What changed is read, or everybody: when there is no other way, or `whole` asks for it.
        """
        return self.works.start(
            WorkKind.POLL,
            company.id,
            lambda report: polling.poll(self.access, company, report, whole=whole),
        )

    def check(self, company: Company) -> Work:
        """Check the company's readiness, in the background.

        Its progress is the tuple of findings so far, its result that of all.
        """

        async def look(report: Callable[[tuple[Finding, ...]], None]) -> tuple[Finding, ...]:
            so_far: list[Finding] = []

            def found(finding: Finding) -> None:
                so_far.append(finding)
                report(tuple(so_far))

            return await readiness.check(self.access, company, found)

        return self.works.start(WorkKind.CHECK, company.id, look)

    def carry_on(self, company_id: str, run_id: int) -> Work:
        """Carry a bulk-add run to its end, in the background."""
        return self.works.start(
            WorkKind.BULK_ADD,
            company_id,
            lambda report: bulk_add.carry_on(self.access, run_id, report),
            subject=str(run_id),
        )

    def erase(self, company_id: str, revocation_id: int) -> Work:
        """See a deletion through until nothing of it is left on disk, in the background."""
        return self.works.start(
            WorkKind.ERASING,
            company_id,
            lambda _report: revocation.erase(self.access, revocation_id),
            subject=str(revocation_id),
        )

    async def resume(self) -> None:
        """Take up what an earlier process left: deletions first, then bulk-add runs.

        From then on, for as long as the program runs, sign-ins are kept alive and the hook is told.
        """
        for planned in await self.store.revocations.open():
            self.erase(planned.company_id, planned.id)
        if self.access.connection is not None:
            for run in await self.store.runs.open_runs():
                self.carry_on(run.company_id, run.id)
            await self._resume_proofs()
        loop = asyncio.get_running_loop()
        self.lasting.append(loop.create_task(keep_alive.Keeper(self.access).keep()))
        self.lasting.append(loop.create_task(self.teller.follow()))
        self.lasting.append(loop.create_task(rotated.follow(self.access)))

    async def _resume_proofs(self) -> None:
        """Go on proving permissions that Microsoft has answered about, and nobody looked since."""
        for company in await self.store.companies.list():
            for attempt in await self.store.attempts.open_of(company.id, Purpose.ADMIN_CONSENT):
                if attempt.station is Station.CAME_BACK and not attempt.problem:
                    self.prove_consent(company, attempt.id)


@asynccontextmanager
async def open_runtime(
    settings: Settings,
    actor: Actor,
    *,
    serve: bool = True,
    syslog: bool = True,
    inherited: socket.socket | None = None,
) -> AsyncIterator[Runtime]:
    """Open store, Microsoft and the callback server; close them in reverse.

    With `serve=False` nothing listens (commands that make no link); an `inherited` socket is
    listened on instead of one of our own. With `syslog=False` the journal stays in the store (a
    demo leaves nothing behind). Faulty settings that concern Microsoft alone leave the store
    usable. Raises StoreError kinds.
    """
    share_interpreter()
    async with AsyncExitStack() as stack:
        store = await Store.open(
            settings.data_dir,
            settings.key_file,
            key_is_given=settings.key_is_given,
            destroyed_file=settings.destroyed_file,
            actor=actor,
            syslog=Syslog() if syslog else Syslog(None),
        )
        stack.push_async_callback(store.close)
        teller = Teller(store, settings.hook)
        stack.push_async_callback(teller.finish)
        connection = _connect(settings)
        if connection is not None:
            await connection.open()
            stack.push_async_callback(connection.close)
        access = Access(store, settings, actor, connection)
        stack.push_async_callback(access.settle)
        works = Works()
        arrivals = Arrivals(access, partial(_prove, access, works))
        listening = Listening(settings, arrivals.answers(), inherited)
        lasting: list[asyncio.Task[None]] = []
        runtime = Runtime(actor, store, access, listening, works, arrivals, teller, lasting)
        stack.push_async_callback(works.close)
        await _journal_authority(store, settings)
        await attempts.erase_overdue(store)
        lasting.append(asyncio.get_running_loop().create_task(_erase_overdue(store)))
        stack.push_async_callback(_cancelled, lasting)
        if serve:
            await listening.start()
            stack.push_async_callback(listening.stop)
        yield runtime


async def _erase_overdue(store: Store) -> None:
    """Erase, for as long as the program runs, what waited its day for nobody's word."""
    while True:
        await asyncio.sleep(ERASING_PAUSE)
        await attempts.erase_overdue(store)


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


def _prove(access: Access, works: Works, company: Company, attempt_id: str = "") -> Work:
    return works.start(
        WorkKind.PROOF,
        company.id,
        lambda report: admin_consent.prove(access, company, report, attempt_id=attempt_id),
    )


def _connect(settings: Settings) -> Microsoft | None:
    if settings.registration is None:
        return None
    return Microsoft(
        settings.registration,
        settings.authority_host,
        settings.graph_base_url,
        settings.ca_file,
    )


async def _journal_authority(store: Store, settings: Settings) -> None:
    """Journal each change of the hosts and the extra CA that tokens and the secret go to."""
    if settings.registration is None:
        return
    used = f"{settings.authority_host} {settings.graph_base_url} CA: {settings.ca_file or 'system'}"
    former = await store.note(AUTHORITY_NOTE)
    if former == used:
        return
    async with store.transaction() as tx:
        await store.set_note(tx, AUTHORITY_NOTE, used)
        await store.journal.write(
            tx,
            "authority changed" if former else "authority first used",
            subject=settings.authority_host,
            detail=f"{former or 'none'} -> {used}",
        )
