"""What the operator asked for and cannot have, and what is wrong around us."""

from __future__ import annotations

from collections.abc import Sequence

from ttr_tui.errors.base import TtrError


class SettingsFaulty(TtrError):
    """The settings are wrong; `faults` are the sentences, one each."""

    def __init__(self, happened: str, faults: Sequence[str], *, cure: str = "") -> None:
        super().__init__(happened, cure=cure)
        self.faults = tuple(faults)


class Refused(TtrError):
    """The operator asked for something that cannot be done as things stand."""


class CompanyUnknown(Refused):
    """No company goes by that name or id."""


class CompanyExists(Refused):
    """A company of that name is there already."""


class CompanyInUse(Refused):
    """The company cannot be removed while authentications live."""


class CompanyElsewhere(Refused):
    """The company belongs to another authority or Graph host than the settings name."""


class NotConnected(Refused):
    """The company has no Company Master that Microsoft accepts."""


class NotConfirmed(Refused):
    """What was typed, or who came, is not what was expected."""


class NobodyFound(Refused):
    """No user of the tenant goes by that address, or several do."""


class AddressFileUnusable(Refused):
    """A file of addresses is no text, too large, or names nobody."""


class GroupUnknown(Refused):
    """No group of the tenant is called that, or several are."""


class MembersHidden(Refused):
    """Microsoft does not tell who is in a group."""


class SharedMailbox(Refused):
    """Nobody can sign in for this mailbox: it is added through the app's permission."""


class AgentElsewhere(Refused):
    """The mailbox is an agent of another company."""


class AgentHeld(Refused):
    """The agent has an authentication already, or still has one."""


class PinRefused(Refused):
    """The agent cannot be pinned to another person as things stand."""


class NotWritten(Refused):
    """A file of settings is there already, was changed meanwhile, or cannot be written."""


class SecretUnusable(Refused):
    """What was given as the new client secret is none, or nothing can prove or take it here."""


class WrongUse(Refused):
    """The command line holds what no command takes, or lacks what one needs."""


class StoreError(TtrError):
    """The store cannot do it."""


class StoreKeyMissing(StoreError):
    """A store is there, its key is not."""


class StoreKeyWrong(StoreError):
    """The key at hand is another one than the store's."""


class StoreBroken(StoreError):
    """The store's files are damaged or of a newer version."""


class RowUnreadable(StoreError):
    """One row cannot be opened with the keys at hand."""


class Conflict(StoreError):
    """What was to be stored contradicts what is stored (a name taken, a row it hangs on gone)."""


class Gone(StoreError):
    """What a late result belonged to was deleted or replaced meanwhile; nothing was stored."""


class ListenFailed(TtrError):
    """The callback server cannot listen; `ours`: a server of this store answers there already."""

    def __init__(
        self, happened: str, *, ours: bool = False, means: str = "", cure: str = ""
    ) -> None:
        super().__init__(happened, means=means, cure=cure)
        self.ours = ours
