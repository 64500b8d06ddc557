"""The operator's word about who signed in: given beforehand on the command line, or asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.cli.asking import agree, require_somebody, somebody_is_here, type_name
from ttr_tui.errors import NotConfirmed

if TYPE_CHECKING:
    from ttr_tui.cli.output import Output
    from ttr_tui.model import Attempt, Company, Person
    from ttr_tui.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Word:
    """What the command line says beforehand; `take_over` is the company's name, or nothing.

    Without `asks` it is left to another shell.
    """

    expect: str = ""
    yes: bool = False
    take_over: str = ""
    asks: bool = True

    @property
    def can_be_had(self) -> bool:
        """Tell whether it was given, or somebody can be asked for it."""
        given = self.yes or bool(self.expect.strip())
        return given or (self.asks and somebody_is_here())

    def require(self) -> None:
        """Raise NotConfirmed where it was not given and nobody can be asked."""
        require_somebody(
            "Who signs in is confirmed before it is stored.",
            "Give --expect UPN to store that person alone, or --yes to store whoever comes.",
            answered=self.can_be_had,
        )

    def require_asked_for(self, attempt: Attempt) -> None:
        """Raise NotConfirmed when `--expect` names somebody else than the pinned person."""
        expected = attempt.expected
        if not self.expect.strip() or expected is None or not expected.object_id:
            return
        if not self._names(expected.user_principal_name, expected.address):
            raise NotConfirmed(
                f"This link is for {expected.shown}, and {self.expect.strip()} was expected.",
                means="The link was withdrawn.",
                cure="Name the same person twice, or leave --expect away.",
            )

    def require_came(self, attempt: Attempt, person: Person) -> None:
        """Raise NotConfirmed when `--expect` names somebody else than who came."""
        if not self.expect.strip():
            return
        expected = attempt.expected
        pinned = expected is not None and expected.object_id == person.object_id
        address = expected.address if expected is not None and pinned else ""
        if not self._names(person.user_principal_name, address):
            raise NotConfirmed(
                f"{person.user_principal_name or person.shown} signed in, and "
                f"{self.expect.strip()} was expected.",
                means="Nothing was stored.",
                cure="Try again, in a private window if the browser picks another account.",
            )

    def _names(self, *addresses: str) -> bool:
        wanted = self.expect.strip().casefold()
        return any(wanted == address.casefold() for address in addresses if address)


async def ask_for_word(
    runtime: Runtime, out: Output, company: Company, attempt: Attempt, word: Word
) -> str:
    """Have `attempt.person` confirmed; return the name typed for a take-over, or nothing.

    Raises NotConfirmed.
    """
    from ttr_tui.flows import sign_in  # noqa: PLC0415 - help needs none of it

    person = attempt.person
    if person is None:
        return ""
    word.require_came(attempt, person)
    former = None
    if attempt.for_master:
        former = await sign_in.taken_over(runtime.access, company, person)
    if former is not None:
        out.say(f"This takes over from {former.shown}.")
        if word.take_over or not somebody_is_here():
            return word.take_over
        return await type_name(out, "Take over?", company.name, yes=False)
    if not word.expect.strip():
        await agree(out, _question(attempt, company), yes=word.yes)
    return ""


def _question(attempt: Attempt, company: Company) -> str:
    if attempt.for_master:
        return f"Is this the administrator of {company.name}?"
    if attempt.expected is None:
        return f"Is this who is to be an agent of {company.name}?"
    if not attempt.expected.object_id:
        return f"Is this the owner of {attempt.expected.shown}?"
    return f"Is this {attempt.expected.shown}, who was asked for?"


def who(person: Person) -> str:
    """Say who signed in, with what identifies them."""
    return f"{person.shown}, signed in (object {person.object_id}, tenant {person.tenant_id})."
