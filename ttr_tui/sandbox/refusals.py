"""How the login host says no: AADSTS codes in the shapes of facts section 4."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

_TEXTS = {
    50011: (
        "The redirect URI specified in the request does not match the redirect URIs "
        "configured for the application."
    ),
    50020: "User account does not exist in tenant '{tenant}' and cannot access the application.",
    50034: "The user account does not exist in the directory.",
    50053: "The account is locked.",
    50055: "The password is expired.",
    50057: "The user account is disabled.",
    50058: "A silent sign-in request was sent but no user is signed in.",
    50059: "No tenant-identifying information found in the request.",
    50074: "Strong Authentication is required.",
    50076: (
        "Due to a configuration change made by your administrator, or because you moved to "
        "a new location, you must use multi-factor authentication."
    ),
    50079: "The user is required to enroll in multi-factor authentication.",
    50105: "The signed in user is not assigned to a role for the application.",
    50173: (
        "The provided grant has expired due to it being revoked, a fresh auth token is needed."
    ),
    50194: (
        "The application is not configured as a multi-tenant application. Usage of the "
        "/common endpoint is not supported."
    ),
    50196: "The server terminated an operation because it encountered a client request loop.",
    53003: "Access has been blocked by Conditional Access policies.",
    54005: "OAuth2 Authorization code was already redeemed, please retry with a new valid code.",
    65001: "The user or administrator has not consented to use the application.",
    65004: "User declined to consent to access the app.",
    70000: "The provided grant is invalid or malformed.",
    70003: "The app returned an unsupported grant type.",
    70008: "The provided authorization code or refresh token has expired.",
    70011: "The provided value for the input parameter 'scope' is not valid.",
    70043: (
        "The refresh token has expired or is invalid due to sign-in frequency checks by "
        "conditional access."
    ),
    90002: "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID.",
    90008: "The user or administrator has not consented to use the application.",
    90014: "The required field '{field}' is missing.",
    90023: "The authentication service request isn't valid: {field}.",
    90033: "A transient error has occurred. Please try again.",
    90094: "Admin consent is required for the permissions requested by this application.",
    90095: "Admin consent is required; a request can be sent.",
    500011: "The resource principal named '{field}' was not found in the tenant.",
    500112: (
        "The reply address does not match the reply address provided when requesting "
        "Authorization code."
    ),
    501481: (
        "The Code_Verifier does not match the code_challenge supplied in the authorization request."
    ),
    650053: "The application asked for scope '{field}' that doesn't exist on the resource.",
    700005: (
        "The provided authorization code is intended to be used against another tenant, "
        "thus rejected."
    ),
    700016: "Application with identifier '{field}' was not found in the directory '{tenant}'.",
    700054: "response_type '{field}' is not enabled for the application.",
    700025: (
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
    ),
    700084: (
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed, "
        "limited lifetime of 1.00:00:00, which can not be extended."
    ),
    700082: "The refresh token has expired due to inactivity.",
    900144: "The request body must contain the following parameter: '{field}'.",
    900971: "No reply address provided.",
    7000112: "The application is disabled.",
    7000215: (
        "Invalid client secret provided. Ensure the secret being sent in the request is the"
        " client secret value, not the client secret ID."
    ),
    7000218: (
        "The request body must contain the following parameter: 'client_assertion' or "
        "'client_secret'."
    ),
    7000222: "The provided client secret keys for app '{field}' are expired.",
    7000229: "The client application is missing service principal in the tenant '{tenant}'.",
    9001023: (
        "The grant type is not supported over the /common or /consumers endpoints. Please "
        "use the /organizations or tenant-specific endpoint."
    ),
    9002325: "Proof Key for Code Exchange with S256 is required.",
}

_SHAPES = {
    # (error, HTTP status at the token endpoint, suberror): codes
    ("invalid_request", 400, ""): (
        *(50011, 50059, 50194, 90014, 90023),
        *(900144, 900971, 9001023, 9002325),
    ),
    ("interaction_required", 400, ""): (50020,),
    ("invalid_grant", 400, ""): (
        *(50034, 50053, 50055, 50057, 50196, 54005, 70000, 70043),
        *(90008, 500112, 501481, 700005),
    ),
    ("login_required", 400, ""): (50058,),
    ("interaction_required", 400, "basic_action"): (50074, 50076, 50079),
    ("access_denied", 400, ""): (50105, 53003),
    ("invalid_grant", 400, "bad_token"): (50173,),
    ("invalid_grant", 400, "consent_required"): (65001,),
    ("access_denied", 400, "cancel"): (65004,),
    ("unsupported_grant_type", 400, ""): (70003,),
    ("invalid_grant", 400, "token_expired"): (70008, 700082, 700084),
    ("invalid_scope", 400, ""): (70011,),
    ("invalid_tenant", 400, ""): (90002,),
    ("temporarily_unavailable", 503, ""): (90033,),
    ("access_denied", 403, ""): (90094, 90095),
    ("invalid_resource", 400, ""): (500011,),
    ("invalid_client", 400, ""): (650053,),
    ("unauthorized_client", 400, ""): (700016, 7000112),
    ("unsupported_response_type", 400, ""): (700054,),
    ("invalid_client", 401, ""): (700025, 7000215, 7000218, 7000222, 7000229),
}

_SHAPE_OF = {code: shape for shape, codes in _SHAPES.items() for code in codes}


class LoginRefused(Exception):
    """The login host refuses; a page, a redirect or JSON says so, depending on where it arose."""

    def __init__(self, code: int, *, error: str = "", field: str = "", tenant: str = "") -> None:
        self.code = code
        usual, self.status, self.suberror = _SHAPE_OF.get(code, ("invalid_grant", 400, ""))
        self.error = error or usual
        text = _TEXTS.get(code, "The request was refused.")
        self.says = f"AADSTS{code}: {text.format(field=field, tenant=tenant)}"
        self.trace_id = str(uuid.uuid4())
        super().__init__(self.says)

    def described(self, correlation_id: str, stamp: str) -> str:
        """Return the description with its three trailer lines (facts section 4.1)."""
        trailer = (f"Trace ID: {self.trace_id}", f"Correlation ID: {correlation_id}")
        return "\r\n".join((f"{self.says} {trailer[0]}", trailer[1], f"Timestamp: {stamp}"))

    def body(self, login: str, correlation_id: str) -> dict[str, object]:
        """Return the JSON body of the token and discovery endpoints (facts section 4.1)."""
        stamp = timestamp()
        body: dict[str, object] = {
            "error": self.error,
            "error_description": self.described(correlation_id, stamp),
            "error_codes": [self.code],
            "timestamp": stamp,
            "trace_id": self.trace_id,
            "correlation_id": correlation_id,
            "error_uri": f"{login}/error?code={self.code}",
        }
        if self.suberror and self.suberror != "cancel":
            body["suberror"] = self.suberror
        if self.suberror == "basic_action":
            body["claims"] = '{"access_token":{"capolids":{"essential":true}}}'
        return body


def timestamp() -> str:
    """Return the present moment as Entra writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
