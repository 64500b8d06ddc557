"""What is said of the six permissions: for the list, what it means, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.model import PERMISSIONS, Permission, Seen, Verdict

if TYPE_CHECKING:
    from ttr_tui.flows.readiness.scene import Scene

MAIL = PERMISSIONS[0]
"""The one permission that a role in Exchange may stand for (facts section 8)."""

_STOPS = {
    "Mail.ReadBasic.All": "agents added in bulk cannot be read",
    "User.Read.All": "the list of users cannot be read for certain",
    "Directory.Read.All": "groups cannot be read and this set-up cannot be checked",
    "Mail.ReadBasic": "agents who sign in alone cannot be read",
    "User.Read": "nobody can sign in",
    "offline_access": "a sign-in ends after an hour",
}

BY_EXCHANGE = (
    "Where Exchange is meant to choose the mailboxes there is nothing to do; else grant the admin "
    "permission again: 1 Connect, the first step, or ttr-tui connect --step consent."
)

LIMIT = Seen(
    "consent policy, conditional access, PIM-eligible roles",
    None,
    "cannot be read with these six",
)
"""What nobody can see with these permissions."""


def list_words(
    missing: list[Permission], mail: Seen, more: int, *, by_exchange: bool, unlisted: int
) -> str:
    """Return what was seen, within the list's column."""
    if missing:
        few = len(missing) == 1
        return (
            f"not granted: {missing[0].name}"
            if few
            else f"{len(missing)} of {len(PERMISSIONS)} not granted"
        )
    words = (
        (by_exchange and mail.verdict is Verdict.UNKNOWN, "no mail permission; no agent to ask"),
        (by_exchange and more > 0, f"no {MAIL.name}; {more} more instead"),
        (more > 0, f"all granted, and {more} more than needed"),
        (by_exchange, "mail by Exchange RBAC, rest granted"),
        (unlisted > 0, f"granted; {unlisted} no longer requested"),
    )
    usual = "3 application, 3 delegated: granted"
    return next((said for so, said in words if so), usual)


def means(missing: list[Permission], more: int, *, by_exchange: bool) -> str:
    """Return what it means that these are missing, or `more` are granted besides."""
    said = []
    if missing:
        said = [f"Without {one.name} ({one.type.word}) {_STOPS[one.name]}." for one in missing]
    elif by_exchange:
        said.append(
            "Without Mail.ReadBasic.All a mailbox opens only where a role in Exchange (RBAC for "
            "Applications) or a broader permission lets this app in; its answer decides."
        )
    if more:
        said.append(
            "What goes beyond is not used here; whoever gets hold of the client secret could."
        )
    return " ".join(said) or "Exactly what is needed is granted, and nothing beyond it."


def cures(
    scene: Scene, missing: list[Permission], unlisted: list[Permission], more: int
) -> list[str]:
    """Return what to do, in sentences; `unlisted` are those the registration does not request."""
    to_do = []
    if unlisted:
        names = ", ".join(f"{one.name} ({one.type.word})" for one in unlisted)
        to_do.append(
            f"Entra admin center > App registrations > {scene.app_name} > API permissions: add "
            f"{names}."
        )
    if missing or unlisted:
        to_do.append(
            "Grant the admin permission again, as a Privileged Role Administrator or Global "
            "Administrator: 1 Connect, the first step, or ttr-tui connect --step consent."
        )
    if more:
        to_do.append(
            f"Entra admin center > Enterprise applications > {scene.app_name} > Permissions: "
            "revoke what goes beyond, and remove it under API permissions of the registration."
        )
    return to_do
