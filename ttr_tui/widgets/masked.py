"""A field for a secret: what is typed or pasted is drawn as asterisks, never as itself."""

from __future__ import annotations

from ttr_tui.model import Secret
from ttr_tui.widgets.field import Field
from ttr_tui.widgets.lines import UNDERLINE, Line, Span
from ttr_tui.widgets.prompt import VALUE_COLUMN, Prompt

MASK = "*"


class MaskedField(Field):
    """As a field, but no letter of it is ever drawn."""

    def line(self, y: int) -> Line:  # noqa: ARG002 - a field has one row
        """Return an asterisk for each letter."""
        shown = (MASK * (len(self._value) - self._from))[: self.width]
        return Span(shown.ljust(self.width), UNDERLINE)

    @property
    def mask(self) -> str:
        """As many asterisks as there are letters."""
        return MASK * len(self._value)

    @property
    def secret(self) -> Secret:
        """What was typed, without the blanks around it."""
        return Secret(self._value.strip())

    def _cells_before(self, position: int) -> int:
        return position - self._from


class MaskedPrompt(Prompt):
    """A labelled field for a secret; its messages carry the mask alone."""

    def __init__(self, label: str, *, width: int = 40) -> None:
        super().__init__(label, width=width, at=VALUE_COLUMN)
        self._masked = MaskedField(width)
        self._masked.styles.width = width
        self._field = self._masked

    @property
    def value(self) -> str:
        """The mask: as many asterisks as there are letters. A secret is typed, never set."""
        return self._masked.mask

    @value.setter
    def value(self, value: str) -> None:
        raise AttributeError(f"a secret is typed, never set ({len(value)} letters)")

    @property
    def secret(self) -> Secret:
        """What was typed."""
        return self._masked.secret

    def fill(self, secret: Secret) -> None:
        """Put a secret in, in place of what was typed."""
        self._masked.value = secret.reveal()

    def clear(self) -> None:
        """Forget what was typed."""
        self._masked.value = ""
