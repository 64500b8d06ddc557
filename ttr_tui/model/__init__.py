"""Plain values every layer speaks in: frozen, without I/O, without behaviour that decides anything.

Times are aware `datetime` values in UTC; durations are seconds unless a name says otherwise.
"""

from ttr_tui.model.attempts import (
    AGENT_PURPOSES,
    Alarm,
    Attempt,
    AttemptEnd,
    AuthorizationRequest,
    AuthorizationResponse,
    Expected,
    Problem,
    Station,
)
from ttr_tui.model.authentications import (
    Agent,
    Authentication,
    AuthenticationKind,
    Grant,
    Proof,
    Status,
)
from ttr_tui.model.companies import (
    APPLICATION_PERMISSIONS,
    COMPANY_MASTER_NAME,
    DELEGATED_PERMISSIONS,
    Actor,
    Company,
    Hosting,
    JournalEntry,
    Person,
    Purpose,
    now,
)
from ttr_tui.model.directory import HIDDEN_KINDS, DirectoryUser, Outcome, Run, RunItem, UserKind
from ttr_tui.model.permissions import PERMISSIONS, Permission, PermissionType
from ttr_tui.model.readiness import (
    SETUP_STEPS,
    TYPED_IN,
    Check,
    Ending,
    EndingKind,
    Finding,
    Seen,
    Verdict,
)
from ttr_tui.model.secret import Secret

__all__ = [
    "AGENT_PURPOSES",
    "APPLICATION_PERMISSIONS",
    "COMPANY_MASTER_NAME",
    "DELEGATED_PERMISSIONS",
    "HIDDEN_KINDS",
    "PERMISSIONS",
    "SETUP_STEPS",
    "TYPED_IN",
    "Actor",
    "Agent",
    "Alarm",
    "Attempt",
    "AttemptEnd",
    "Authentication",
    "AuthenticationKind",
    "AuthorizationRequest",
    "AuthorizationResponse",
    "Check",
    "Company",
    "DirectoryUser",
    "Ending",
    "EndingKind",
    "Expected",
    "Finding",
    "Grant",
    "Hosting",
    "JournalEntry",
    "Outcome",
    "Permission",
    "PermissionType",
    "Person",
    "Problem",
    "Proof",
    "Purpose",
    "Run",
    "RunItem",
    "Secret",
    "Seen",
    "Station",
    "Status",
    "UserKind",
    "Verdict",
    "now",
]
