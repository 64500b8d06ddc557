"""Microsoft's codes become what happened, who can act and what to do."""

from __future__ import annotations

import re

import pytest

from ttr_tui import errors
from ttr_tui.advice import (
    CLASSES,
    CODES,
    Act,
    Scope,
    act_of,
    advise,
    message,
    pause_after,
)
from ttr_tui.errors import Evidence, SignInDenied

DOCUMENTED = """
50011 50020 50034 50053 50055 50057 50058 50059 50128 50074 50076 50079 50105 50126 50173 50194
50196 500011 500571 501051 501481 53003 530032 530034 530035 54005 65001 65004 65005 650056 650057
70000 70008 700082 70011 70043 700005 700016 7000112 7000215 7000218 7000222 7000229 700054 90002
90008 90014 900144 90055 90024 90006 50033 90033 90094 90095 90072 900971 1002016
53000 50097 700027
"""
ACTORS = {
    errors.YOU,
    errors.ENTRA_ADMINISTRATOR,
    errors.EXCHANGE_ADMINISTRATOR,
    errors.MAILBOX_OWNER,
    errors.US,
}
DESCRIPTION = (
    "AADSTS53003: Access has been blocked by Conditional Access policies.\r\n"
    "Trace ID: 0e9c4a7d-2b68-4d15-a3f1-95c8d7e60b42\r\n"
    "Correlation ID: b1f6d0c2-9a57-4e1b-8d34-6c0e5f7a2913\r\n"
    "Timestamp: 2026-11-23 14:52:07Z"
)


@pytest.mark.parametrize("code", [int(code) for code in DOCUMENTED.split()])
def test_every_documented_code_has_advice(code: int) -> None:
    """Facts section 4.2, without a gap."""
    assert advise([code]) is CODES[code]


@pytest.mark.parametrize("advice", [*CODES.values(), *CLASSES.values()])
def test_advice_is_whole_sentences_and_names_who_acts(advice: object) -> None:
    """No fragment, no exclamation, and an actor the screens have a word for."""
    assert isinstance(advice, type(CODES[53003]))
    assert advice.who in ACTORS
    for sentence in (advice.what, advice.do):
        assert re.fullmatch(r"[A-Z][^!]*\.", sentence), sentence
        assert "please" not in sentence.lower()


def test_a_number_in_any_text_is_enough() -> None:
    """A description, a pasted page, a bare number."""
    assert advise(DESCRIPTION) is CODES[53003]
    assert advise("the page said aadsts53003.") is CODES[53003]
    assert advise(" 53003 ") is CODES[53003]


def test_the_first_known_number_counts() -> None:
    """Microsoft sends several at times."""
    assert advise([999999, 50173]) is CODES[50173]


def test_unknown_numbers_fall_back_to_their_class_and_then_to_something_useful() -> None:
    """A code of tomorrow is named, and leads somewhere."""
    assert advise([9990001], "invalid_grant") is CLASSES["invalid_grant"]
    unknown = advise("AADSTS9990001: new", "something_new")
    assert "AADSTS9990001" in unknown.what
    assert "https://login.microsoftonline.com/error?code=9990001" in unknown.do
    assert advise("", "").what == ""
    assert advise([], "").do.endswith(".")


def test_what_concerns_every_company_is_told_apart_from_one_mailbox() -> None:
    """An expired secret is one alarm, not five hundred."""
    assert CODES[7000222].scope is Scope.INSTALLATION
    assert CODES[50173].scope is Scope.MAILBOX
    assert CODES[65001].scope is Scope.COMPANY
    assert CODES[54005].scope is Scope.ATTEMPT


@pytest.mark.parametrize(
    ("error", "act"),
    [
        (errors.Unreachable("No answer."), Act.TRY_AGAIN),
        (errors.AnswerBroken("A proxy's page."), Act.TRY_AGAIN),
        (errors.SignInNeeded("No.", evidence=Evidence("AADSTS50196")), Act.TRY_AGAIN),
        (errors.SignInNeeded("No.", evidence=Evidence("AADSTS50173")), Act.SIGN_IN_AGAIN),
        (errors.SignInNeeded("No.", evidence=Evidence("AADSTS70043")), Act.SIGN_IN_AGAIN),
        (errors.SignInNeeded("No.", evidence=Evidence("AADSTS50057")), Act.ADMINISTRATOR),
        (errors.SignInNeeded("No.", evidence=Evidence("AADSTS50034")), Act.ADMINISTRATOR),
        (errors.SignInNeeded("No.", evidence=Evidence("invalid_grant")), Act.SIGN_IN_AGAIN),
        (errors.SignInNeeded("No.", evidence=Evidence("AADSTS9990001")), Act.UNKNOWN),
        (errors.IdentityWrong("Another person."), Act.SIGN_IN_AGAIN),
        (errors.TokenRefused("No.", evidence=Evidence("AADSTS53003")), Act.ADMINISTRATOR),
        (errors.TokenRefused("No.", evidence=Evidence("something_new")), Act.UNKNOWN),
        (errors.ConsentNeeded("No.", evidence=Evidence("AADSTS700016")), Act.ADMINISTRATOR),
        (errors.ClientRefused("No.", evidence=Evidence("AADSTS7000222")), Act.OPERATOR),
        (errors.ClientRefused("No.", evidence=Evidence("AADSTS7000112")), Act.ADMINISTRATOR),
        (errors.ForeignHost("Another host."), Act.OPERATOR),
    ],
)
def test_a_refusal_of_what_is_stored_has_its_class(error: errors.TtrError, act: Act) -> None:
    """Try again, sign in again, operator, administrator; or nobody can say."""
    assert act_of(error) is act


def test_what_cannot_mend_itself_is_asked_for_ever_more_rarely() -> None:
    """An administrator may have mended it by tomorrow; a dead sign-in is left alone."""
    days = [pause_after(Act.SIGN_IN_AGAIN, times).days for times in (1, 2, 3, 5, 6, 400)]
    assert days == [1, 2, 4, 16, 30, 30]
    assert {pause_after(Act.ADMINISTRATOR, times).days for times in (1, 9)} == {1}
    minutes = [pause_after(Act.UNKNOWN, times).total_seconds() / 60 for times in (0, 1, 2, 99)]
    assert minutes == [15, 15, 60, 1440]


def test_a_message_to_send_carries_microsofts_identifiers_in_utc() -> None:
    """Who receives it can find the sign-in without asking back."""
    written = message(
        SignInDenied(advise(DESCRIPTION).what, evidence=Evidence.of(DESCRIPTION)),
        company="Contoso Ltd",
        domain="contoso.com",
        person="a.weber@contoso.com",
    )
    assert written.startswith(
        "Subject: contoso.com: Microsoft refused a sign-in to TTR (AADSTS53003)"
    )
    assert "Correlation id: b1f6d0c2-9a57-4e1b-8d34-6c0e5f7a2913" in written
    assert "Trace id:       0e9c4a7d-2b68-4d15-a3f1-95c8d7e60b42" in written
    assert "Time:           2026-11-23 14:52:07Z" in written
    assert "a.weber@contoso.com" in written


def test_a_message_leaves_out_what_is_not_known_and_cleans_the_rest() -> None:
    """No empty label, no control character from a tenant's name."""
    written = message(SignInDenied("No."), company="Evil\x1b[2J", domain="evil.example")
    assert "Trace id" not in written
    assert "\x1b" not in written
    assert "<1b>" in written
