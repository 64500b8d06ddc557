"""Each refusal's status and title: one table for the errors of the tree, one for bad requests."""

from __future__ import annotations

from ttr_tui import errors

_BROKEN = (500, "Something broke here")

_KINDS: dict[type[errors.TtrError], tuple[int, str]] = {
    errors.TtrError: _BROKEN,
    errors.SettingsFaulty: (503, "The settings of this server are faulty"),
    errors.Refused: (409, "This cannot be done as things stand"),
    errors.StoreError: (503, "The store of this server does not answer"),
    errors.Gone: (410, "What this belonged to is gone"),
    errors.AttemptError: (400, "This leads nowhere"),
    errors.LinkUnknown: (404, "This link is not known"),
    errors.LinkOver: (410, "This link is over"),
    errors.StateUnknown: (400, "This answer belongs to no request"),
    errors.StateExpired: (410, "This request has expired"),
    errors.StateSpent: (409, "This request was answered before"),
    errors.ConsentDenied: (403, "The permission was not granted"),
    errors.SignInDenied: (403, "The sign-in was refused"),
    errors.ResponseIncomplete: (400, "This answer is not complete"),
    errors.IdentityWrong: (403, "Another sign-in was expected"),
    errors.WrongTenant: (403, "Another organisation signed in"),
    errors.WrongPerson: (403, "Another person signed in"),
    errors.PasteUnusable: (400, "This answer is not complete"),
    errors.MicrosoftError: (502, "Microsoft's answer cannot be used"),
    errors.Unreachable: (502, "Microsoft cannot be reached"),
    errors.TokenRefused: (403, "Microsoft refused the sign-in"),
    errors.ClientRefused: (503, "Microsoft refused this installation"),
    errors.GraphRefused: (502, "Microsoft refused"),
}


class TurnedAway(errors.AttemptError):
    """The request is not one that a browser makes here; nothing was looked at or changed."""

    def __init__(self, status: int, title: str, happened: str, *, cure: str = "") -> None:
        super().__init__(happened, cure=cure)
        self.status = status
        self.title = title


def status_of(refusal: errors.TtrError) -> int:
    """Return the HTTP status a refusal is answered with."""
    return refusal.status if isinstance(refusal, TurnedAway) else _kind(refusal)[0]


def title_of(refusal: errors.TtrError) -> str:
    """Return the heading of a refusal's page."""
    return refusal.title if isinstance(refusal, TurnedAway) else _kind(refusal)[1]


def _kind(refusal: errors.TtrError) -> tuple[int, str]:
    found = (_KINDS[kind] for kind in type(refusal).__mro__ if kind in _KINDS)
    return next(found, _BROKEN)


def not_here() -> TurnedAway:
    """Return the refusal of a path that is none of ours."""
    return TurnedAway(
        404,
        "Nothing is here",
        "No page of timetoreply has this address.",
        cure="Check it against the link you were sent, capital letters included.",
    )


def not_this_way() -> TurnedAway:
    """Return the refusal of a method the path does not know."""
    return TurnedAway(405, "This cannot be done here", "This address answers no such request.")


def not_from_here() -> TurnedAway:
    """Return the refusal of a form that another site sent, or a browser that hides its origin."""
    return TurnedAway(
        403,
        "The button was not pressed here",
        "The browser says that another site sent this form, or does not say which one did.",
        cure="Open the start link in a new tab and press its button there.",
    )


def unreadable() -> TurnedAway:
    """Return the refusal of what is no well-formed request."""
    return TurnedAway(400, "This request cannot be read", "What came is no well-formed request.")


def unreadable_parameters() -> TurnedAway:
    """Return the refusal of parameters that are too many or badly encoded."""
    return TurnedAway(
        400, "This answer cannot be read", "Its parameters are too many or badly encoded."
    )


def named_twice() -> TurnedAway:
    """Return the refusal of a repeated parameter (RFC 6749, section 3.1)."""
    return TurnedAway(
        400, "This answer cannot be read", "It names a parameter twice, which Microsoft never does."
    )


def no_form() -> TurnedAway:
    """Return the refusal of a body that is no plain form."""
    return TurnedAway(415, "This is no form", "Only a plain, uncompressed form is read here.")


def too_large() -> TurnedAway:
    """Return the refusal of a body beyond the limit."""
    return TurnedAway(413, "This is too large", "No answer of Microsoft's is this long.")


def too_slow() -> TurnedAway:
    """Return the refusal of a body that did not arrive in time."""
    return TurnedAway(408, "This took too long", "The request did not arrive in time.")


def too_many_wrong_codes() -> TurnedAway:
    """Return the refusal of one wrong code too many; a right one is never refused."""
    return TurnedAway(
        429,
        "Too many links that are not known",
        "Too many unknown links were tried from your address.",
        cure="A right link still opens. Check yours letter by letter, or try again in 10 minutes.",
    )


def shown_before() -> TurnedAway:
    """Return the refusal of a parked answer that was taken, or is older than a minute."""
    return TurnedAway(
        410,
        "This page was shown before",
        "What the browser brought is kept for a minute and shown once.",
        cure="Look in the terminal what became of it, or press the start link's button again.",
    )


def broken() -> TurnedAway:
    """Return what is said of a bug: that it happened, and nothing else."""
    return TurnedAway(
        *_BROKEN,
        "This is a fault of ours. What became of the attempt is not known to this page.",
        cure="The terminal shows how things stand; the log of the server has the place.",
    )
