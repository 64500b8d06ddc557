"""Deleting from the tree: the question, what another program changes in it, the result."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.office import Office
from tests.screens.seat import Seat, seated
from tests.screens.shelf import CHILDREN, add_children, child, stocked, tree
from ttr_tui.model import Company
from ttr_tui.store.connect import connect_reader
from ttr_tui.store.key_file import load_store_key

CANCEL_HERE = ">[ Cancel ]"


async def to_the_tree(seat: Seat) -> None:
    await seat.until(">  Contoso Ltd")
    await seat.press("3")
    await seat.until("▾ Company Master", "own sign-ins")


@contextmanager
def somebody_reads(office: Office) -> Iterator[None]:
    """Another program of ours looks at the store as it is now, and goes on looking at that."""
    settings = office.runtime.settings
    key = load_store_key(settings.key_file, True, settings.data_dir)
    raw = connect_reader(settings.data_dir / "store.db", key.database_key())
    raw.execute("BEGIN")
    raw.execute("SELECT count(*) FROM authentications").fetchall()
    yield
    raw.close()


async def test_the_question_says_what_goes_and_what_stays(office: Office) -> None:
    """Cancel has the focus; the verb with its count is on the button; esc changes nothing."""
    company = await stocked(office)
    async with seated(office) as seat:
        await to_the_tree(seat)
        await seat.press("down", "space", "down", "space", "down", "down", "space", "d")
        await seat.until("Delete 3 authentications of Contoso Ltd?", CANCEL_HERE)
        assert seat.rows[5:16] == [
            " What goes       Abebe Bekele        a.bekele@contoso.com        child",
            "                 Bea Lindqvist       b.lindqvist@contoso.com     child",
            "                 Benedikt Brandner   b.brandner@contoso.com      own sign-in",
            "                 There is no undo. Links that are out for them go, too.",
            "",
            " What stays      3 agents, listed as not authenticated. The Company Master and",
            "                 its other 2 children. 1 other own sign-in works on.",
            "",
            " What this       The consent of contoso.com: with the client secret the app may",
            " cannot end      still read the headers of every mailbox. Benedikt Brandner's",
            "                 refresh token, 90 days at most; access tokens, 90 minutes;",
        ]
        assert "[ Delete 3 authentications ]" in seat.text
        await seat.press("escape")
        await seat.until("3 selected, 0 not in view")
    assert len((await tree(office, company)).children) == len(CHILDREN)


async def test_a_few_are_deleted(office: Office) -> None:
    """Unusable, erased, what is left and where it is ended; back in the tree they are gone."""
    company = await stocked(office)
    async with seated(office) as seat:
        await to_the_tree(seat)
        await seat.press("down", "space", "d")
        await seat.until("Delete 1 authentication of Contoso Ltd?")
        await seat.press("tab", "enter")
        await seat.until(
            "Deleted 1 authentication of Contoso Ltd",
            "Unusable        ✓ since ",
            "the grant is gone",
            "Erased here     ✓ since ",
            "! access tokens, until ",
            "a Privileged Role Administrator of contoso.com",
            "Deletion 1 in the journal",
            "by anna from 203.0.113.7",
        )
        await seat.press("c")
        await seat.until("Sent to the terminal. Not in your clipboard? u prints it.")
        assert f"Tenant     {company.tenant_id}" in seat.app.clipboard
        await seat.press("escape")
        await seat.until("0 selected", "2 without", gone="meanwhile")
    assert len((await tree(office, company)).children) == len(CHILDREN) - 1


async def test_a_company_master_goes_only_when_the_name_is_typed(office: Office) -> None:
    """Until then the button is closed and passed over; case and outer spaces do not count."""
    company = await stocked(office)
    async with seated(office) as seat:
        await to_the_tree(seat)
        await seat.press("d")
        await seat.until(
            "Delete the Company Master of Contoso Ltd and its 4 children?",
            "5 authentications, the copy of the directory",
            "typing Contoso Ltd frees the button",
            f"{CANCEL_HERE}   ( Delete 5 authentications )",
        )
        await seat.press("tab")
        await seat.type(" contoso lt\r")
        assert "( Delete 5 authentications )" in seat.text
        await seat.type("D ")
        await seat.until("[ Delete 5 authentications ]")
        await seat.type("\r\r")
        await seat.until("Deleted 5 authentications", "Anna Weber's refresh token, until ")
    left = await tree(office, company)
    assert (left.master, len(left.own), len(left.without)) == (None, 2, 5)


async def test_what_arrives_while_the_question_is_open_changes_it(office: Office) -> None:
    """Other counts, and the focus is back on Cancel."""
    company = await stocked(office)
    async with seated(office) as seat:
        await to_the_tree(seat)
        await seat.press("d")
        await seat.until(CANCEL_HERE)
        await seat.press("tab")
        await seat.type("contoso ltd\r")
        await seat.until(">[ Delete 5 authentications ]")
        await add_children(office, company, ["Chidi Okafor"])
        await seat.until(CANCEL_HERE, "and its 5 children?", "[ Delete 6 authentications ]")


async def test_a_question_about_nothing_goes(office: Office) -> None:
    """Deleted by another program meanwhile: said, and nothing is asked any more."""
    company = await stocked(office)
    async with seated(office) as seat:
        await to_the_tree(seat)
        await seat.press("down", "d")
        await seat.until("Delete 1 authentication of Contoso Ltd?")
        gone = await child(office, company, "Abebe Bekele")
        store = office.runtime.store
        async with store.transaction() as tx:
            await store.authentications.delete(tx, [gone.id])
        await seat.until("no longer there: it was deleted meanwhile", "3 children")


async def test_erased_is_said_only_when_it_is_proven(office: Office) -> None:
    """While another program reads, the result says what it waits for; then it changes itself."""
    await stocked(office)
    async with seated(office) as seat:
        await to_the_tree(seat)
        with somebody_reads(office):
            await seat.press("down", "d")
            await seat.until(CANCEL_HERE)
            await seat.press("tab", "enter")
            await seat.until("» waits for another program of ours to stop reading, ")
            assert "Unusable        ✓ since " in seat.text
        await seat.until("Erased here     ✓ since ")


async def test_a_page_goes_with_what_it_shows(office: Office) -> None:
    """d on the page deletes that one alone; after the result stands the tree."""
    company = await stocked(office)
    async with seated(office) as seat:
        await to_the_tree(seat)
        await seat.press("down", "enter")
        await seat.until("Abebe Bekele, agent of Contoso Ltd", "d delete 1")
        await seat.press("d")
        await seat.until("0 selected; this is the row under the cursor")
        await seat.press("tab", "enter")
        await seat.until("Deleted 1 authentication")
        await seat.press("escape")
        await seat.until("View Microsoft Authentications", "3 children", gone="agent of")
    assert await gone(office, company, "Abebe Bekele")


async def test_the_message_is_saved_for_its_person_alone(office: Office, tmp_path: Path) -> None:
    """0600, and never over a file that is there."""
    await stocked(office)
    path = tmp_path / "message.txt"
    async with seated(office) as seat:
        await to_the_tree(seat)
        await seat.press("down", "d")
        await seat.until(CANCEL_HERE)
        await seat.press("tab", "enter")
        await seat.until("Deleted 1 authentication")
        for words in ("✓ written to ", "was not written: File exists"):
            await seat.press("e")
            await seat.until("Write the message to a file?")
            await seat.press("end", "ctrl+u")
            await seat.type(f"{path}\r")
            await seat.until(words)
            await seat.press("escape" if "not" in words else "shift")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text(encoding="utf-8").startswith("Subject: Access of TTR to contoso.com")


async def gone(office: Office, company: Company, name: str) -> bool:
    return name not in [one.name for one in (await tree(office, company)).children]
