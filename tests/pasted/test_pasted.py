"""What a person pastes is read whole, repaired, or refused with a sentence; never half."""

from __future__ import annotations

import html
import time
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttr_tui.errors import PasteUnusable
from ttr_tui.pasted import (
    LONGEST,
    PastedCode,
    PastedNumber,
    PastedResponse,
    first_host,
    read_pasted,
)

REDIRECT = "https://portal.contoso.com/tools/agents/msgraph-store-bulk"
STATE = "kq3vZ0_w-5Yd8uXnT1hJ7mRb2PcAe9LsGfQiWoKtNaE"
CODE = "1.AXoAPDxPiiFbbk2cD34h1LipE" + "aB3_-x" * 150
ANSWER = {
    "code": CODE,
    "client_info": "eyJ1aWQiOiJjN2QyIn0",
    "state": STATE,
    "session_state": "3f0c52d1-77aa-4be0-8a10-0c6d2f9e6b55",
}
ADDRESS = f"{REDIRECT}?{urlencode(ANSWER)}"
REFUSAL = {
    "error": "access_denied",
    "error_description": "AADSTS65004: User declined to consent.\r\nTrace ID: 8a4f",
    "error_uri": "https://login.microsoftonline.com/error?code=65004",
    "error_subcode": "cancel",
}
PAGE = """Sign in
Sorry, but we’re having trouble signing you in.

AADSTS50011: The redirect URI 'https://portal.contoso.com/x' specified in the request
does not match.

Request Id: 8a4f3c1e-5b21-4d6e-9c0f-7e21d4b8a913
"""

letters = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1)
states = st.text(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", min_size=43, max_size=43
)
values = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40)
breaks = st.lists(
    st.tuples(
        st.integers(0, 2_000), st.sampled_from(["\n", " ", "\r\n  ", "\t", "\\\n", "\u200b"])
    ),
    max_size=20,
)


def parameters_of(text: str) -> dict[str, str]:
    read = read_pasted(text)
    assert isinstance(read, PastedResponse)
    return dict(read.response.parameters)


def refusal_of(text: str) -> str:
    with pytest.raises(PasteUnusable) as refused:
        read_pasted(text)
    sentence = refused.value.sentence()
    assert STATE not in sentence
    assert CODE[:12] not in sentence
    return sentence


@pytest.mark.parametrize(
    "text",
    [
        ADDRESS,
        f"  {ADDRESS}\n",
        f"?{urlencode(ANSWER)}",
        urlencode(ANSWER),
        f"#{urlencode(ANSWER)}",
        f"{REDIRECT}#{urlencode(ANSWER)}",
        f"{ADDRESS}#",
        f"/tools/agents/msgraph-store-bulk?{urlencode(ANSWER)}",
        f"localhost:8400/tools?{urlencode(ANSWER)}",
        f'"{ADDRESS}"',
        f"<{ADDRESS}>",
        f"`{ADDRESS}`",
        f"“{ADDRESS}”",
        f"[the answer]({ADDRESS})",
        f"[{ADDRESS}]({ADDRESS})",
        f"<{ADDRESS}|{ADDRESS}>",
        f'<a href="{html.escape(ADDRESS)}">here</a>',
        ADDRESS.replace("&", "&amp;amp;"),
        ADDRESS.replace("&", "\\u0026"),
        ADDRESS.replace("?", "\\?").replace("&", "\\&").replace("=", "\\="),
        f"It ended on this address: {ADDRESS}.",
        f"\x1b[200~{ADDRESS}\x1b[201~",
        "\n".join(f"> > {ADDRESS[i : i + 60]}" for i in range(0, len(ADDRESS), 60)),
        "\n".join(f"│ {ADDRESS[i : i + 60]}   │" for i in range(0, len(ADDRESS), 60)),
        "\\\n".join(f"    {ADDRESS[i : i + 60]}" for i in range(0, len(ADDRESS), 60)),
    ],
)
def test_an_answer_is_read_however_it_was_copied(text: str) -> None:
    """Address, query, fragment, path; wrapped, quoted, escaped, marked up."""
    assert parameters_of(text) == ANSWER


@given(
    code=letters,
    state=states,
    others=st.dictionaries(st.sampled_from(["client_info", "session_state", "scope"]), values),
    where=breaks,
)
def test_blanks_anywhere_change_nothing(
    code: str, state: str, others: dict[str, str], where: list[tuple[int, str]]
) -> None:
    """Line breaks, spaces, continuations and invisible characters."""
    answer = {"code": code, **others, "state": state}
    text = f"{REDIRECT}?{urlencode(answer)}"
    for place, blank in where:
        text = text[:place] + blank + text[place:]
    assert parameters_of(text) == answer


@given(code=letters, state=states, query=st.booleans(), data=st.data())
def test_what_was_cut_off_is_never_taken_for_an_answer(
    code: str, state: str, query: bool, data: st.DataObject
) -> None:
    """Neither in Microsoft's order nor in any other: a code is the whole one or none."""
    names = data.draw(st.permutations(["code", "client_info", "state", "session_state"]))
    answer = ANSWER | {"code": code, "state": state}
    text = urlencode({name: answer[name] for name in names})
    text = text if query else f"{REDIRECT}?{text}"
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    try:
        read = read_pasted(cut)
    except PasteUnusable:
        return
    assert isinstance(read, PastedResponse)
    assert (read.response.code, read.response.state) == (code, state)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    """Nothing else is raised."""
    with suppress(PasteUnusable):
        read_pasted(text)


@pytest.mark.parametrize("length", [1_000, 4_095])
def test_where_the_text_was_cut_off_is_said(length: int) -> None:
    """The length in characters, and at 4,095 what does that."""
    long = ADDRESS.replace(CODE, CODE * 9)
    said = refusal_of(long[:length])
    assert f"no state in this text of {length:,} characters: it was cut off" in said
    assert ("line mode" in said) is (length == 4_095)
    assert refusal_of(long[:length] + "\n") == said


def test_every_other_way_of_being_incomplete_has_its_sentence() -> None:
    """A state cut short, one of somebody else's, a lost beginning, a code at the end."""
    assert "state in this text" in refusal_of(ADDRESS[: ADDRESS.index(STATE) + 20])
    assert "none that ttr-tui made" in refusal_of(ADDRESS.replace(STATE, "xyz"))
    assert "none that ttr-tui made" in refusal_of(ADDRESS.replace(STATE, f"{STATE}thanks"))
    assert "beginning is missing" in refusal_of(ADDRESS[ADDRESS.index(CODE) + 9 :])
    assert "code is the last thing" in refusal_of(f"{REDIRECT}?state={STATE}&code={CODE}")
    assert "no state" in refusal_of(f"code={CODE}")
    assert "twice" in refusal_of(ADDRESS + ADDRESS[len(REDIRECT) :])
    assert "twice" in refusal_of(f"{ADDRESS}&code=other")
    assert "cannot be read" in refusal_of(f"?code=a&state={STATE}&session_state=%C3")
    assert "cannot be read" in refusal_of(f"?code=\udcc3&state={STATE}&session_state=1")


def test_what_comes_before_or_after_the_answer_is_told_apart() -> None:
    """The start link, Microsoft's page, an answer that arrived by itself, an address with none."""
    assert "start link" in refusal_of(f"{REDIRECT}/7K2MQX4P9D")
    request = urlencode({"client_id": "1", "response_type": "code", "state": STATE})
    login = "https://login.microsoftonline.com/8a4f3c1e"
    assert "on the way" in refusal_of(f"{login}/oauth2/v2.0/authorize?{request}")
    assert "on the way" in refusal_of(f"{login}/v2.0/adminconsent?{request}")
    assert "on the way" in refusal_of("https://login.microsoftonline.com/common/login")
    assert "by itself" in refusal_of(f"{REDIRECT}?ttr_parked=Zx8")
    assert "by itself" in refusal_of(f"{REDIRECT}/-/Zx8abc")
    assert "carries no answer" in refusal_of(REDIRECT)
    assert "neither an answer" in refusal_of("https://portal.contoso.com/?page=3")
    assert "Nothing was pasted" in refusal_of(" \r\n\u200b")
    assert "neither an answer" in refusal_of("I signed in and then this page came up, is it right")
    assert "neither an answer" in refusal_of(ANSWER["session_state"])


@pytest.mark.parametrize("text", [CODE, f"\n{CODE[:400]}\n  {CODE[400:]}\n", f"'{CODE}'"])
def test_a_code_alone_is_one(text: str) -> None:
    """Also wrapped; it never shows itself."""
    read = read_pasted(text)
    assert isinstance(read, PastedCode)
    assert read.code.reveal() == CODE
    assert CODE not in repr(read)
    assert CODE not in repr(read_pasted(ADDRESS))


def test_a_code_as_long_as_a_line_in_line_mode_was_cut() -> None:
    """Nothing else in a bare code tells."""
    assert "exactly 4,095 characters" in refusal_of((CODE * 9)[:4_095])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("AADSTS50011", "AADSTS50011"),
        ("aadsts50011", "AADSTS50011"),
        ("AADSTS 50011", "AADSTS50011"),
        (" 50011\n", "AADSTS50011"),
        (PAGE, "AADSTS50011"),
        ("https://login.microsoftonline.com/error?code=65004", "AADSTS65004"),
        (urlencode(REFUSAL), "AADSTS65004"),
        ("error=access_denied&error_description=AADSTS7000222%3a+The", "AADSTS7000222"),
    ],
)
def test_an_errors_number_is_found(text: str, number: str) -> None:
    """Typed, on Microsoft's page, or in an answer whose state is gone."""
    assert read_pasted(text) == PastedNumber(number)


def test_a_number_that_may_be_cut_is_none() -> None:
    """AADSTS7000 is not AADSTS7000222."""
    assert "no state" in refusal_of("error=access_denied&error_description=AADSTS7000")


def test_refusals_and_consents_are_answers() -> None:
    """With their state, whatever the order; also with an address decoded by hand inside."""
    assert parameters_of(f"{REDIRECT}?{urlencode(REFUSAL | {'state': STATE})}")["error"]
    decoded = f"error=access_denied&error_uri={REFUSAL['error_uri']}&state={STATE}"
    assert parameters_of(decoded)["state"] == STATE
    granted = {"admin_consent": "True", "tenant": "8a4f", "scope": "a b", "state": STATE}
    assert parameters_of(f"({REDIRECT}?{urlencode(granted)}).") == granted


def test_a_megabyte_is_read_fast_and_more_is_refused() -> None:
    """Time grows with the length and not faster, whatever the text is made of."""
    began = time.perf_counter()
    assert parameters_of(ADDRESS.replace(CODE, "a" * (LONGEST - 2_000)))["code"].startswith("aaa")
    for filler in (" ", "\n", "&", "&amp;", "%41", "AADSTS", "\\", "> ", "[](", "https://"):
        text = (filler * LONGEST)[: LONGEST - 1]
        with pytest.raises(PasteUnusable):
            read_pasted(f"{text}x")
    assert time.perf_counter() - began < 8
    assert "1,048,577 characters" in refusal_of("a" * (LONGEST + 1))


def test_the_first_host_is_found() -> None:
    """It is what may be shown of a long text."""
    assert first_host(f" <{ADDRESS}>") == "portal.contoso.com"
    assert first_host("http://local\nhost:8400/x?code=1") == "localhost:8400"
    assert first_host("https://a\x1b[2J:secret@b/") == "a"
    assert first_host(urlencode(ANSWER)) == ""
