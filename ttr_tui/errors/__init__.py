"""The one tree of errors: each is a sentence, with what it means, who can act and what to do.

    TtrError
    ├── SettingsFaulty            the env file or the environment is wrong
    ├── Refused                   the operator asked for what cannot be done (exit status 1)
    │   ├── CompanyUnknown, CompanyExists, CompanyInUse, CompanyElsewhere
    │   ├── NotConnected          no Company Master, or none that Microsoft accepts
    │   ├── NobodyFound           no user goes by that address, or several do
    │   ├── AddressFileUnusable   a file of addresses is no text, too large, or names nobody
    │   ├── GroupUnknown, MembersHidden
    │   ├── SharedMailbox         nobody can sign in for it; it is added through Bulk Add
    │   ├── AgentElsewhere, AgentHeld, PinRefused
    │   ├── NotWritten, SecretUnusable
    │   └── NotConfirmed, WrongUse
    ├── StoreError
    │   ├── StoreKeyMissing, StoreKeyWrong, StoreBroken
    │   ├── RowUnreadable         one row cannot be opened; the others stand
    │   ├── Conflict              what was to be stored contradicts what is stored
    │   └── Gone                  what a late result belonged to was deleted meanwhile
    ├── AttemptError              a start link or an authorization response
    │   ├── LinkUnknown, LinkOver, StateUnknown, StateExpired, StateSpent
    │   ├── ConsentDenied, SignInDenied, ResponseIncomplete
    │   ├── PasteUnusable         what was pasted is no answer of Microsoft's, or was cut off
    │   └── IdentityWrong         the ID token is not what was asked for
    │       ├── WrongTenant
    │       └── WrongPerson       somebody of the tenant, but not who was asked for
    ├── MicrosoftError
    │   ├── Unreachable           no answer, TLS failure, 5xx: not a refusal
    │   ├── AnswerBroken          truncated JSON, HTML, a page that repeats
    │   ├── ForeignHost           an answer leads to a host that is not configured
    │   ├── TenantUnknown
    │   ├── TokenRefused          the token endpoint said no
    │   │   ├── SignInNeeded      a person must sign in again
    │   │   ├── ConsentNeeded     the app is not consented in this tenant
    │   │   └── ClientRefused     the client secret or registration is refused
    │   └── GraphRefused          Graph said no
    │       ├── TokenStale        401: the access token is not accepted (any more)
    │       └── PermissionMissing 403
    └── ListenFailed              the callback server cannot listen

A bug is not in this tree: it crashes.
"""

from __future__ import annotations

from ttr_tui.errors.attempt_errors import (
    AttemptError,
    ConsentDenied,
    IdentityWrong,
    LinkOver,
    LinkUnknown,
    PasteUnusable,
    ResponseIncomplete,
    SignInDenied,
    StateExpired,
    StateSpent,
    StateUnknown,
    WrongPerson,
    WrongTenant,
)
from ttr_tui.errors.base import (
    ENTRA_ADMINISTRATOR,
    EXCHANGE_ADMINISTRATOR,
    MAILBOX_OWNER,
    US,
    YOU,
    Evidence,
    TtrError,
)
from ttr_tui.errors.microsoft_errors import (
    AnswerBroken,
    ClientRefused,
    ConsentNeeded,
    ForeignHost,
    GraphRefused,
    MicrosoftError,
    PermissionMissing,
    SignInNeeded,
    TenantUnknown,
    TokenRefused,
    TokenStale,
    Unreachable,
)
from ttr_tui.errors.operator_errors import (
    AddressFileUnusable,
    AgentElsewhere,
    AgentHeld,
    CompanyElsewhere,
    CompanyExists,
    CompanyInUse,
    CompanyUnknown,
    Conflict,
    Gone,
    GroupUnknown,
    ListenFailed,
    MembersHidden,
    NobodyFound,
    NotConfirmed,
    NotConnected,
    NotWritten,
    PinRefused,
    Refused,
    RowUnreadable,
    SecretUnusable,
    SettingsFaulty,
    SharedMailbox,
    StoreBroken,
    StoreError,
    StoreKeyMissing,
    StoreKeyWrong,
    WrongUse,
)

__all__ = [
    "ENTRA_ADMINISTRATOR",
    "EXCHANGE_ADMINISTRATOR",
    "MAILBOX_OWNER",
    "US",
    "YOU",
    "AddressFileUnusable",
    "AgentElsewhere",
    "AgentHeld",
    "AnswerBroken",
    "AttemptError",
    "ClientRefused",
    "CompanyElsewhere",
    "CompanyExists",
    "CompanyInUse",
    "CompanyUnknown",
    "Conflict",
    "ConsentDenied",
    "ConsentNeeded",
    "Evidence",
    "ForeignHost",
    "Gone",
    "GraphRefused",
    "GroupUnknown",
    "IdentityWrong",
    "LinkOver",
    "LinkUnknown",
    "ListenFailed",
    "MembersHidden",
    "MicrosoftError",
    "NobodyFound",
    "NotConfirmed",
    "NotConnected",
    "NotWritten",
    "PasteUnusable",
    "PermissionMissing",
    "PinRefused",
    "Refused",
    "ResponseIncomplete",
    "RowUnreadable",
    "SecretUnusable",
    "SettingsFaulty",
    "SharedMailbox",
    "SignInDenied",
    "SignInNeeded",
    "StateExpired",
    "StateSpent",
    "StateUnknown",
    "StoreBroken",
    "StoreError",
    "StoreKeyMissing",
    "StoreKeyWrong",
    "TenantUnknown",
    "TokenRefused",
    "TokenStale",
    "TtrError",
    "Unreachable",
    "WrongPerson",
    "WrongTenant",
    "WrongUse",
]
