"""Where people sign in: authorize, the account chooser, the consent page, logout.

One sign-in is a `SignIn` behind a random handle, carried in a hidden field. What brought the person
here (authorize, or admin consent of either version) decides what happens when it is known.
"""

from __future__ import annotations

from aiohttp import web

from ttr_tui.sandbox import pages
from ttr_tui.sandbox.admin_consent import ADMIN_CONSENT
from ttr_tui.sandbox.answers import correlation
from ttr_tui.sandbox.authorize import AUTHORIZE, silent_refusal
from ttr_tui.sandbox.issued import SignIn
from ttr_tui.sandbox.journeys import Journey
from ttr_tui.sandbox.people import Person
from ttr_tui.sandbox.refusals import LoginRefused
from ttr_tui.sandbox.tenants import Tenant
from ttr_tui.sandbox.world import SHARED_SEGMENTS, World

SESSION = "SANDBOX_SESSION"


def _journey(sign_in: SignIn) -> Journey:
    return AUTHORIZE if sign_in.kind == "authorize" else ADMIN_CONSENT


def _known(tenants: list[Tenant], hint: str, here: Person | None) -> list[Person]:
    """Return whom the chooser offers: the tenants' known people, who is asked for, who is here."""
    people = [person for tenant in tenants for person in tenant.directory.fixed]
    hinted = (tenant.directory.find(hint) for tenant in tenants if hint)
    return [*people, *filter(None, hinted), *([here] if here else [])]


class LoginPages:
    """The pages of the login host."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the login host this part serves."""
        return [
            web.get("/{tenant}/oauth2/v2.0/authorize", self.begin_authorize),
            web.get("/{tenant}/v2.0/adminconsent", self.begin_admin_consent),
            web.get("/{tenant}/adminconsent", self.begin_admin_consent_v1),
            web.post("/{tenant}/login", self.account_chosen),
            web.post("/{tenant}/consent", self.consent_decided),
            web.get("/{tenant}/oauth2/v2.0/logout", self.logout),
        ]

    async def begin_authorize(self, request: web.Request) -> web.Response:
        """Answer the authorization endpoint (facts section 2.1)."""
        segment = request.match_info["tenant"]
        return self._begin(request, SignIn("authorize", segment, dict(request.query)))

    async def begin_admin_consent(self, request: web.Request) -> web.Response:
        """Answer the admin-consent endpoint, version 2 (facts section 1.1)."""
        segment = request.match_info["tenant"]
        return self._begin(request, SignIn("admin_consent", segment, dict(request.query)))

    async def begin_admin_consent_v1(self, request: web.Request) -> web.Response:
        """Answer the admin-consent endpoint, version 1 (facts section 1.4)."""
        segment = request.match_info["tenant"]
        return self._begin(request, SignIn("admin_consent_v1", segment, dict(request.query)))

    def _begin(self, request: web.Request, sign_in: SignIn) -> web.Response:
        try:
            sign_in.tenant = self._tenant(sign_in.segment)
            refused = _journey(sign_in).check(self._world, sign_in)
            if refused is not None:
                return refused
            if self._take_session(request, sign_in):
                return self._go_on(sign_in)
        except LoginRefused as no:
            return pages.refusal(no, correlation(request))
        if sign_in.kind == "authorize" and sign_in.query.get("prompt") == "none":
            return silent_refusal(self._world, sign_in, 50058)
        return self._choose(sign_in, self._signed_in(request)[1])

    def _tenant(self, segment: str) -> Tenant | None:
        tenant = self._world.tenant(segment)
        if tenant is None and segment not in SHARED_SEGMENTS:
            raise LoginRefused(90002, tenant=segment)
        return tenant

    def _take_session(self, request: web.Request, sign_in: SignIn) -> bool:
        """Sign in without asking when the browser's session may be used; say whether it was."""
        asks = sign_in.query.get("prompt", "") in {"login", "select_account"}
        tenant, person = self._signed_in(request)
        if person is None or asks or sign_in.kind != "authorize":
            return False
        hint = sign_in.query.get("login_hint", "").strip().lower()
        wanted = hint in {"", person.user_principal_name.lower()}
        if not person.account_enabled or not wanted or sign_in.tenant not in {None, tenant}:
            return False
        sign_in.tenant, sign_in.person = tenant, person
        return True

    def _signed_in(self, request: web.Request) -> tuple[Tenant | None, Person | None]:
        """Return who is signed in in this browser, be it in another tenant than the one asked."""
        session = self._world.sessions.find(request.cookies.get(SESSION, ""))
        if session is None:
            return None, None
        tenant, name = session
        return tenant, tenant.directory.find(name)

    def _choose(self, sign_in: SignIn, here: Person | None) -> web.Response:
        """Show the account chooser; `here` is who is signed in in this browser."""
        handle = self._world.sign_ins.add(sign_in)
        tenants = [sign_in.tenant] if sign_in.tenant else self._world.tenants
        hint = sign_in.query.get("login_hint", "").strip()
        chooser = pages.Chooser(
            where=sign_in.tenant.domain if sign_in.tenant else "your organization",
            people=_known(tenants, hint, here),
            hint=hint,
            signed_in=here.user_principal_name if here else "",
        )
        return pages.choose_account(f"/{sign_in.segment}/login", handle, chooser)

    async def account_chosen(self, request: web.Request) -> web.Response:
        """Somebody picked an account."""
        form = await request.post()
        name = str(form.get("other") or form.get("account") or "").strip()
        handle = str(form.get("ctx", ""))
        try:
            sign_in = self._found(handle)
            sign_in.tenant, sign_in.person = self._account(sign_in, name)
        except LoginRefused as no:
            return pages.refusal(no, correlation(request))
        try:
            answer = self._go_on(sign_in, handle)
        except LoginRefused as no:
            # The account is signed in all the same; it is the app that gets nothing.
            answer = pages.refusal(no, correlation(request))
        session = self._world.sessions.add((sign_in.tenant, sign_in.person.id))
        answer.set_cookie(SESSION, session, secure=True, httponly=True, samesite="None")
        return answer

    def _found(self, handle: str) -> SignIn:
        sign_in = self._world.sign_ins.find(handle)
        if sign_in is None:
            raise LoginRefused(90023, field="the sign-in page is too old")
        return sign_in

    def _account(self, sign_in: SignIn, name: str) -> tuple[Tenant, Person]:
        homes = [sign_in.tenant] if sign_in.tenant else self._world.tenants
        for tenant in homes:
            person = tenant.directory.find(name)
            if person is not None:
                if not person.account_enabled:
                    raise LoginRefused(50057)
                return tenant, person
        elsewhere = self._world.tenant(name.partition("@")[2])
        foreign = elsewhere is not None and sign_in.tenant not in {None, elsewhere}
        raise LoginRefused(50020 if foreign else 50034, tenant=homes[0].name)

    def _go_on(self, sign_in: SignIn, handle: str = "") -> web.Response:
        """Ask for consent, or finish when there is nothing to ask.

        Raises LoginRefused for what is said on our own page.
        """
        if self._world.dials.page_refused:
            raise LoginRefused(self._world.dials.page_refused)
        lines = _journey(sign_in).consent_lines(self._world, sign_in)
        if not lines or sign_in.person is None:
            self._world.sign_ins.drop(handle)
            return _journey(sign_in).accept(self._world, sign_in)
        if sign_in.query.get("prompt") == "none":
            return silent_refusal(self._world, sign_in, 65001)
        return pages.ask_consent(
            f"/{sign_in.segment}/consent",
            handle or self._world.sign_ins.add(sign_in),
            sign_in.person,
            lines,
            everyone=sign_in.kind != "authorize",
        )

    async def consent_decided(self, request: web.Request) -> web.Response:
        """Somebody pressed Accept or Cancel; a handle serves one decision."""
        form = await request.post()
        handle = str(form.get("ctx", ""))
        accepted = form.get("decision") == "accept"
        try:
            sign_in = self._found(handle)
            self._world.sign_ins.drop(handle)
            journey = _journey(sign_in)
            # Asked again, because a forged form could skip the page that asks first.
            journey.consent_lines(self._world, sign_in)
            return (journey.accept if accepted else journey.cancel)(self._world, sign_in)
        except LoginRefused as no:
            return pages.refusal(no, correlation(request))

    async def logout(self, request: web.Request) -> web.Response:
        """Forget the browser's session (checklist L9)."""
        self._world.sessions.drop(request.cookies.get(SESSION, ""))
        back = request.query.get("post_logout_redirect_uri", "")
        if back and self._world.accepts(back):
            answer = web.Response(status=302, headers={"Location": back})
        else:
            answer = pages.page("You signed out of your account", "<p>Close this page.</p>")
        answer.del_cookie(SESSION)
        return answer
