"""The switches for trouble: what goes wrong, where, and how often."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Literal

from ttr_tui.sandbox import permissions

IdTokenLie = Literal[
    "",
    "wrong_nonce",
    "wrong_iss",
    "wrong_tid",
    "wrong_aud",
    "wrong_sub",
    "wrong_oid",
    "expired",
    "other_tenant",
    "missing",
]


_OF_PERMISSIONS = {"required_missing", "required_extra", "granted_missing", "granted_extra"}


class DialUnknown(ValueError):
    """Somebody turned a dial that does not exist, or to a value of another type."""


@dataclass
class Dials:
    """What is wrong at the moment; every field's default means: nothing.

    The first group hits whole answers at the places named by `at`: a part of a text such as
    `"graph GET /v1.0/users?$top=999"` or `"login POST /<tenant>/oauth2/v2.0/token?"`. The default,
    `graph `, is every request to Graph. A count ("next") falls by one with each answer it spoils.
    """

    at: str = "graph "
    throttle_next: int = 0  # 429 with Retry-After
    retry_after: int = 1  # seconds; also for 503 and for the items of a batch
    throttle_all: bool = False  # a 429 is for everybody: who comes before its end gets one, too
    fail_next: int = 0
    fail_status: int = 503
    slow_seconds: float = 0.0
    truncate_next: int = 0  # the body ends half-way
    html_next: int = 0  # a proxy's page instead of JSON
    drop_next: int = 0  # what was asked is done, but its answer is lost
    hang: bool = False  # no answer until the sandbox stops or the dial is turned back
    denied: bool = False  # 403 from Graph
    unauthorized: bool = False  # 401 from Graph: the token counts as expired

    empty_page_next: int = 0  # a page of no users, with a next link
    repeat_link: bool = False  # the next link is the page's own
    foreign_next_link: bool = False  # the next link names the stranger
    overlap_rows: int = 0  # users of the last page that come again in the next
    page_token_seconds: float = 600.0
    expire_page_next: int = 0  # next links that are too old, whatever their age
    expire_page_at: str = ""  # only where a listing's query has this part
    count_off: int = 0  # counts lag: by so many they are wrong
    delta_gone: Literal["", "gone", "syncStateNotFound", "resyncRequired"] = ""  # 410, or 400
    delta_page: int = 200  # entries of a page of changes
    delta_replays: bool = False  # changes come twice; a deletion after the return
    batch_throttle_next: int = 0  # items of batches answered 429
    blocked: set[str] = field(default_factory=set)  # UPN or id: blocked by an Exchange policy
    no_mailbox: set[str] = field(default_factory=set)  # UPN or id: licensed, no mailbox
    empty_inboxes: set[str] = field(default_factory=set)  # UPN or id: no message in the inbox

    replication_seconds: float = 0.0  # between consent and effect
    missing_roles: set[str] = field(default_factory=set)  # left out of the next consents
    grant_revoked: bool = False  # as if all consent were gone
    users_may_consent: bool = False  # to delegated mail permissions
    approval_requests: bool = False  # who may not consent can ask: AADSTS90095 for 90094

    secret_expired: bool = False
    refresh_revoked: bool = False  # AADSTS50173
    token_refused: int = 0  # this AADSTS code at the token endpoint
    token_refused_grant: str = ""  # only for this grant_type
    sign_in_refused: int = 0  # this AADSTS code in the redirect back to the app
    page_refused: int = 0  # this AADSTS code on the sign-in page: the app hears nothing
    no_refresh_token: bool = False
    id_token: IdTokenLie = ""
    foreign_endpoint: str = ""  # e.g. token_endpoint: discovery names the stranger
    redirect_token: bool = False  # 307 from the token endpoint to the stranger

    # The registration and our service principal, as Graph shows them and sign-in obeys them.
    audience: str = ""  # what signInAudience says instead; who may use the app stays
    redirects_missing: set[str] = field(default_factory=set)  # not registered: page 50011
    redirects_foreign: set[str] = field(default_factory=set)  # registered besides
    redirects_spa: set[str] = field(default_factory=set)  # under `spa` instead of `web`
    redirects_public: set[str] = field(default_factory=set)  # under `publicClient` instead
    access_token_box: bool = True  # implicitGrantSettings, as the set-up guide ticks them
    id_token_box: bool = True
    application_hidden: bool = False  # the registration is not found, not even at home
    app_unknown: bool = False  # AADSTS700016 wherever our client id is named
    app_disabled: bool = False  # accountEnabled is false; AADSTS7000112

    # Permissions by name. `Role:` or `Scope:` before it says the kind where both have it; a plain
    # name means what the product requires, else the application permission. A GUID will do too.
    required_missing: set[str] = field(default_factory=set)
    required_extra: set[str] = field(default_factory=set)
    granted_missing: set[str] = field(default_factory=set)  # as listed, and tokens' roles
    granted_extra: set[str] = field(default_factory=set)
    granted_elsewhere: bool = False  # an application permission of Exchange Online besides

    # Credentials of the registration; days count from when the sandbox was made.
    secret_days: float = 180.0  # negative: the present secret has ended, AADSTS7000222
    secret_hint: str = ""  # the hint shown for the present secret instead of the right one
    secrets_more: int = 0  # further secrets with the same hint, ending sooner and later
    certificate_days: float = 0.0  # a certificate that ends then; 0: none

    # What reads answer, whatever is granted.
    denied_at: set[str] = field(default_factory=set)  # 403 where a GET's path has such a part
    administrators_without_role: bool = False  # nobody holds a directory role
    administrators_unlicensed: bool = False
    administrators_guests: bool = False  # userType
    administrators_elsewhere: bool = False  # 404 below /users/{id}: a partner's people
    roles_as_ids: bool = False  # roles as bare ids, as with fewer permissions
    mail_by_rbac: bool = False  # mailboxes open without a mail role: Exchange RBAC
    body_leaks: bool = False  # messages with bodies

    sign_in_frequency: float = 0.0  # seconds from sign-in to AADSTS70043; 0: no such policy

    def turn(self, changes: dict[str, object]) -> None:
        """Set dials by name from plain JSON values.

        Raises DialUnknown for a name that is none or a value of another type; nothing changes then.
        """
        kinds = {entry.name: type(getattr(self, entry.name)) for entry in fields(self)}
        ready: dict[str, object] = {}
        for name, value in changes.items():
            kind = kinds.get(name)
            if kind is set and isinstance(value, list) and all(isinstance(v, str) for v in value):
                if name in _OF_PERMISSIONS and not all(permissions.is_known(v) for v in value):
                    raise DialUnknown(f"Not all of {value!r} are permissions.")
                ready[name] = set(value)
            elif kind is type(value) or (kind is float and type(value) is int):
                ready[name] = value
            else:
                raise DialUnknown(f"There is no dial {name!r} that takes {value!r}.")
        for name, value in ready.items():
            setattr(self, name, value)

    def reading(self) -> dict[str, object]:
        """Return all dials as plain JSON values."""
        return {
            name: sorted(value) if isinstance(value, set) else value
            for name, value in asdict(self).items()
        }

    def reset(self) -> None:
        """Turn every dial back: nothing is wrong any more."""
        fresh = Dials()
        for entry in fields(self):
            setattr(self, entry.name, getattr(fresh, entry.name))
