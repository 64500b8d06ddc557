"""View Microsoft Authentications: the tree, its keys and what stands where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.office import Office
from tests.screens.seat import Seat, seated
from tests.screens.shelf import add_children, child, stocked, tree
from ttr_tui.model import Company, Purpose, Status, now


@asynccontextmanager
async def at_the_tree(
    office: Office, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Seat, Company]]:
    """Somebody who has opened place 3 of a company."""
    company = await stocked(office)
    async with seated(office, size=size) as seat:
        await seat.until(">  Contoso Ltd")
        await seat.press("3")
        await seat.until("▾ Company Master", "4 children, 2 own sign-ins, 1 without")
        yield seat, company


async def test_the_tree_stands_as_drawn(office: Office) -> None:
    """Groups in order, columns in their cells, states in words and shape."""
    async with at_the_tree(office) as (seat, company):
        blocked = await child(office, company, "Elisabeth Brandt")
        store = office.runtime.store
        async with store.transaction() as tx:
            await store.authentications.mark(tx, blocked.id, Status.BLOCKED, "a policy", now())
        await seat.until("✗ blocked")
        assert seat.rows[3] == (
            " View Microsoft Authentications         Settings > Email Service Authentication"
        )
        assert seat.rows[6:16] == [
            "   Authentication          Address                    State        Used  Ends",
            ">  ▾ Company Master        a.weber@contoso.com        ? unproven  never  in 90 d",
            "       Abebe Bekele        a.bekele@contoso.com       ✓ healthy  <1 min  parent",
            "       Albert Oberhauser   a.oberhauser@contoso.com   ✓ healthy  <1 min  parent",
            "       Bea Lindqvist       b.lindqvist@contoso.com    ✓ healthy  <1 min  parent",
            "       Elisabeth Brandt    e.brandt@contoso.com       ✗ blocked  <1 min  parent",
            "   ▾ Own sign-ins          2",
            "       Benedikt Brandner   b.brandner@contoso.com     ? unproven  never  in 90 d",
            "       Umberto Bellini     u.bellini@contoso.com      ? unproven  never  in 90 d",
            "   ▾ Not authenticated     1",
        ]
        assert "d delete 5" in seat.rows[23]


async def test_a_branch_closes_and_opens(office: Office) -> None:
    """left goes from a row to its head and then closes it; right opens it."""
    async with at_the_tree(office) as (seat, _):
        await seat.press("down", "left", "left")
        await seat.until(">  ▸ Company Master", gone="Abebe")
        await seat.press("right")
        await seat.until(">  ▾ Company Master", "Abebe Bekele")
        await seat.press("down", "down", "down", "down", "down", "enter")
        await seat.until(">  ▸ Own sign-ins", gone="Umberto")


async def test_a_search_keeps_what_is_selected(office: Office) -> None:
    """Every word in name or address; what is selected and not matched is counted."""
    async with at_the_tree(office) as (seat, _):
        await seat.press("down", "space", "slash")
        await seat.type("brand")
        await seat.until("2 of 7 match", "1 selected, 1 not in view", gone="Abebe")
        assert seat.rows[7].startswith("   ▾ Company Master")
        assert "1 of 2 match" in seat.text
        await seat.press("enter", "a")
        await seat.until("3 selected, 1 not in view", "d delete 3")
        await seat.press("o")
        await seat.until("only selected", "Not in view: the search does not match them (1)")
        await seat.press("escape", "escape")
        await seat.until("3 selected, 0 not in view", "Norbert")


async def test_rows_are_found_by_their_state(office: Office) -> None:
    """`state:` is a filter word; a Company Master that does not match shows no row.

    `d` removes an agent that is not authenticated, and asks first: the focus is on Cancel.
    """
    async with at_the_tree(office) as (seat, company):
        await seat.press("slash")
        await seat.type("state:none")
        await seat.until("1 of 7 match", "Norbert Lindenbaum", gone="Company Master")
        await seat.press("enter", "down")
        await seat.until(">      Norbert Lindenbaum", "d remove")
        await seat.press("d")
        await seat.until("Remove the agent Norbert Lindenbaum", ">[ Cancel ]")
        await seat.press("enter", "d")
        await seat.until("Norbert Lindenbaum", ">[ Cancel ]")
        await seat.press("tab", "enter")
        await seat.until("is no agent any more")
        agents = await office.runtime.store.agents.by_object_ids(
            company.tenant_id, ["object Norbert Lindenbaum"]
        )
        assert agents == {}


async def test_a_company_master_is_not_selected(office: Office) -> None:
    """Neither by itself, nor in a range, nor with all; heads and agents without are not either."""
    async with at_the_tree(office) as (seat, _):
        await seat.press("space")
        await seat.until("0 selected")
        await seat.press("g", "v", "G", "v")
        await seat.until("6 selected, 0 not in view")
        await seat.press("i")
        await seat.until("0 selected")


async def test_a_row_that_cannot_be_opened_says_so(office: Office) -> None:
    """Seen as it is read, counted on the Company Master's page, found by its state."""
    company = await stocked(office)
    closed = await child(office, company, "Bea Lindqvist")
    async with office.runtime.store.transaction() as tx:
        await tx.execute(
            "UPDATE tokens SET sealed = randomblob(60) WHERE authentication ="
            " (SELECT number FROM authentications WHERE id = ?)",
            (closed.id,),
        )
    async with seated(office) as seat:
        await seat.until(">  Contoso Ltd")
        await seat.press("3")
        await seat.until("Bea Lindqvist       b.lindqvist@contoso.com    ✗ unreadable")
        assert seat.text.count("✗ unreadable") == 1
        await seat.press("down", "down", "down", "enter")
        await seat.until("✗ unreadable: it cannot be opened", "Delete it and add the agent again")
        await seat.press("escape", "home", "enter")
        await seat.until("permission: 3 ✓ healthy, 1 ✗ unreadable")
        await seat.press("escape", "slash")
        await seat.type("state:unr")
        await seat.until("1 of 7 match", "    Bea Lindqvist", gone="Abebe")


async def test_what_another_program_does_is_seen(office: Office) -> None:
    """The cursor stays on its row, and the selection with what is selected."""
    async with at_the_tree(office) as (seat, company):
        await seat.press("down", "down", "space")
        await seat.until(">      Bea", " *     Albert")
        gone = await child(office, company, "Albert Oberhauser")
        store = office.runtime.store
        async with store.transaction() as tx:
            await store.authentications.delete(tx, [gone.id])
        await add_children(office, company, ["Aaron Ackermann"])
        await seat.until("1 selected authentication was deleted meanwhile.", "Aaron Ackermann")
        assert ">      Bea" in seat.text
        assert "0 selected" in seat.text


async def test_one_authentication_has_a_page(office: Office) -> None:
    """Who, what was asked for, since when, until when; r signs in again."""
    async with at_the_tree(office) as (seat, company):
        await seat.press("enter")
        await seat.until(
            " Company Master of Contoso Ltd                   View Microsoft Authentications",
            " State           ? unproven: it is stored, and no use has proven it yet",
            " Signed in by    Anna Weber   a.weber@contoso.com",
            " Asked for       Mail.ReadBasic, User.Read, offline_access",
            " Last used       never",
            "at the latest, in 90 d, if nobody uses it; Microsoft",
            " Children        4 through the app's permission: 4 ✓ healthy",
            " d delete 5   ",
        )
        await seat.press("r")
        await seat.until("Anna Weber, a.weber@contoso.com", "http")
        (attempt,) = await office.runtime.store.attempts.open_of(company.id)
        assert attempt.purpose is Purpose.REAUTHENTICATION
        assert attempt.for_master


async def test_an_empty_place_says_what_fills_it(office: Office) -> None:
    """Nothing stored: the key that connects."""
    company = await stocked(office, children=(), own=(), without=())
    store = office.runtime.store
    async with store.transaction() as tx:
        stored = await tree(office, company)
        assert stored.master is not None
        await store.authentications.delete(tx, [stored.master.id])
    async with seated(office) as seat:
        await seat.until(">  Contoso Ltd")
        await seat.press("3")
        await seat.until("No authentication is stored. 1 connects Contoso Ltd.")


async def test_beside_a_wide_tree_stands_what_is_selected(office: Office) -> None:
    """From 120 columns: names of the selected, facts of the row at the cursor."""
    async with at_the_tree(office, size=(120, 36)) as (seat, _):
        await seat.press("down", "space")
        await seat.until("Selected (1)", "In view (1)", "At the cursor")
        assert any(row.endswith("  Abebe Bekele") for row in seat.rows)


async def test_the_journal_is_a_list(office: Office) -> None:
    """Newest first, searched as it is typed; the entry at the cursor stands whole below."""
    async with seated(office) as seat:
        store = office.runtime.store
        for subject in ("run 417", "run 418"):
            async with store.transaction() as tx:
                await store.journal.write(
                    tx, "bulk add started", subject=subject, detail="9 chosen"
                )
        await seat.press("ctrl+p")
        await seat.type("journal\r")
        await seat.until("Journal", "bulk add started, run 418", " by anna from 203.0.113.7")
        assert "run 418" in seat.rows[7]
        await seat.press("slash")
        await seat.type("run 417\r")
        await seat.until("1 of 3 match", "bulk add started: run 417 (done)", "9 chosen")
