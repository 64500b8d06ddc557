"""Step 3: the two boxes under Authentication; either way everything here works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.errors import MicrosoftError
from ttr_tui.flows.readiness.judging import cannot_be_known, why_not
from ttr_tui.model import Check, Finding, Seen, Verdict, now
from ttr_tui.problems import problem_of

if TYPE_CHECKING:
    from ttr_tui.flows.readiness.scene import Registered, Scene
    from ttr_tui.microsoft.registration import Application

_SAFER = (
    "Every flow here asks for a code. Ticked boxes let Microsoft also hand out tokens in an "
    "address, which the set-up guide asks for and nothing here uses; unticking them is safer."
)


async def look(scene: Scene) -> Finding:
    """Say whether access tokens and ID tokens are ticked (`web.implicitGrantSettings`)."""
    link = scene.admin_center.authentication()
    try:
        registered = await scene.registered()
    except MicrosoftError as refusal:
        return cannot_be_known(scene, Check.AUTHENTICATION_SETTINGS, refusal, link=link)
    if registered.application is not None:
        return _told(scene, registered.application)
    here = registered.home_tenant_id in {"", scene.company.tenant_id}
    if registered.refusal is not None and here:
        closed = registered.refusal
        return cannot_be_known(scene, Check.AUTHENTICATION_SETTINGS, closed, link=link)
    return _unread(scene, registered)


def _told(scene: Scene, read: Application) -> Finding:
    boxes = (("Access tokens", read.access_token_box), ("ID tokens", read.id_token_box))
    evidence = tuple(
        Seen(
            f"{name}: {'not told' if ticked is None else 'ticked' if ticked else 'unticked'}",
            Verdict.UNKNOWN if ticked is None else Verdict.PASS,
        )
        for name, ticked in boxes
    )
    states = {ticked for _, ticked in boxes}
    seen = "one of two ticked; unticked is safer"
    if None in states:
        seen = "Microsoft does not tell them"
    elif states == {True}:
        seen = "ticked, as the set-up guide asks"
    elif states == {False}:
        seen = "unticked: safer, all our flows work"
    return Finding(
        check=Check.AUTHENTICATION_SETTINGS,
        verdict=Verdict.UNKNOWN if None in states else Verdict.PASS,
        seen=seen,
        checked_at=now(),
        evidence=evidence,
        means="Unticked is what is safest." if states == {False} else _SAFER,
        link=scene.admin_center.authentication(),
    )


def _unread(scene: Scene, registered: Registered) -> Finding:
    """Say that the registration is not here: in another tenant, which is closed to us, or gone."""
    refusal = registered.refusal
    text = "web.implicitGrantSettings of the registration"
    note = why_not(scene, refusal) if refusal else "it is not found in its tenant"
    elsewhere = registered.home_tenant_id not in {"", scene.company.tenant_id}
    return Finding(
        check=Check.AUTHENTICATION_SETTINGS,
        verdict=Verdict.UNKNOWN,
        seen="told in the app's home tenant alone"
        if elsewhere
        else "the registration is not found here",
        checked_at=now(),
        evidence=(Seen(text, Verdict.UNKNOWN, note),),
        means=f"They stand in the registration alone, which only its home tenant lists. {_SAFER}",
        link=scene.admin_center.authentication(),
        problem=problem_of(refusal) if refusal else None,
    )
