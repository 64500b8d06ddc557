"""What a browser ended on is pasted, in a second shell; attempts are listed, watched, confirmed."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cli.conftest import Program, shown
from tests.cli.running import Running
from tests.office import open_office
from ttr_tui.model import Company, Purpose
from ttr_tui.sandbox.browser import Administrator


async def begun(ttr: Program, company: Company) -> tuple[Running, dict[str, str], str]:
    """An agent's sign-in in a first shell: its process, its link's event, whose it is."""
    (person,) = ttr.members(1)
    upn = person.user_principal_name
    process = await ttr.start("agents", "authenticate", company.name, "--user", upn, "--json")
    return process, await ttr.event(process, "link"), upn


async def ended_on(ttr: Program, attempt: str, account: str) -> str:
    """The address on which a browser ends that cannot reach us, from Microsoft's own."""
    asked = await ttr("attempts", "address", attempt)
    assert asked.status == 0, asked.err
    browser = Administrator(ttr.sandbox.ca_file)
    page = await browser.follow(asked.out.strip(), account=account, stop_at_redirect=True)
    ttr.secrets.append(parse_qs(urlsplit(page.url).query)["code"][0])
    return page.url


def written(folder: Path, pasted: str) -> str:
    """A file that holds what was pasted."""
    file = folder / "pasted"
    file.write_text(f"<{pasted}>\n")
    return str(file)


async def test_a_second_shell_finishes_what_the_first_began(ttr: Program, granted: Company) -> None:
    """The word is given there; the first one sees it stored, and ends."""
    process, link, upn = await begun(ttr, granted)
    file = written(ttr.folder, await ended_on(ttr, link["attempt"], upn))
    done = await ttr("finish", "--file", file, "--expect", upn, "--json")
    assert done.status == 0, done.err
    assert done.record["attempt"]["id"] == link["attempt"]
    assert done.record["attempt"]["ended"] == "done"
    assert done.record["authentication"]["person"]["user_principal_name"] == upn
    assert (await ttr.event(process, "stored"))["authentication"]["kind"] == "own"
    assert (await ttr.finish(process)).status == 0


async def test_what_nobody_confirmed_waits_for_attempts_confirm(
    ttr: Program, granted: Company
) -> None:
    """Where nobody can be asked nothing is lost: listed, then confirmed by name."""
    process, link, upn = await begun(ttr, granted)
    file = written(ttr.folder, await ended_on(ttr, link["link"], upn))
    waits = await ttr("finish", "--file", file, "--json")
    assert (waits.status, waits.record["error"]["kind"]) == (1, "NotConfirmed")
    assert (await ttr.event(process, "signed_in"))["person"]["user_principal_name"] == upn
    (listed,) = (await ttr("attempts", "list", "--json")).record["attempts"]
    assert listed["person"]["user_principal_name"] == upn
    assert "waits for your word" in (await ttr("attempts", "list", granted.name)).out
    done = await ttr("attempts", "confirm", link["attempt"], "--yes", "--json")
    assert done.status == 0, done.err
    assert done.record["authentication"]["kind"] == "own"
    assert (await ttr.finish(process)).status == 0
    again = await ttr("attempts", "confirm", link["attempt"], "--yes", "--json")
    assert again.status == 1


async def test_the_wrong_word_erases_what_came(ttr: Program, granted: Company) -> None:
    """Nothing is stored; the link goes on."""
    process, link, upn = await begun(ttr, granted)
    file = written(ttr.folder, await ended_on(ttr, link["attempt"], upn))
    done = await ttr("finish", "--file", file, "--expect", "other@contoso.example", "--json")
    assert (done.status, done.record["error"]["kind"]) == (1, "NotConfirmed")
    (listed,) = (await ttr("attempts", "list", "--json")).record["attempts"]
    assert listed["person"] is None
    withdrawn = await ttr("attempts", "withdraw", link["attempt"], "--json")
    assert withdrawn.record == {"withdrawn": [link["attempt"]], "over_before": []}
    assert (await ttr("attempts", "withdraw", link["attempt"])).status == 1
    assert (await ttr.finish(process)).status == 1
    assert (await ttr("attempts", "list", "--json")).record == {"attempts": []}


async def test_a_cut_off_paste_is_refused_and_a_whole_one_then_works(
    ttr: Program, granted: Company
) -> None:
    """What was missing is said with its length; the request is not used up by it."""
    process, link, upn = await begun(ttr, granted)
    address = await ended_on(ttr, link["attempt"], upn)
    file = written(ttr.folder, address[: address.index("state=")])
    cut = await ttr("finish", "--file", file, "--json")
    assert (cut.status, cut.record["error"]["kind"]) == (1, "PasteUnusable")
    assert "characters" in cut.record["error"]["happened"]
    assert (await ttr("finish", "--file", str(ttr.folder / "none"), "--json")).status == 1
    done = await ttr("finish", "--file", written(ttr.folder, address), "--yes")
    assert done.status == 0, done.err
    spent = await ttr("finish", "--file", written(ttr.folder, address), "--yes", "--json")
    assert (spent.status, spent.record["error"]["kind"]) == (1, "LinkOver")
    assert (await ttr.finish(process)).status == 0


@pytest.mark.parametrize(("typed", "status"), [("yes\n", 0), ("no\n", 1)])
async def test_pasted_on_a_terminal_the_question_follows(
    ttr: Program, granted: Company, terminal: tuple[int, int], typed: str, status: int
) -> None:
    """Whole, unseen, and then a word."""
    process, link, upn = await begun(ttr, granted)
    address = await ended_on(ttr, link["attempt"], upn)
    person, program = terminal
    finishing = await ttr.start("finish", "--json", terminal=program)
    await shown(person, "Paste the address")
    os.write(person, address.encode() + b"\n")
    await shown(person, "Type yes to go on: ")
    os.write(person, typed.encode())
    assert (await ttr.finish(finishing)).status == status
    if status:
        await ttr("attempts", "withdraw", link["attempt"])
    assert (await ttr.finish(process)).status == status


async def test_a_question_ends_when_a_second_shell_answers_it(
    ttr: Program, granted: Company, terminal: tuple[int, int]
) -> None:
    """Nobody types yes into a question that is decided already."""
    (someone,) = ttr.members(1)
    upn = someone.user_principal_name
    person, program = terminal
    words = ("agents", "authenticate", granted.name, "--user", upn, "--json")
    process = await ttr.start(*words, terminal=program)
    link = await ttr.event(process, "link")
    file = written(ttr.folder, await ended_on(ttr, link["attempt"], upn))
    await ttr("finish", "--file", file)
    await shown(person, "Type yes to go on: ")
    assert (await ttr("attempts", "confirm", link["attempt"], "--expect", upn)).status == 0
    assert (await ttr.event(process, "stored"))["authentication"]["kind"] == "own"
    assert (await ttr.finish(process)).status == 0


async def test_an_error_s_number_needs_its_attempt_and_is_explained(
    ttr: Program, granted: Company
) -> None:
    """The number of Microsoft's page ends the first shell's waiting, too."""
    process, link, _ = await begun(ttr, granted)
    file = written(ttr.folder, "AADSTS50011")
    done = await ttr("finish", link["link"], "--file", file, "--json")
    assert done.status == 1
    assert done.record["error"]["code"] == "AADSTS50011"
    first = await ttr.finish(process)
    assert first.status == 1
    assert "AADSTS50011" in first.err


async def test_a_pasted_grant_is_proven(ttr: Program) -> None:
    """Admin permission, whose answer nobody's word is asked for."""
    async with open_office(ttr.sandbox, ttr.folder, port=ttr.port) as office:
        company = await office.add_company()
        attempt = await office.runtime.begin(company, Purpose.ADMIN_CONSENT)
        address = await office.runtime.microsoft_address(attempt)
    page = await Administrator(ttr.sandbox.ca_file).follow(address, stop_at_redirect=True)
    done = await ttr("finish", "--file", written(ttr.folder, page.url), "--json")
    assert done.status == 0, done.err
    assert done.record["company"]["consent_proven_at"]
    assert done.record["authentication"] is None


async def test_a_second_shell_watches(ttr: Program, granted: Company) -> None:
    """To the end, wrong ones and all; by the link as well as by the id."""
    right, wrong = ttr.members(2)
    upn = right.user_principal_name
    process = await ttr.start("agents", "authenticate", granted.name, "--user", upn, "--json")
    link = await ttr.event(process, "link")
    watching = await ttr.start("attempts", "watch", link["link"], "--json")
    assert (await ttr.event(watching, "attempt"))["attempt"]["id"] == link["attempt"]
    browser = Administrator(ttr.sandbox.ca_file)
    await browser.follow(link["link"], account=wrong.user_principal_name)
    await ttr.event(watching, "wrong_person")
    await browser.follow(link["link"], account=upn)
    assert (await ttr.event(watching, "stored"))["authentication"]["object_id"] == right.id
    assert (await ttr.finish(watching)).status == 0
    assert (await ttr.finish(process)).status == 0
    later = await ttr("attempts", "watch", link["link"])
    assert later.status == 0, later.err


async def test_what_is_no_attempt_is_refused(ttr: Program) -> None:
    """The sentence says where the open ones are listed."""
    for words in (("watch",), ("confirm",), ("withdraw",), ("address",)):
        done = await ttr("attempts", *words, "nothing", "--json")
        assert done.status == 1
        assert "attempts list" in done.record["error"]["cure"]
