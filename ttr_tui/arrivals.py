"""What a browser's arrival leads to: a start page, a request at Microsoft, an outcome.

The callback server asks here; the journeys decide. An arrival that is refused leaves its sentence
on the attempt, where the terminal shows it, and in the journal.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from ttr_tui import attempts
from ttr_tui.access import Access
from ttr_tui.callback import Answers, FinishPage, StartPage
from ttr_tui.errors import AttemptError, StateSpent, StateUnknown, TtrError
from ttr_tui.flows import admin_consent, sign_in
from ttr_tui.model import (
    APPLICATION_PERMISSIONS,
    Attempt,
    AttemptEnd,
    AuthorizationRequest,
    AuthorizationResponse,
    Company,
    Purpose,
    Station,
)

LIVE = "live"
"""Kept instead of a page while the outcome still changes: it is read off the attempt."""

ALLOWS = {
    "Mail.ReadBasic.All": "sender, recipients, subject and times of messages in every mailbox.",
    "User.Read.All": "the list of users: names, addresses, departments.",
    "Directory.Read.All": "users, groups and apps of the directory, and what was granted to them.",
    "Mail.ReadBasic": "sender, recipients, subject and times of messages in your mailbox.",
    "User.Read": "your name and address.",
    "offline_access": "the same while you are away, until it is revoked.",
}

START = {
    Purpose.ADMIN_CONSENT: (
        "Grant admin permission",
        "a Privileged Role Administrator or Global Administrator",
        (*APPLICATION_PERMISSIONS, "Mail.ReadBasic", "User.Read", "offline_access"),
    ),
    Purpose.COMPANY_MASTER: (
        "Sign in the Company Master",
        "the administrator who granted the permission",
        ("Mail.ReadBasic", "User.Read", "offline_access"),
    ),
}
WHY = "timetoreply measures how fast mailboxes answer. For that it reads when mail came and went."


class Arrivals:
    """The callables behind the callback server's pages."""

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
        title, for_whom, permissions = START[purpose]
        return StartPage(
            company_name=company.name,
            domain=company.domain,
            title=title,
            asks=tuple(f"{name}: {ALLOWS[name]}" for name in permissions),
            for_whom=for_whom,
            until=attempt.expires_at,
            why=WHY,
        )

    async def press(self, purpose: Purpose, code: str, browser: str, client: str) -> str:  # noqa: ARG002 - the server's form of the call
        """Make one request for the browser that pressed the button; return its URL at Microsoft."""
        attempt = await attempts.find_by_code(self._access.store, purpose, code)
        if purpose is Purpose.ADMIN_CONSENT:
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
        try:
            await self._complete(request, response, browser, client)
        except TtrError as problem:
            await self._keep_problem(request, browser, problem)
            if isinstance(problem, AttemptError):
                # The button can be pressed again as long as the link lives.
                problem.link = (await store.attempts.get(request.attempt_id)).link
            raise
        handle = await attempts.remember(store, request, browser, LIVE)
        page = await self._page_of(request.attempt_id)
        return replace(page, outcome_handle=handle)

    async def outcome(self, handle: str, browser: str) -> FinishPage:
        """Say again, to the same browser, what became of its arrival. Raises StateUnknown."""
        told = await attempts.outcome(self._access.store, handle, browser)
        page = await self._told(told.attempt_id, told.page)
        return replace(page, outcome_handle=handle)

    async def prove(self, nonce: bytes) -> bytes:
        """Answer another process's challenge with the store's key."""
        return self._access.store.challenge(nonce)

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
        await sign_in.complete(self._access, request, response, known, client)

    async def _keep_problem(
        self, request: AuthorizationRequest, browser: str, problem: TtrError
    ) -> None:
        """Leave the refusal on the attempt, in the journal, and for this browser's reload."""
        store = self._access.store
        company = await store.companies.get(request.company_id)
        async with store.transaction() as tx:
            await store.attempts.advance(
                tx, request.attempt_id, Station.CAME_BACK, problem.sentence()
            )
            await store.journal.write(
                tx,
                "answer refused",
                company_name=company.name,
                subject=request.purpose.value.replace("_", " "),
                outcome="refused",
                detail=problem.sentence(),
            )
        lines = [line for line in (problem.happened, problem.means, problem.cure) if line]
        page = json.dumps({"title": "Nothing was stored", "sentences": lines})
        await attempts.remember(store, request, browser, page)

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
        kept = json.loads(page)
        return FinishPage(kept["title"], tuple(kept["sentences"]), good=False)

    async def _page_of(self, attempt_id: str) -> FinishPage:
        attempt = await self._access.store.attempts.get(attempt_id)
        company = await self._access.store.companies.get(attempt.company_id)
        if attempt.purpose is Purpose.ADMIN_CONSENT:
            return _consent_page(attempt, company)
        return _sign_in_page(attempt, company)


def _consent_page(attempt: Attempt, company: Company) -> FinishPage:
    if attempt.station is Station.PROVEN:
        said = f"Microsoft shows the permission for {company.name}, and it works."
        return FinishPage("Permission granted", (said,), good=True)
    if attempt.problem:
        return FinishPage("Not granted yet", (attempt.problem,), good=False)
    return FinishPage(
        "Proving the permission",
        (
            "Microsoft has answered. The permission is now proven by using it.",
            "That can take some minutes, until Microsoft has put it into effect everywhere.",
            "You can close this page; the terminal shows how it ends.",
        ),
        good=True,
        pending=True,
    )


def _sign_in_page(attempt: Attempt, company: Company) -> FinishPage:
    if attempt.signed_in is not None:
        who = attempt.signed_in.called
        said = f"{who} is signed in as the Company Master of {company.name}."
        return FinishPage("Signed in", (said,), good=True)
    if attempt.person is None or attempt.ended in {AttemptEnd.REFUSED, AttemptEnd.WITHDRAWN}:
        said = "The sign-in was not confirmed in the terminal. What came was erased."
        return FinishPage("Nothing was stored", (said,), good=False)
    return FinishPage(
        "Waiting for the terminal",
        (
            f"You signed in as {attempt.person.shown}.",
            f"Nothing is stored before the operator of {company.name} confirms it.",
            "You can close this page and go back to the terminal.",
        ),
        good=True,
        pending=True,
    )
