"""What a browser's arrival leads to: a start page, a request at Microsoft, an outcome.

The callback server asks here; the journeys decide. Somebody who pastes Microsoft's answer into the
terminal arrives here, too, as a browser that nobody knows. An arrival that is refused leaves its
sentence on the attempt, where the terminal shows it, and in the journal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ttr_tui import attempts
from ttr_tui.access import Access
from ttr_tui.advice import Scope, scope_of
from ttr_tui.arrivals import pages
from ttr_tui.callback import Answers, FinishPage, StartPage
from ttr_tui.errors import (
    AttemptError,
    ConsentDenied,
    LinkOver,
    PasteUnusable,
    SignInDenied,
    StateSpent,
    StateUnknown,
    TtrError,
)
from ttr_tui.flows import admin_consent, sign_in
from ttr_tui.model import (
    Attempt,
    AuthorizationRequest,
    AuthorizationResponse,
    Company,
    Purpose,
    Station,
)
from ttr_tui.problems import problem_of

LIVE = "live"
"""Kept instead of a page while the outcome still changes: it is read off the attempt."""

PASTED = "pasted in the terminal"
"""Where an answer came from that no browser brought."""


class Arrivals:
    """The callables behind the callback server's pages, and what a paste leads to."""

    def __init__(self, access: Access, on_consent: Callable[[Company, str], object]) -> None:
        self._access = access
        self._on_consent = on_consent

    def answers(self) -> Answers:
        """Return them as the callback server takes them."""
        return Answers(self.look_up, self.press, self.finish, self.outcome, self.prove)

    async def look_up(self, purpose: Purpose, code: str, client: str) -> StartPage:  # noqa: ARG002 - the server's form of the call
        """Say what a start link asks for; note that it was opened. Raises LinkUnknown, LinkOver."""
        attempt = await attempts.find_by_code(self._access.store, purpose, code)
        if attempt.station is Station.WAITING:
            await attempts.mark(self._access.store, attempt.id, Station.OPENED)
        company = await self._access.store.companies.get(attempt.company_id)
        return pages.start_page(attempt, company)

    async def press(self, purpose: Purpose, code: str, browser: str, client: str) -> str:  # noqa: ARG002 - the server's form of the call
        """Make one request for the browser that pressed the button; return its URL at Microsoft."""
        attempt = await attempts.find_by_code(self._access.store, purpose, code)
        return await self.request_for(attempt, browser)

    async def request_for(self, attempt: Attempt, browser: str = "") -> str:
        """Make one request of an attempt and return its URL at Microsoft.

        Without a browser it is the operator's: Microsoft's own address, to be opened where no start
        page can be reached. Its answer waits for the operator's word. Raises LinkOver.
        """
        if not attempts.accepts_a_press(self._access.store, attempt):
            raise LinkOver("This link is over.", cure="Make a new one.")
        if attempt.purpose is Purpose.ADMIN_CONSENT:
            return await admin_consent.press(self._access, attempt, browser)
        return await sign_in.press(self._access, attempt, browser)

    async def finish(
        self, purpose: Purpose, response: AuthorizationResponse, browser: str, client: str
    ) -> FinishPage:
        """Spend the request, let its journey go on, say what became of it.

        A reload by the same browser is told the same. Raises what the request or the journey
        refuses; a request that is not ours consumes nothing.
        """
        store = self._access.store
        try:
            request = await attempts.peek(store, purpose, response.state)
            await attempts.spend(store, request)
        except StateSpent as spent:
            return await self._told_before(purpose, response.state, browser, spent)
        await self._answered(request, response, browser, client)
        handle = await attempts.remember(store, request, browser, LIVE)
        page = await self._page_of(request.attempt_id)
        return replace(page, outcome_handle=handle)

    async def pasted(
        self, response: AuthorizationResponse, attempt: Attempt | None = None
    ) -> Attempt:
        """Take an answer that somebody pasted; return its attempt as it stands then.

        Who signed in waits for the operator's word. Raises what `finish` raises, and PasteUnusable,
        consuming nothing, when it is the answer to another attempt than `attempt`.
        """
        store = self._access.store
        purpose = await attempts.purpose_of(store, response.state)
        request = await attempts.peek(store, purpose, response.state)
        if attempt is not None and request.attempt_id != attempt.id:
            raise PasteUnusable(
                "This is the answer to another sign-in than the one it was pasted for.",
                means="Nothing was changed; it can still be pasted where it belongs.",
                cure="Look which link was opened, and paste it there.",
            )
        return await self._pasted(request, response)

    async def pasted_code(self, attempt: Attempt, code: str) -> Attempt:
        """Take a code alone as the answer to the attempt's newest request; as `pasted`."""
        request, response = await attempts.answer_with(self._access.store, attempt, code)
        return await self._pasted(request, response)

    async def _pasted(
        self, request: AuthorizationRequest, response: AuthorizationResponse
    ) -> Attempt:
        await attempts.spend(self._access.store, request)
        await self._answered(request, response, "", PASTED)
        return await self._access.store.attempts.get(request.attempt_id)

    async def _answered(
        self,
        request: AuthorizationRequest,
        response: AuthorizationResponse,
        browser: str,
        client: str,
    ) -> None:
        try:
            await self._complete(request, response, browser, client)
        except TtrError as problem:
            await self._keep_problem(request, browser, problem)
            if isinstance(problem, AttemptError):
                # The button can be pressed again as long as the link lives.
                attempt = await self._access.store.attempts.get(request.attempt_id)
                problem.link = attempt.link
            raise

    async def outcome(self, handle: str, browser: str) -> FinishPage:
        """Say again, to the same browser, what became of its arrival. Raises StateUnknown."""
        told = await attempts.outcome(self._access.store, handle, browser)
        page = await self._told(told.attempt_id, told.page)
        return replace(page, outcome_handle=handle)

    async def prove(self, nonce: bytes) -> bytes:
        """Answer another process's challenge with the store's key."""
        store = self._access.store
        # Whoever asks may have gone along to another key already.
        await store.follow()
        return store.challenge(nonce)

    async def _complete(
        self,
        request: AuthorizationRequest,
        response: AuthorizationResponse,
        browser: str,
        client: str,
    ) -> None:
        if request.purpose is Purpose.ADMIN_CONSENT:
            await admin_consent.complete(self._access, response, request.attempt_id)
            company = await self._access.store.companies.get(request.company_id)
            self._on_consent(company, request.attempt_id)
            return
        known = attempts.is_same_browser(self._access.store, request, browser)
        await sign_in.complete(self._access, request, response, sign_in.Arrived(known, client))

    async def _keep_problem(
        self, request: AuthorizationRequest, browser: str, problem: TtrError
    ) -> None:
        """Leave the refusal on the attempt, in the journal, and for this browser's reload."""
        store = self._access.store
        company = await store.companies.get(request.company_id)
        async with store.transaction() as tx:
            await store.attempts.advance(
                tx,
                request.attempt_id,
                Station.CAME_BACK,
                problem.sentence(),
                problem_of(problem),
            )
            await store.journal.write(
                tx,
                "answer refused",
                company_name=company.name,
                subject=request.purpose.value.replace("_", " "),
                outcome="refused",
                detail=problem.sentence(),
            )
        known = attempts.is_same_browser(store, request, browser)
        # What stands in a redirect is a browser's word: never about our secret, never a stranger's.
        by_redirect = isinstance(problem, SignInDenied | ConsentDenied)
        if not by_redirect or (known and scope_of(problem) is Scope.COMPANY):
            await self._access.alarm(company, problem)
        await attempts.remember(store, request, browser, pages.kept_refusal(problem))

    async def _told_before(
        self, purpose: Purpose, state: str, browser: str, spent: StateSpent
    ) -> FinishPage:
        try:
            told = await attempts.outcome_of_state(self._access.store, purpose, state, browser)
        except StateUnknown:
            raise spent from None
        return await self._told(told.attempt_id, told.page)

    async def _told(self, attempt_id: str, page: str) -> FinishPage:
        if page == LIVE:
            return await self._page_of(attempt_id)
        return pages.refusal_page(page)

    async def _page_of(self, attempt_id: str) -> FinishPage:
        attempt = await self._access.store.attempts.get(attempt_id)
        company = await self._access.store.companies.get(attempt.company_id)
        return pages.outcome_page(attempt, company)
