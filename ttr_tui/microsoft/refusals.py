"""What Microsoft's refusals become: errors of ours, chosen by `error` and status, worded by codes.

Microsoft says that programs branch on `error` and never on numbers or texts (facts section 4.1),
so AADSTS codes choose words only - except that two of them tell a missing consent from a refused
client (facts section 3), and one a missing consent from a dead token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttr_tui.advice import advise
from ttr_tui.errors import (
    ENTRA_ADMINISTRATOR,
    AnswerBroken,
    ClientRefused,
    ConsentNeeded,
    Evidence,
    GraphRefused,
    MicrosoftError,
    PermissionMissing,
    SignInNeeded,
    TokenRefused,
    TokenStale,
    Unreachable,
)
from ttr_tui.microsoft.wire import Answer

NOT_CONSENTED = frozenset({7000229, 700016, 65001})
"""No service principal here, app not found in this directory, no consent (facts section 4.2)."""

_BY_ERROR: Mapping[str, type[TokenRefused]] = {
    "invalid_grant": SignInNeeded,
    "interaction_required": SignInNeeded,
    "login_required": SignInNeeded,
    "consent_required": ConsentNeeded,
    "invalid_client": ClientRefused,
    "unauthorized_client": ClientRefused,
}
_NO_REFUSAL = frozenset({"temporarily_unavailable", "server_error"})


def token_refusal(host: str, body: Mapping[str, Any]) -> MicrosoftError:
    """Return the error for a token endpoint's error body (RFC 6749 section 5.2)."""
    error = str(body.get("error", ""))
    evidence = token_evidence(body)
    codes = error_codes(body)
    if error in _NO_REFUSAL:
        return Unreachable(
            f"{host} cannot issue tokens just now ({error}).",
            means="This is no refusal; what is stored stays as it is.",
            cure="Try again in a few minutes.",
            evidence=evidence,
        )
    kind = _BY_ERROR.get(error, TokenRefused)
    if NOT_CONSENTED.intersection(codes):
        kind = ConsentNeeded
    advice = advise(codes, error)
    return kind(
        advice.what or f"Microsoft refused to issue a token ({error}).",
        means=_named(evidence),
        who=advice.who,
        cure=advice.do,
        evidence=evidence,
    )


def code_refusal(host: str, body: Mapping[str, Any]) -> MicrosoftError:
    """Return the error for a refused code: as `token_refusal`, but nothing was stored before.

    Without a number we know, `invalid_grant` says of a code that it is spent, over or not ours
    (RFC 6749 section 5.2), and not that a stored sign-in has ended.
    """
    refusal = token_refusal(host, body)
    error = str(body.get("error", ""))
    if error != "invalid_grant" or advise(error_codes(body), error) is not advise([], error):
        return refusal
    return SignInNeeded(
        "Microsoft does not accept the code that the browser brought back.",
        means=f"Nothing was stored. {refusal.means}".strip(),
        cure="Open the start link again and press its button.",
        evidence=refusal.evidence,
    )


def token_evidence(body: Mapping[str, Any]) -> Evidence:
    """Return Microsoft's identifiers of a refusal; a certified provider need not send any."""
    codes = error_codes(body)
    return Evidence(
        f"AADSTS{codes[0]}" if codes else str(body.get("error", "")),
        str(body.get("correlation_id", "")),
        str(body.get("trace_id", "")),
        str(body.get("timestamp", "")),
    )


def error_codes(body: Mapping[str, Any]) -> list[int]:
    """Return the numbers of `error_codes`, or the one the description begins with."""
    codes = body.get("error_codes")
    if isinstance(codes, list):
        return [code for code in codes if isinstance(code, int)]
    named = Evidence.of(str(body.get("error_description", ""))).code
    return [int(named.removeprefix("AADSTS"))] if named else []


def graph_refusal(answer: Answer, request_id: str) -> GraphRefused | AnswerBroken:
    """Return the error for a Graph answer that is no success (facts section 15).

    `request_id` is the client-request-id the request carried.
    """
    code, message = graph_error(answer)
    evidence = Evidence(
        code,
        request_id,
        answer.headers.get("request-id", ""),
        answer.headers.get("date", ""),
    )
    if answer.status == 401:
        return TokenStale(
            "Microsoft Graph does not accept the access token.",
            status=answer.status,
            code=code,
            means=message,
            cure="Try again; a new token is asked for.",
            evidence=evidence,
        )
    if answer.status == 403:
        return PermissionMissing(
            f"Microsoft Graph denies the permission ({code or 'status 403'}).",
            status=answer.status,
            code=code,
            means=message,
            who=ENTRA_ADMINISTRATOR,
            cure="Grant the admin permission, or wait some minutes if that was just done.",
            evidence=evidence,
        )
    if not code and answer.status < 400:
        return answer.broken("sent an answer that was not asked for")
    return GraphRefused(
        f"Microsoft Graph refused the request ({code or f'status {answer.status}'}).",
        status=answer.status,
        code=code,
        means=message,
        cure="Try again; if it stays so, give us the identifiers below.",
        evidence=evidence,
    )


def graph_error(answer: Answer) -> tuple[str, str]:
    """Return code and message of a Graph error; both empty when the body is not one."""
    try:
        return error_in(answer.record())
    except AnswerBroken:
        return "", ""


def error_in(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return code and message of a Graph error body."""
    error = body.get("error")
    if not isinstance(error, dict):
        return "", ""
    code, message = error.get("code"), error.get("message")
    return (
        code[:80] if isinstance(code, str) else "",
        message[:300] if isinstance(message, str) else "",
    )


def _named(evidence: Evidence) -> str:
    """Name what support asks for, in one sentence."""
    named = [f"code {evidence.code}"] if evidence.code else []
    if evidence.correlation_id:
        named.append(f"correlation id {evidence.correlation_id}")
    return f"Microsoft's answer: {', '.join(named)}." if named else ""
