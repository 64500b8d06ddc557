"""The seven steps in words: what to do where, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.model import PERMISSIONS, Hosting
from ttr_tui.setup_guide.commands import SECRET_FILE, az_lines, powershell_lines
from ttr_tui.setup_guide.manifest import app_manifest
from ttr_tui.setup_guide.wanted import GLOBAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.setup_guide.wanted import Wanted

_CENTERS = {"usgov": "entra.microsoft.us", "dod": "entra.microsoft.us"}
_CHINA = "entra.microsoftonline.cn"
_WORLDWIDE = "entra.microsoft.com"

ROLES = ("Privileged Role Administrator", "Global Administrator")
"""Either may grant application permissions of Microsoft Graph (facts section 1.6)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence or more, to be wrapped, and below it lines that are to be copied as they are."""

    words: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A step of the seven, or (`step` 0) another way to do several of them."""

    step: int
    title: str
    parts: tuple[Part, ...]


def sections(wanted: Wanted, env_file: str, env_lines: Sequence[str]) -> tuple[Section, ...]:
    """Return the whole guide in order.

    `env_file` is the file the settings are written to, `env_lines` what it will hold, without the
    secret's value.
    """
    return (
        _registration(wanted),
        _redirects(wanted),
        _authentication(wanted),
        _permissions(wanted),
        _secret(),
        *_as_commands(wanted),
        _administrator(wanted),
        _env_file(env_file, env_lines),
    )


def _registration(wanted: Wanted) -> Section:
    center = _CHINA if wanted.cloud == "china" else _CENTERS.get(wanted.cloud, _WORLDWIDE)
    parts = [
        Part(
            f"Open https://{center} > Entra ID > App registrations > New registration. The name is "
            "free; it is what administrators and mailboxes' owners are shown when they consent."
        ),
        Part("Supported account types:", (wanted.audience_words,)),
        Part("Afterwards the overview page shows the Application (client) ID; step 7 asks for it."),
    ]
    if wanted.hosting is Hosting.SAAS:
        parts.append(
            Part(
                "This one registration serves every customer. Of these steps a customer does the "
                "sixth alone; then their administrator opens the link of ttr-tui connect."
            )
        )
    return Section(1, "Register an app", tuple(parts))


def _redirects(wanted: Wanted) -> Section:
    words = (
        "Authentication > Add a platform > Web (not Single-page application, and not Mobile and "
        "desktop). Add these five, byte for byte, upper and lower case too:"
    )
    return Section(2, "Add the redirect URLs", (Part(words, tuple(wanted.redirects.values())),))


def _authentication(wanted: Wanted) -> Section:
    if wanted.ticked:
        words = (
            "Under Implicit grant and hybrid flows tick Access tokens and ID tokens. Nothing here "
            "needs them: unticked would be safer, because no token could then pass through a "
            "browser's address bar."
        )
    else:
        words = (
            "Under Implicit grant and hybrid flows leave Access tokens and ID tokens unticked. All "
            "five sign-ins use the authorization code flow with PKCE, so no token ever passes "
            "through a browser's address bar. A guide that asks for ticks: --as-in-guide."
        )
    return Section(3, "Authentication settings", (Part(words),))


def _permissions(wanted: Wanted) -> Section:
    intro = Part(
        "API permissions > Add a permission > Microsoft Graph. Add these six and no others, and "
        "remove what is listed beyond them. Application permissions work without anybody signed "
        "in; delegated ones only for the person who signed in, within what that person may do."
    )
    each = [
        part
        for one in PERMISSIONS
        for part in (
            Part("", (f"{one.name}  {one.type.word} ({one.type.value})  {one.id}",)),
            Part(f"Is for: {one.used_for}"),
            Part(f"Does not allow: {one.excludes}"),
        )
    ]
    granting = Part(
        "They need not be granted here. ttr-tui connect asks an administrator for all six in one "
        "consent, and proves it by use."
    )
    fragment = json.dumps(app_manifest(wanted), indent=2).splitlines()
    manifest = Part("Steps 1 to 4 in the app's Manifest (Microsoft Graph's form):", tuple(fragment))
    return Section(4, "Add the API permissions", (intro, *each, granting, manifest))


def _secret() -> Section:
    return Section(
        5,
        "Make a client secret",
        (
            Part(
                "Certificates & secrets > New client secret. Copy the column called Value at once: "
                "it is shown this one time. The column called Secret ID is of no use. Note the day "
                "it ends: every company stops on that day, and ttr-tui warns 60 days before."
            ),
            Part(
                "With the secret the app may read what step 4 lists, of every mailbox. Give it to "
                "nobody, mail it to nobody; ttr-tui settings rotate-secret replaces it."
            ),
        ),
    )


def _as_commands(wanted: Wanted) -> tuple[Section, ...]:
    az, shell = az_lines(wanted), powershell_lines(wanted)
    found: list[Section] = []
    if az:
        words = (
            f"In a shell with the Azure CLI. The secret is written to the file {SECRET_FILE}, for "
            "you alone, and the last line prints the client id."
        )
        if wanted.cloud != GLOBAL:
            words += " This cloud's CLI cannot grant admin permission; ttr-tui connect asks for it."
        elif wanted.hosting is Hosting.SELF:
            words += " The line admin-consent is for a Global Administrator; ttr-tui connect, where"
            words += " a Privileged Role Administrator suffices, can take its place."
        found.append(Section(0, "Steps 1 to 5 with the Azure CLI", (Part(words, az),)))
    words = "The secret goes to the clipboard and nowhere else; the client id is printed."
    if wanted.hosting is Hosting.SELF:
        words += " From New-MgServicePrincipal on, admin permission is granted, which needs one of"
        words += " the roles of step 6; ttr-tui connect can take the place of these lines."
    found.append(
        Section(0, "Steps 1 to 5 with Microsoft Graph PowerShell", (Part(words, shell),)),
    )
    return tuple(found)


def _administrator(wanted: Wanted) -> Section:
    whose = "an account of each customer" if wanted.hosting is Hosting.SAAS else "an account"
    return Section(
        6,
        "The administrator",
        (
            Part(
                f"Roles & administrators: {whose} needs one of these roles while it grants the "
                "permission, and a Microsoft 365 licence. Application Administrator and Cloud "
                "Application Administrator are not enough for Microsoft Graph.",
                ROLES,
            ),
            Part(
                f"A {ROLES[0]} can give anybody any role, itself included. Once consent is "
                "proven the role is not needed any more: remove it. Consent and Company Master go "
                "on without it."
            ),
            Part(
                "The administrator signs in on Microsoft's own page. No user name and no password "
                "reaches this server; what is kept is a token, sealed, that can be revoked here "
                "and in the Entra admin center at any time."
            ),
        ),
    )


def _env_file(env_file: str, env_lines: Sequence[str]) -> Section:
    words = f"{env_file} holds the settings, readable by its owner alone:"
    after = (
        "Each redirect URL has to lead to this server: through the portal's reverse proxy, or by "
        "TTR_CALLBACK_LISTEN and a certificate."
    )
    return Section(7, "The env file", (Part(words, tuple(env_lines)), Part(after)))
