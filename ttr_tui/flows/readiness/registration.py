"""Step 1: whose registration it is, for whom, and whether it is switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.errors import (
    ENTRA_ADMINISTRATOR,
    ClientRefused,
    ConsentNeeded,
    MicrosoftError,
    TtrError,
)
from ttr_tui.flows.readiness.judging import (
    LIST_COLUMN,
    OWNER,
    SWITCHED_OFF,
    UNKNOWN_APP,
    cannot_be_known,
    why_not,
    worst,
)
from ttr_tui.microsoft.grants import not_here
from ttr_tui.model import Check, Finding, Seen, Verdict, now
from ttr_tui.problems import problem_of

if TYPE_CHECKING:
    from ttr_tui.flows.readiness.scene import Registered, Scene
    from ttr_tui.microsoft.principal import ServicePrincipal

ONE_TENANT = "AzureADMyOrg"
SEVERAL_TENANTS = "AzureADMultipleOrgs"
WITH_PERSONAL = "AzureADandPersonalMicrosoftAccount"

_CALLED = {
    ONE_TENANT: "this organization only",
    SEVERAL_TENANTS: "multi-tenant",
    WITH_PERSONAL: "multi-tenant and personal accounts",
    "PersonalMicrosoftAccount": "personal accounts only",
}


async def look(scene: Scene) -> Finding:
    """Compare the registration's audience with the hosting.

    It is read from the registration where the company's tenant or the registration's home lets us,
    else from our service principal (facts sections 9.1 and 9.3).
    """
    try:
        registered = await scene.registered()
    except (ConsentNeeded, ClientRefused) as refusal:
        return _refused(scene, refusal)
    ours = None
    try:
        ours = await scene.principal()
    except MicrosoftError as refusal:
        if registered.application is None:
            return cannot_be_known(scene, Check.REGISTRATION, refusal, link=_link(scene))
    if registered.application is None and ours is None:
        return cannot_be_known(scene, Check.REGISTRATION, not_here(), link=_link(scene))
    return _judged(scene, registered, ours)


def _judged(scene: Scene, registered: Registered, ours: ServicePrincipal | None) -> Finding:
    read = registered.application or ours
    audience = read.audience if read is not None else ""
    fits, means = _judge(scene.self_hosted, audience)
    called = _CALLED.get(audience, "")
    evidence = [
        Seen(f"signInAudience is {audience or 'not told'}", fits, called),
        _source(scene, registered),
    ]
    if scene.self_hosted and registered.home_tenant_id not in {"", scene.company.tenant_id}:
        text = f"registered in tenant {registered.home_tenant_id}, not in this one"
        evidence.append(Seen(text, Verdict.FAIL))
        means = "A self-hosted installation uses a registration of the customer's own tenant."
    switched_off = (ours is not None and not ours.enabled) or (
        registered.application is not None and not registered.application.enabled
    )
    if switched_off:
        evidence.append(Seen("the app is switched off", Verdict.FAIL))
        means = "Nobody can sign in with it, and no token is issued to it."
    verdict = worst(evidence)
    seen = _seen(audience)
    if verdict is Verdict.FAIL and fits is not Verdict.FAIL:
        seen = "switched off" if switched_off else "registered in another tenant"
    good = verdict is Verdict.PASS
    return Finding(
        check=Check.REGISTRATION,
        verdict=verdict,
        seen=seen,
        checked_at=now(),
        evidence=tuple(evidence),
        means=means,
        who="" if good else OWNER,
        cure="" if good else _cure(scene, switched_off=switched_off),
        link=scene.admin_center.properties() if switched_off else _link(scene),
    )


def _seen(audience: str) -> str:
    called = _CALLED.get(audience, "unknown audience")
    both = f"{called} ({audience})"
    if not audience:
        return "no audience is told"
    return both if len(both) <= LIST_COLUMN else called


def _judge(self_hosted: bool, audience: str) -> tuple[Verdict, str]:
    """Return what an audience is worth for the hosting, and what it means."""
    if not audience:
        return Verdict.UNKNOWN, "Microsoft Graph does not tell for whom the app is registered."
    if self_hosted:
        if audience == ONE_TENANT:
            return Verdict.PASS, "Only people of this tenant can sign in with this app."
        return Verdict.FAIL, (
            "Other tenants can let this app in too; an installation that serves one company needs "
            "a registration for that one alone."
        )
    if audience == SEVERAL_TENANTS:
        return Verdict.PASS, "Every customer's tenant can let this app in."
    if audience == WITH_PERSONAL:
        return Verdict.WARNING, (
            "Personal Microsoft accounts may use this app too; no customer needs that."
        )
    return Verdict.FAIL, "No other tenant can let this app in, so no customer can be connected."


def _cure(scene: Scene, *, switched_off: bool) -> str:
    if switched_off:
        return (
            "Entra admin center > Enterprise applications > "
            f"{scene.app_name} > Properties: let users sign in."
        )
    choice = (
        "Accounts in this organizational directory only"
        if scene.self_hosted
        else "Accounts in any organizational directory"
    )
    return (
        f"Entra admin center > App registrations > {scene.app_name} > Authentication > "
        f"Supported account types: choose {choice}."
    )


def _source(scene: Scene, registered: Registered) -> Seen:
    if registered.application is None:
        return Seen("read from our service principal here", None, unread(scene, registered))
    where = "this tenant"
    if registered.home_tenant_id != scene.company.tenant_id:
        where = f"its home tenant {registered.home_tenant_id}"
    return Seen(f"read from the registration in {where}")


def unread(scene: Scene, registered: Registered) -> str:
    """Say in a few words why the registration itself could not be read."""
    if registered.refusal is not None:
        return f"the registration: {why_not(scene, registered.refusal)}"
    return "the registration is not found in its tenant"


def _refused(scene: Scene, refusal: TtrError) -> Finding:
    """Tell an app nobody knows, or one that is switched off, from one that is not granted yet."""
    code = refusal.evidence.code
    if code == SWITCHED_OFF:
        return _failed(
            "the app is switched off there",
            refusal,
            who=ENTRA_ADMINISTRATOR,
            cure=_cure(scene, switched_off=True),
            link=scene.admin_center.properties(),
        )
    if code == UNKNOWN_APP and scene.self_hosted:
        return _failed(
            "no app with this id in this tenant",
            refusal,
            means="Microsoft knows no app with this id in this tenant, and a self-hosted one must "
            "be registered in it: the id is wrong, it was registered elsewhere, or it was deleted.",
            cure="Compare MS_GRAPH_CLIENT_ID with the Application (client) ID on the overview page "
            "of the registration.",
        )
    return cannot_be_known(scene, Check.REGISTRATION, refusal, link=_link(scene))


def _failed(
    seen: str, refusal: TtrError, *, cure: str, means: str = "", who: str = "", link: str = ""
) -> Finding:
    return Finding(
        check=Check.REGISTRATION,
        verdict=Verdict.FAIL,
        seen=seen,
        checked_at=now(),
        evidence=(Seen(refusal.happened, Verdict.FAIL),),
        means=means or refusal.means,
        who=who or refusal.who,
        cure=cure,
        link=link,
        problem=problem_of(refusal),
    )


def _link(scene: Scene) -> str:
    return scene.admin_center.overview()
