"""The redirect paths: what a browser brings, what is asked with it, what it is shown."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.callback.wire import BULK, PATHS, START, Answer, Desk, parsed, request, send, until
from ttr_tui import errors
from ttr_tui.callback import FinishPage
from ttr_tui.callback.answers import CLOSE_THIS
from ttr_tui.model import Purpose

BROWSER = "b" * 43
COOKIE = {"Cookie": f"ttr={BROWSER}"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("purpose", list(Purpose))
async def test_each_redirect_path_asks_for_its_own_purpose(
    port: int, desk: Desk, purpose: Purpose
) -> None:
    """The path alone says which of the five flows a response belongs to."""
    page = await send(port, "GET", f"{PATHS[purpose]}?state=right&code=c", COOKIE)
    assert page.status == 200
    assert desk.asked == [("finish", purpose, BROWSER, "127.0.0.1")]


async def test_parameters_arrive_untouched(port: int, desk: Desk) -> None:
    """Nothing is trimmed, dropped or judged on the way, whatever it is."""
    query = "state=right&code=a%2Bb+c%00&error=&admin_consent=True&iss=https%3A%2F%2Fx%2F&%C3%BC=1"
    await send(port, "GET", f"{BULK}?{query}")
    assert desk.responses[0].parameters == {
        "state": "right",
        "code": "a+b c\0",
        "error": "",
        "admin_consent": "True",
        "iss": "https://x/",
        "ü": "1",
    }


async def test_a_browser_without_our_cookie_is_named_as_none(port: int, desk: Desk) -> None:
    """What becomes of such a response is not the server's to decide."""
    await send(port, "GET", f"{BULK}?state=right&code=c", {"Cookie": "other=1"})
    assert desk.asked == [("finish", Purpose.COMPANY_MASTER, "", "127.0.0.1")]


@pytest.mark.parametrize(
    "query",
    [
        "state=right&state=right",
        "state=right&code=a&code=b",
        "state=right&error=x&error=x",
        "state=%FF",
        "state=right&code=%C3%28",
        "&".join(f"p{number}=1" for number in range(33)),
    ],
)
async def test_a_parameter_twice_or_unreadable_asks_nothing(
    port: int, desk: Desk, query: str
) -> None:
    """400, before anybody is asked."""
    page = await send(port, "GET", f"{BULK}?{query}")
    assert page.status == 400
    assert desk.asked == []


@pytest.mark.parametrize(
    ("refused", "status"),
    [
        (errors.StateUnknown, 400),
        (errors.StateExpired, 410),
        (errors.StateSpent, 409),
        (errors.ConsentDenied, 403),
        (errors.SignInDenied, 403),
        (errors.ResponseIncomplete, 400),
        (errors.IdentityWrong, 403),
        (errors.WrongTenant, 403),
        (errors.LinkUnknown, 404),
        (errors.LinkOver, 410),
        (errors.Unreachable, 502),
        (errors.ForeignHost, 502),
        (errors.AnswerBroken, 502),
        (errors.SignInNeeded, 403),
        (errors.ConsentNeeded, 403),
        (errors.ClientRefused, 503),
        (errors.StoreBroken, 503),
        (errors.Gone, 410),
        (errors.Refused, 409),
    ],
)
async def test_each_refusal_has_its_status_and_says_everything(
    port: int, desk: Desk, refused: type[errors.TtrError], status: int
) -> None:
    """What happened, what it means, who can act, what to do, and Microsoft's own numbers."""
    evidence = errors.Evidence("AADSTS50020", "corr<1>", "trace-1", "2026-11-23 15:41:20Z")
    desk.refuse = refused(
        "Anna <b> signed in.",
        means="Nothing was stored.",
        who=errors.MAILBOX_OWNER,
        cure="Choose another account.",
        evidence=evidence,
    )
    page = await send(port, "GET", f"{BULK}?state=right&code=c")
    assert page.status == status
    for words in (
        "Anna &lt;b&gt; signed in.",
        "Nothing was stored.",
        "Who can act: the mailbox&#x27;s owner.",
        "Choose another account.",
        "AADSTS50020",
        "corr&lt;1&gt;",
        "trace-1",
        "2026-11-23 15:41:20Z",
    ):
        assert words in page.body
    assert CLOSE_THIS not in page.body


async def test_an_expired_request_offers_its_start_page(port: int, desk: Desk) -> None:
    """The link outlives the request, so that its button can be pressed again."""
    desk.refuse = errors.StateExpired("Too late.", link=f"http://localhost:8400{START}")
    page = await send(port, "GET", f"{BULK}?state=right&code=c")
    assert f'href="{START}"' in page.body


@pytest.mark.parametrize("link", ["https://evil.example/x", f"http://evil.example{BULK}", "//x"])
async def test_no_page_leads_to_what_is_no_start_link(port: int, desk: Desk, link: str) -> None:
    """Only a path of a start link is ever offered."""
    desk.refuse = errors.StateExpired("Too late.", link=link)
    page = await send(port, "GET", f"{BULK}?state=right&code=c")
    assert "href" not in page.body


async def test_a_finished_attempt_says_that_the_page_can_be_closed(port: int) -> None:
    """The last sentence sends the reader back to the terminal."""
    page = await send(port, "GET", f"{BULK}?state=right&code=c")
    assert "Anna Weber signed in." in page.body
    assert page.body.index("Anna Weber signed in.") < page.body.index(CLOSE_THIS)
    assert "refresh" not in page.body


async def test_an_attempt_that_ended_badly_sends_nobody_away_content(port: int, desk: Desk) -> None:
    """What was not good is told, without the closing sentence of a success."""
    desk.outcome_page = FinishPage("Nothing was stored", ("It was not confirmed.",), good=False)
    page = await send(port, "GET", f"{BULK}?state=right&code=c")
    assert "It was not confirmed." in page.body
    assert CLOSE_THIS not in page.body


async def test_nothing_is_shown_before_finish_has_returned(port: int, desk: Desk) -> None:
    """The page says what is true after the tokens are stored, not before."""
    desk.hold = asyncio.Event()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request("GET", f"{BULK}?state=right&code=c"))
    await until(lambda: bool(desk.asked))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.1)
    desk.hold.set()
    page = parsed(await reader.read())
    writer.close()
    assert page.status == 200


async def test_a_pending_outcome_asks_again_until_it_is_decided(port: int, desk: Desk) -> None:
    """A refresh every three seconds by handle and browser; then the outcome."""
    desk.outcome_page = FinishPage("Waiting", ("Nothing yet.",), False, True, "handle-1")
    page = await send(port, "GET", f"{BULK}?state=right&code=c", COOKIE)
    path = refresh_of(page)
    assert path == f"{BULK}/-/handle-1"
    assert CLOSE_THIS not in page.body
    assert refresh_of(await send(port, "GET", path, COOKIE)) == path
    desk.outcome_page = FinishPage("Stored", ("Done.",), good=True, outcome_handle="handle-1")
    last = await send(port, "GET", path, COOKIE)
    assert "refresh" not in last.body
    assert CLOSE_THIS in last.body
    assert desk.asked[1:] == [("outcome", "handle-1", BROWSER)] * 2


async def test_an_outcome_refused_to_another_browser_is_a_refusal(port: int, desk: Desk) -> None:
    """The handle alone shows nothing; who may see it is decided where it is asked."""
    desk.refuse = errors.LinkUnknown("No outcome is shown to this browser.")
    assert (await send(port, "GET", f"{BULK}/-/handle-1")).status == 404


async def test_a_form_post_is_asked_with_the_cookie_of_the_get_that_follows(
    port: int, desk: Desk
) -> None:
    """A cross-site POST carries no Lax cookie, so nothing is asked until the GET."""
    posted = await send(port, "POST", BULK, FORM, b"state=right&code=a%2Bb&session_state=s")
    assert posted.status == 303
    assert desk.asked == []
    where = posted.fields["location"]
    assert re.fullmatch(rf"{BULK}\?ttr_parked=[A-Za-z0-9_-]{{32}}", where)
    page = await send(port, "GET", where, COOKIE)
    assert page.status == 200
    assert desk.asked == [("finish", Purpose.COMPANY_MASTER, BROWSER, "127.0.0.1")]
    assert desk.responses[0].parameters == {"state": "right", "code": "a+b", "session_state": "s"}


async def test_a_parked_response_is_handed_out_once(port: int, desk: Desk) -> None:
    """A second GET of the handle asks nothing."""
    where = (await send(port, "POST", BULK, FORM, b"state=right&code=c")).fields["location"]
    assert (await send(port, "GET", where)).status == 200
    assert (await send(port, "GET", where)).status == 410
    assert len(desk.asked) == 1


async def test_reloading_a_parked_response_shows_its_outcome(port: int, desk: Desk) -> None:
    """A reload by the same browser is answered by the outcome's handle, not by a second finish."""
    desk.outcome_page = FinishPage("Stored", ("Done.",), good=True, outcome_handle="handle-1")
    where = (await send(port, "POST", BULK, FORM, b"state=right&code=c")).fields["location"]
    await send(port, "GET", where, COOKIE)
    assert (await send(port, "GET", where, COOKIE)).status == 200
    assert [words[0] for words in desk.asked] == ["finish", "outcome"]
    assert desk.asked[1] == ("outcome", "handle-1", BROWSER)


@pytest.mark.parametrize(
    ("fields", "body", "status"),
    [
        (FORM, b"state=right&state=wrong", 400),
        (FORM, b"state=%ff", 400),
        (FORM, b"state=\xff", 400),
        (FORM | {"Content-Encoding": "gzip"}, b"state=right", 415),
        ({"Content-Type": "application/json"}, b'{"state":"right"}', 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--", 415),
        ({}, b"state=right", 415),
        (FORM, b"state=" + b"a" * 20_000, 413),
        (FORM | {"Content-Length": "99999999"}, b"state=right", 413),
    ],
)
async def test_only_a_small_plain_form_is_parked(
    port: int, desk: Desk, fields: dict[str, str], body: bytes, status: int
) -> None:
    """Everything else is refused by its own status, and nothing is asked."""
    page = await send(port, "POST", BULK, fields, body)
    assert page.status == status
    assert desk.asked == []


async def test_a_long_code_arrives_whole(port: int, desk: Desk) -> None:
    """Microsoft's codes run to thousands of characters."""
    code = "0.A" + "x" * 12_000
    assert (await send(port, "GET", f"{BULK}?state=right&code={code}")).status == 200
    assert desk.responses[0].code == code


def refresh_of(page: Answer) -> str:
    """Return the path a page leads to after three seconds."""
    found = re.search(r'http-equiv="refresh" content="3; url=([^"]*)"', page.body)
    assert found is not None
    return found[1]
