"""Microsoft's error codes as what happened, who can act and what to do: a pure table.

Meanings are from facts section 4.2. Numbers choose advice and nothing else: Microsoft
may change them, so the flow of a journey follows the OAuth `error`, and an unknown number falls
back to advice that fits any (section 4.1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from ttr_tui.errors import (
    ENTRA_ADMINISTRATOR,
    EXCHANGE_ADMINISTRATOR,
    MAILBOX_OWNER,
    US,
    YOU,
    AnswerBroken,
    AttemptError,
    ClientRefused,
    ConsentNeeded,
    Evidence,
    ForeignHost,
    IdentityWrong,
    PermissionMissing,
    SignInDenied,
    SignInNeeded,
    TenantUnknown,
    TtrError,
    Unreachable,
)
from ttr_tui.model import AuthorizationResponse
from ttr_tui.text import clean

LOOK_UP = "https://login.microsoftonline.com/error?code="
"""Microsoft's own page for a code (facts section 4.1)."""


class Scope(StrEnum):
    """How far a refusal reaches: one alarm for a company, not one for each of its mailboxes."""

    ATTEMPT = "attempt"
    MAILBOX = "mailbox"
    COMPANY = "company"
    INSTALLATION = "installation"


class Act(StrEnum):
    """What ends the refusal of a stored sign-in; `UNKNOWN` where nobody can say."""

    TRY_AGAIN = "try again"
    SIGN_IN_AGAIN = "sign in again"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Advice:
    """What happened, who can act (a constant of `errors`), what to do; each a whole sentence."""

    what: str
    who: str
    do: str
    scope: Scope = Scope.COMPANY


_AGAIN = "Sign in again with a new link."
_CONSENT = (
    "Grant admin permission again, as a Privileged Role Administrator or Global Administrator."
)
_SIGN_IN_LOG = "Find this sign-in by its correlation id in the Entra sign-in logs"
_LATER = "Nothing is lost; it is tried again. If it lasts, look at Microsoft's service health page."
_ROTATE = (
    "Make a new client secret in the app registration and put it in place: Rotate secret in the "
    "palette, or ttr-tui settings rotate-secret."
)
_REPORT = "Tell us, with the correlation id; nothing you set causes it."

_ATTEMPT, _MAILBOX = Scope.ATTEMPT, Scope.MAILBOX
_COMPANY, _INSTALLATION = Scope.COMPANY, Scope.INSTALLATION
_ENTRA = ENTRA_ADMINISTRATOR

_MFA = Advice(
    "The tenant asks for multi-factor authentication, and this sign-in had none.",
    MAILBOX_OWNER,
    "Sign in again with a new link, and pass or set up the second factor there.",
    _MAILBOX,
)
_BUSY = Advice("Microsoft's sign-in service is busy or in trouble for a moment.", YOU, _LATER)
_NO_TENANT = Advice(
    "Microsoft knows no such tenant or domain in this cloud.",
    YOU,
    "Check the domain and MS_GRAPH_CLOUD, or give the tenant id itself.",
)
_NOT_LISTED = Advice(
    "The app registration does not list the permissions that were asked for.",
    _ENTRA,
    "Add them under API permissions in the app registration, then grant admin permission again.",
)
_POLICY_BLOCKS = Advice(
    "A security policy of the tenant blocked the sign-in.",
    _ENTRA,
    f"{_SIGN_IN_LOG} and see which policy blocked it; allow this app or this place in it.",
)
_BOTH_CURES = (
    "Either grant admin permission (1 Connect, the first step, as a Privileged Role Administrator "
    "or Global Administrator), or let users consent: Entra admin center > Enterprise applications "
    "> Consent and permissions, a policy that allows Mail.ReadBasic, User.Read and offline_access."
)
_NEEDS_ADMIN = Advice(
    "The tenant lets only an administrator consent to this app: user consent is blocked there.",
    _ENTRA,
    f"{_BOTH_CURES} Then press the start link's button again.",
)
_EXPIRED = Advice(
    "The stored sign-in has expired: it was not used for 90 days.", MAILBOX_OWNER, _AGAIN, _MAILBOX
)
_FIELD_MISSING = Advice("A request of ours lacked a field.", US, _REPORT, _INSTALLATION)
_NOT_IN_TENANT = Advice(
    "The account that signed in does not exist in this tenant.",
    YOU,
    "Sign in with an account of the tenant, in a private window if the browser picks another one.",
    _ATTEMPT,
)
_SIGN_IN_AGAIN = Advice(
    "Microsoft wants the person to sign in themselves.", MAILBOX_OWNER, _AGAIN, _MAILBOX
)

CODES: Mapping[int, Advice] = {
    50011: Advice(
        "The redirect URL is not registered for the app.",
        _ENTRA,
        "Add the exact redirect URL under Authentication > Web in the app registration.",
        _INSTALLATION,
    ),
    50020: _NOT_IN_TENANT,
    50033: _BUSY,
    50034: Advice(
        "The address that was typed belongs to nobody in this tenant.",
        YOU,
        "Check its spelling, and that the company is the right one; then sign in again.",
        _ATTEMPT,
    ),
    50053: Advice(
        "The account is locked, or the sign-in came from an address Microsoft distrusts.",
        _ENTRA,
        f"{_SIGN_IN_LOG}; wait or unblock the account, then sign in again.",
        _MAILBOX,
    ),
    50055: Advice(
        "The account's password has expired.",
        MAILBOX_OWNER,
        "Set a new password on Microsoft's own page, then sign in again.",
        _MAILBOX,
    ),
    50057: Advice(
        "The account is disabled.",
        _ENTRA,
        "Enable it, or sign in with another administrator's account.",
        _MAILBOX,
    ),
    50058: Advice("The browser had no session at Microsoft.", MAILBOX_OWNER, _AGAIN, _ATTEMPT),
    50059: _NO_TENANT,
    50074: _MFA,
    50076: _MFA,
    50079: _MFA,
    50097: Advice(
        "A Conditional Access policy asks for a device the tenant knows.",
        _ENTRA,
        f"{_SIGN_IN_LOG}; sign in from a known device, or except this app from the policy.",
    ),
    50105: Advice(
        "The app admits only users who are assigned to it, and this one is not.",
        _ENTRA,
        "Assign the user or a group under Enterprise applications > Users and groups.",
        _MAILBOX,
    ),
    50126: Advice(
        "The user name or password was wrong.",
        MAILBOX_OWNER,
        "Sign in again on Microsoft's own page.",
        _ATTEMPT,
    ),
    50128: _NO_TENANT,
    50173: Advice(
        "The account has a new password, or its sessions were revoked.",
        MAILBOX_OWNER,
        _AGAIN,
        _MAILBOX,
    ),
    50194: Advice(
        "The app registration serves a single tenant, and was asked for another or for all.",
        YOU,
        "Check TTR_HOSTING and the company's tenant; if both are right, tell us.",
        _INSTALLATION,
    ),
    50196: Advice(
        "Microsoft saw too many identical requests in a row and paused them.",
        YOU,
        _LATER,
        _COMPANY,
    ),
    500011: Advice(
        "The tenant does not know the Graph host that was asked for.",
        YOU,
        "Check MS_GRAPH_CLOUD or MS_GRAPH_BASE_URL: the tenant is in another cloud.",
    ),
    500571: Advice(
        "The guest account is disabled.",
        _ENTRA,
        "Enable it, or sign in with a member of the tenant.",
        _ATTEMPT,
    ),
    501051: Advice(
        "The app is not assigned to a resource that admits only assigned apps.",
        _ENTRA,
        "Assign the app's service principal to that resource under Enterprise applications.",
    ),
    501481: Advice(
        "The sign-in came back to a request it does not belong to.", YOU, _AGAIN, _ATTEMPT
    ),
    53000: Advice(
        "A Conditional Access policy asks for a compliant device.",
        _ENTRA,
        f"{_SIGN_IN_LOG}; sign in from a compliant device, or except this app from the policy.",
    ),
    53003: Advice(
        "A Conditional Access policy of the tenant blocked the sign-in.",
        _ENTRA,
        f"{_SIGN_IN_LOG} and see which policy blocked it; allow this app or this place in it.",
    ),
    530032: _POLICY_BLOCKS,
    530034: Advice(
        "The tenant blocked a delegated administrator because of risk.",
        _ENTRA,
        f"{_SIGN_IN_LOG}; sign in with an administrator of the tenant itself.",
    ),
    530035: Advice(
        "The tenant's security defaults blocked the sign-in.",
        _ENTRA,
        f"{_SIGN_IN_LOG}; pass the second factor the security defaults ask for.",
    ),
    54005: Advice(
        "Microsoft's code was used once already: the page was loaded twice.",
        YOU,
        "If the first try arrived, nothing is to be done; else use a new link.",
        _ATTEMPT,
    ),
    65001: Advice("The tenant has not consented to the app, or withdrew it.", _ENTRA, _CONSENT),
    65004: Advice(
        "The person declined to give the app its permissions.",
        MAILBOX_OWNER,
        "Press the start page's button again when they are willing; it says what is asked and why.",
        _ATTEMPT,
    ),
    65005: _NOT_LISTED,
    650056: _NOT_LISTED,
    650057: _NOT_LISTED,
    70000: Advice(
        "Microsoft does not accept the stored sign-in any more.", MAILBOX_OWNER, _AGAIN, _MAILBOX
    ),
    70008: _EXPIRED,
    700082: _EXPIRED,
    70011: Advice("A permission was asked for in the wrong form.", US, _REPORT, _INSTALLATION),
    70043: Advice(
        "A Conditional Access policy ends sign-ins after a set time.",
        _ENTRA,
        "Sign in again; it will happen again until this app is excepted from the sign-in "
        "frequency.",
    ),
    700005: Advice(
        "Microsoft's code was made for another tenant.",
        YOU,
        "Check that the company is the right one, then use a new link.",
        _ATTEMPT,
    ),
    700016: Advice(
        "The tenant does not know the app: the client id is wrong, or nobody consented yet.",
        YOU,
        "Check MS_GRAPH_CLIENT_ID; if it is right, grant admin permission.",
    ),
    700027: Advice(
        "The app's certificate is refused: it has expired or is not registered.",
        YOU,
        "Register a valid certificate, or use a client secret.",
        _INSTALLATION,
    ),
    700054: Advice("A kind of answer was asked for that is not enabled.", US, _REPORT),
    700084: Advice(
        "The sign-in lasted a day and cannot be renewed: its redirect URL is registered for a "
        "single-page application.",
        _ENTRA,
        "Move the redirect URLs to Authentication > Web in the app registration, then sign in "
        "again.",
    ),
    7000112: Advice(
        "The app is switched off in the tenant.",
        _ENTRA,
        "Open Enterprise applications, find the app, and allow users to sign in under Properties.",
    ),
    7000215: Advice(
        "Microsoft refuses the client secret.",
        YOU,
        "Check that MS_GRAPH_CLIENT_SECRET holds the secret's Value, not its ID; if it is gone, "
        "make a new one.",
        _INSTALLATION,
    ),
    7000218: Advice(
        "Microsoft asks for a client secret and got none it can use.",
        YOU,
        "Check that the redirect URLs stand under Web, not under a public client, and "
        "MS_GRAPH_CLIENT_SECRET.",
        _INSTALLATION,
    ),
    7000222: Advice(
        "The client secret has expired; every company of this installation waits for a new one.",
        YOU,
        _ROTATE,
        _INSTALLATION,
    ),
    7000229: Advice(
        "The app does not exist in the tenant yet: nobody granted admin permission.",
        _ENTRA,
        _CONSENT,
    ),
    90002: _NO_TENANT,
    90006: _BUSY,
    90008: Advice(
        "The tenant has not consented to the app, or its registration lists no sign-in permission.",
        _ENTRA,
        "Add User.Read under API permissions, then grant admin permission again.",
    ),
    90014: _FIELD_MISSING,
    90024: _BUSY,
    90033: _BUSY,
    90055: _BUSY,
    90072: _NOT_IN_TENANT,
    90094: _NEEDS_ADMIN,
    90095: Advice(
        "User consent is blocked in the tenant; the request went to its administrators.",
        _ENTRA,
        "Approve it under Enterprise applications > Admin consent requests. " + _BOTH_CURES,
    ),
    900144: _FIELD_MISSING,
    900971: Advice(
        "The app registration has no redirect URL.",
        _ENTRA,
        "Add the five redirect URLs under Authentication > Web in the app registration.",
        _INSTALLATION,
    ),
    1002016: Advice(
        "The connection to Microsoft used an outdated version of TLS.",
        YOU,
        "Let this server, or the proxy between it and Microsoft, speak TLS 1.2 or newer.",
        _INSTALLATION,
    ),
}
"""Advice by AADSTS number."""

INSTALLATION_CAUSES = frozenset(
    f"AADSTS{number}" for number, advice in CODES.items() if advice.scope is Scope.INSTALLATION
)
"""What stops every company alike; any token that is issued ends it."""

CONSENT_CAUSES = frozenset(
    f"AADSTS{number}" for number in (65001, 90008, 90094, 90095, 700016, 7000229)
)
"""What an administrator's grant ends."""

TENANT_CAUSES = frozenset(f"AADSTS{number}" for number in (700016, 7000112, 7000229))
"""What no token is issued under in a tenant, to anybody: any token that is issued there ends it."""

SAME_CAUSE = frozenset(f"AADSTS{number}" for number in (65001, 90008, 700016, 7000229))
"""One event - the app or its consent was removed - that different requests are refused for with
different numbers (facts section 4.2): one alarm."""

SIGN_IN_FREQUENCY = "AADSTS70043"
"""Each sign-in ends at its own time by it, so that one says nothing of the next."""

ENDED = frozenset({"AADSTS70008", "AADSTS700082"})
"""The stored sign-in died of disuse or age."""

_REMOVED_USER = Advice(
    "The account was deleted in Microsoft 365, or does not belong to the tenant any more.",
    _ENTRA,
    "Restore it under Deleted users in the Entra admin center (within 30 days), or delete this "
    "authentication.",
    _MAILBOX,
)
_REMOVED_APP = Advice(
    "The app is not in the tenant any more: somebody removed it or withdrew the admin permission.",
    _ENTRA,
    _CONSENT,
)

STORED: Mapping[int, Advice] = {
    50057: Advice(
        "The account is disabled.",
        _ENTRA,
        "Enable it in the Entra admin center; until then Microsoft refuses its sign-in.",
        _MAILBOX,
    ),
    50020: _REMOVED_USER,
    50034: _REMOVED_USER,
    90072: _REMOVED_USER,
    700016: _REMOVED_APP,
    7000229: _REMOVED_APP,
}
"""Advice on numbers that mean another thing of what worked before than of a first sign-in."""

CLASSES: Mapping[str, Advice] = {
    "access_denied": Advice(
        "The sign-in was declined or not allowed.",
        YOU,
        "Ask the person whether they declined; else ask the Entra administrator to look at it.",
        _ATTEMPT,
    ),
    "consent_required": Advice("The tenant has not consented to the app.", _ENTRA, _CONSENT),
    "interaction_required": _SIGN_IN_AGAIN,
    "login_required": _SIGN_IN_AGAIN,
    "invalid_grant": Advice(
        "Microsoft does not accept the stored sign-in any more.", MAILBOX_OWNER, _AGAIN, _MAILBOX
    ),
    "invalid_client": Advice(
        "Microsoft refuses the app's own credentials.",
        YOU,
        "Check MS_GRAPH_CLIENT_ID and MS_GRAPH_CLIENT_SECRET.",
        _INSTALLATION,
    ),
    "unauthorized_client": Advice(
        "The tenant does not let this app in.",
        _ENTRA,
        "Check the app under Enterprise applications, and grant admin permission.",
    ),
    "invalid_tenant": _NO_TENANT,
    "invalid_resource": Advice(
        "The tenant does not know what was asked for.", YOU, "Check MS_GRAPH_CLOUD."
    ),
    "invalid_scope": Advice(
        "A permission was asked for in the wrong form.", US, _REPORT, _INSTALLATION
    ),
    "invalid_request": Advice("Microsoft could not use the request.", US, _REPORT, _INSTALLATION),
    "temporarily_unavailable": _BUSY,
    "server_error": _BUSY,
}
"""Advice by OAuth `error`, for numbers that are not in `CODES`."""

_UNKNOWN = Advice(
    "",
    YOU,
    "Try again; if it stays, send the identifiers below to Microsoft's support or to us.",
)


def advise(codes: Sequence[int] | str, error: str = "") -> Advice:
    """Return advice for a refusal: by the first known code, else by its OAuth `error`.

    `codes` are a token answer's `error_codes`, or any text with `AADSTS` numbers in it (an
    `error_description`, what an administrator read off Microsoft's page). For what is not known
    at all, `what` is empty where no number came, and else names it.
    """
    numbers = _numbers_in(codes) if isinstance(codes, str) else list(codes)
    for number in numbers:
        if number in CODES:
            return CODES[number]
    if error in CLASSES:
        return CLASSES[error]
    if not numbers:
        return _UNKNOWN
    what = f"Microsoft refused with AADSTS{numbers[0]}, which this version does not know."
    do = f"Microsoft explains it at {LOOK_UP}{numbers[0]}. {_UNKNOWN.do}"
    return Advice(what, _UNKNOWN.who, do)


def _numbers_in(written: str) -> list[int]:
    if written.strip().isdigit():
        return [int(written.strip()[:9])]
    return [int(found) for found in re.findall(r"AADSTS(\d{4,9})\b", written, re.IGNORECASE)]


def denial(
    kind: type[AttemptError],
    response: AuthorizationResponse,
    happened: str,
    means: str,
    *,
    by_administrator: bool = True,
) -> AttemptError:
    """Return the error a step ends with that Microsoft answered with one, in words by its codes.

    `happened` stands where no words are known for them. `by_administrator`: who signed in is an
    administrator, where a code speaks of a mailbox's owner.
    """
    advice = advise(response.error_description, response.error)
    administrator = by_administrator and advice.who == MAILBOX_OWNER
    who = ENTRA_ADMINISTRATOR if administrator else advice.who
    return kind(
        advice.what or happened,
        means=means,
        who=who,
        cure=advice.do,
        evidence=Evidence.of(response.error_description),
    )


def refusal_on_page(code: str, written: str = "") -> AttemptError:
    """Return what an error means that Microsoft showed on its own page, by the number read there.

    `written` is all that was read off that page: it may hold Microsoft's identifiers.

    Such errors never come back to us (facts section 2.2): somebody has to read them off.
    """
    advice = advise(code)
    return SignInDenied(
        advice.what or f"Microsoft's page showed {code}.",
        means="Microsoft shows this on its own page and sends nothing back. Nothing was stored.",
        who=advice.who,
        cure=advice.do,
        evidence=replace(Evidence.of(written), code=code),
    )


def scope_of(error: TtrError) -> Scope:
    """Return how far a refusal reaches; one without a number stays with its attempt."""
    if not error.evidence.code.startswith("AADSTS"):
        return Scope.ATTEMPT
    return advise(error.evidence.code).scope


def speak_of_stored(error: TtrError) -> None:
    """Put a refusal into the words for what worked before (`STORED`)."""
    for number in _numbers_in(error.evidence.code):
        if number in STORED:
            advice = STORED[number]
            error.happened, error.who, error.cure = advice.what, advice.who, advice.do


_ACT_OF_WHO: Mapping[str, Act] = {
    YOU: Act.OPERATOR,
    US: Act.OPERATOR,
    ENTRA_ADMINISTRATOR: Act.ADMINISTRATOR,
    EXCHANGE_ADMINISTRATOR: Act.ADMINISTRATOR,
    MAILBOX_OWNER: Act.SIGN_IN_AGAIN,
}
_ACT_OF_KIND: Sequence[tuple[type[TtrError], Act]] = (
    (SignInNeeded, Act.SIGN_IN_AGAIN),
    (IdentityWrong, Act.SIGN_IN_AGAIN),
    (ConsentNeeded, Act.ADMINISTRATOR),
    (PermissionMissing, Act.ADMINISTRATOR),
    (ClientRefused, Act.OPERATOR),
    (TenantUnknown, Act.OPERATOR),
    (ForeignHost, Act.OPERATOR),
)


def act_of(error: TtrError) -> Act:
    """Return what ends the refusal of a stored sign-in, by its number, else by its kind.

    Silence and trouble at Microsoft are no refusal: `TRY_AGAIN`. A number this version does not
    know is `UNKNOWN`, whatever `error` came with it: nothing is given up for it at once.
    """
    if isinstance(error, Unreachable | AnswerBroken):
        return Act.TRY_AGAIN
    code = error.evidence.code
    for number in _numbers_in(code) if code.startswith("AADSTS") else []:
        advice = STORED.get(number) or CODES.get(number)
        if advice is None:
            return Act.UNKNOWN
        if advice is _BUSY or number == 50196:
            return Act.TRY_AGAIN
        return Act.SIGN_IN_AGAIN if code == SIGN_IN_FREQUENCY else _ACT_OF_WHO[advice.who]
    return next((act for kind, act in _ACT_OF_KIND if isinstance(error, kind)), Act.UNKNOWN)


_GROWING = tuple(timedelta(minutes=minutes) for minutes in (15, 60, 240, 720, 1440))
TOLD_AFTER = len(_GROWING)
"""How often in a row an unknown cause is met before it is told as a refusal."""


_RAREST = 30


def pause_after(act: Act, times: int) -> timedelta:
    """Return how long a stored sign-in that was refused `times` in a row is left alone.

    What an administrator has to mend is asked for once a day: they may have. What only its owner
    can is asked for more and more rarely, down to once a month; the rest soon, then daily.
    """
    if act is Act.SIGN_IN_AGAIN:
        return timedelta(days=min(2 ** min(max(times, 1) - 1, 9), _RAREST))
    growing = act in (Act.TRY_AGAIN, Act.UNKNOWN)
    return _GROWING[min(max(times, 1), len(_GROWING)) - 1] if growing else _GROWING[-1]


def company_pause(times: int) -> timedelta:
    """Return how long a company that was stopped `times` by one cause is left alone."""
    return pause_after(Act.TRY_AGAIN, times)


def message(error: TtrError, *, company: str, domain: str, person: str = "") -> str:
    """Return a message ready to be sent to who can act, with Microsoft's identifiers in it.

    `person` is who signed in or would have, "" when nobody did. Times are UTC.
    """
    shown = [
        ("Company", f"{company} ({domain})" if domain else company),
        ("Account", person),
        ("Correlation id", error.evidence.correlation_id),
        ("Trace id", error.evidence.trace_id),
        ("Time", error.evidence.timestamp),
    ]
    code = f" ({error.evidence.code})" if error.evidence.code else ""
    lines = [
        f"Subject: {clean(domain or company)}: Microsoft refused a sign-in to TTR{clean(code)}",
        "",
        *(clean(part) for part in (error.happened, error.cure) if part),
        "",
        *(f"{label + ':':<16}{clean(value)}" for label, value in shown if value),
    ]
    return "\n".join(lines) + "\n"
