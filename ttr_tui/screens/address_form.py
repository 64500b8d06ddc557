"""The field for one mailbox's address: who goes by it is found before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import DescendantBlur
from textual.message import Message

from ttr_tui import pinning, text
from ttr_tui.errors import SharedMailbox, TtrError
from ttr_tui.widgets.lines import Line, state
from ttr_tui.widgets.paragraphs import Page, paragraph
from ttr_tui.widgets.prompt import Prompt, PromptChanged, PromptSubmitted

if TYPE_CHECKING:
    from ttr_tui.model import Company, DirectoryUser
    from ttr_tui.screens.session import Session

CANNOT_BE_ASKED = (
    "? Microsoft cannot be asked who goes by it before admin permission is granted (1 Connect).",
    "You confirm who comes when they have signed in; that person is pinned then.",
)


@dataclass(frozen=True, slots=True)
class Whom:
    """Who was meant by an address; `user` is None while nobody can be asked."""

    address: str
    user: DirectoryUser | None


class AddressChanged(Message):
    """Who is meant is known now, or no longer."""

    def __init__(self, whom: Whom | None, *, entered: bool = False) -> None:
        super().__init__()
        self.whom = whom
        self.entered = entered


class AddressForm(Container):
    """Address and who was found; posts `AddressChanged`. Who cannot sign in is nobody to choose."""

    DEFAULT_CSS = "AddressForm { height: auto; width: 100%; }"

    def __init__(self, session: Session, company: Company) -> None:
        super().__init__()
        self._session = session
        self._company = company
        self._address = Prompt("Address", note="or user principal name", id="address")
        self._answer = Page(_three([]))
        self._found_for = ""

    def compose(self) -> ComposeResult:
        """The field, and three rows for the answer."""
        yield self._address
        yield self._answer

    def on_prompt_changed(self, event: PromptChanged) -> None:
        """Forget who goes by another address."""
        event.stop()
        if self._found_for and self._typed != self._found_for:
            self._found_for = ""
            self._answer.lines = _three([])
            self.post_message(AddressChanged(None))

    def on_prompt_submitted(self, event: PromptSubmitted) -> None:
        """Ask who goes by it."""
        event.stop()
        self._find(entered=True)

    def on_descendant_blur(self, event: DescendantBlur) -> None:  # noqa: ARG002 - the field is asked
        """Ask when the field was left."""
        if self._typed != self._found_for:
            self._find(entered=False)

    @property
    def _typed(self) -> str:
        return self._address.value.strip()

    def _find(self, *, entered: bool) -> None:
        address = self._typed
        if not address:
            return
        self._found_for = address
        self._answer.lines = _three(paragraph("", state("» asking Microsoft who goes by it")))
        self.post_message(AddressChanged(None))
        self.run_worker(self._look(address, entered=entered), group="find", exclusive=True)

    async def _look(self, address: str, *, entered: bool) -> None:
        access = self._session.runtime.access
        try:
            user = await pinning.find(access, self._company, address)
            if user is not None:
                pinning.require_own_sign_in(user)
        except SharedMailbox as problem:
            self._answer.lines = _three(paragraph("", *_said(problem, "!")))
            return
        except TtrError as problem:
            self._found_for = ""
            self._answer.lines = _three(paragraph("", *_said(problem, "✗")))
            return
        if user is None:
            self._answer.lines = _three(paragraph("", *map(state, CANNOT_BE_ASKED)))
        else:
            self._answer.lines = _three(paragraph("", *_found(user)))
        self.post_message(AddressChanged(Whom(address, user), entered=entered))


def _found(user: DirectoryUser) -> list[Line]:
    name = text.cut_middle(text.clean(user.name or user.user_principal_name), 28)
    other = (
        ""
        if user.address == user.user_principal_name
        else f"signs in as {user.user_principal_name}; "
    )
    agent = ", an agent already" if user.is_agent else ""
    return [
        state(f"✓ {name}   {text.clean(user.address)}"),
        f"  {text.clean(other)}{user.kind}{agent}",
        f"  object {user.object_id}",
    ]


def _said(problem: TtrError, shape: str) -> list[Line]:
    rest = " ".join(part for part in (problem.means, problem.cure) if part)
    return [state(f"{shape} {text.clean(problem.happened)}"), *([rest] if rest else [])]


def _three(rows: list[Line]) -> list[Line]:
    """Return at least three rows, so that nothing below moves for an answer of ordinary length."""
    return [*rows, *[""] * (3 - len(rows))]
