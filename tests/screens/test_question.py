from __future__ import annotations

from dataclasses import replace

from tests.office import Office, open_office
from tests.screens.seat import seated
from ttr_tui.flows import sign_in
from ttr_tui.model import Secret
from ttr_tui.screens.question import Answer, Asked, MustType, Question
from ttr_tui.widgets.buttons import Choice

ASKED = Asked(
    "Delete the Company Master of Contoso Ltd and its 1,204 children?",
    (
        ("What goes", "1,205 authentications and the copy of the directory. There is no undo."),
        ("What stays", "1,204 agents, listed as not authenticated."),
        (),
        ("What this cannot end", "The consent of contoso.com: the app may still read headers."),
    ),
    (Choice("cancel", "Cancel"), Choice("delete", "Delete 1,205 authentications")),
    must_type=MustType("Contoso Ltd", "delete"),
)


async def test_a_question_stands_as_it_is_drawn(office: Office) -> None:
    """Labels in column 2, values in column 18, the button closed until the name is typed."""
    answers: list[Answer | None] = []
    async with seated(office) as seat:
        question = Question(ASKED, status_left="0 selected; this is the row under the cursor")
        await seat.app.push_screen(question, answers.append)
        await seat.until(">[ Cancel ]   ( Delete 1,205 authentications )")
        rows = seat.rows
        assert rows[3] == " Delete the Company Master of Contoso Ltd and its 1,204 children?"
        assert rows[5:12] == [
            " What goes       1,205 authentications and the copy of the directory. There is",
            "                 no undo.",
            " What stays      1,204 agents, listed as not authenticated.",
            "",
            " What this       The consent of contoso.com: the app may still read headers.",
            " cannot end",
            "",
        ]
        assert rows[12] == " Company's name"
        assert rows[13] == "                 tab goes there; typing Contoso Ltd frees the button"
        await seat.type("\t  contoso LTD \r")
        await seat.until(">[ Delete 1,205 authentications ]")
        await seat.press("enter")
        await seat.when(lambda: bool(answers))
        assert answers == [Answer("delete", "contoso LTD")]


async def test_the_wrong_name_frees_nothing_and_enter_cancels(office: Office) -> None:
    """The focus is on Cancel from the start; `tab` passes the closed button over."""
    answers: list[Answer | None] = []
    async with seated(office) as seat:
        await seat.app.push_screen(Question(ASKED), answers.append)
        await seat.until(">[ Cancel ]")
        await seat.type("\tcontoso\t")
        await seat.until(">[ Cancel ]   ( Delete")
        await seat.press("enter")
        await seat.when(lambda: bool(answers))
        assert answers == [None]


async def test_other_counts_put_the_focus_back_on_cancel(office: Office) -> None:
    """What another program changed is asked anew."""
    async with seated(office) as seat:
        question = Question(replace(ASKED, must_type=None))
        await seat.app.push_screen(question)
        await seat.until(">[ Cancel ]")
        await seat.press("tab")
        await seat.until(">[ Delete 1,205 authentications ]")
        choices = (ASKED.choices[0], Choice("delete", "Delete 1,204 authentications"))
        question.change(replace(ASKED, choices=choices, must_type=None))
        await seat.until(">[ Cancel ]   [ Delete 1,204 authentications ]")


async def test_a_question_longer_than_the_screen_is_scrolled(office: Office) -> None:
    """Its buttons stay in view."""
    many = tuple((f"Label {n}", "some words") for n in range(40))
    async with seated(office) as seat:
        await seat.app.push_screen(Question(replace(ASKED, paragraphs=many, must_type=None)))
        await seat.until("Label 0", ">[ Cancel ]", "up down scroll")
        await seat.press("tab", "shift+tab")
        seat.screen.call_later(seat.screen.run_action, "scroll(30)")
        await seat.until("Label 39", ">[ Cancel ]")


async def test_a_sign_in_decided_elsewhere_takes_its_question_along(office: Office) -> None:
    """Another program of ours confirmed it: nothing is asked any more."""
    company = await office.add_company(name="Contoso Ltd")
    await office.grant(company)
    folder, port = office.runtime.settings.data_dir.parent, office.runtime.settings.listen[1]
    async with seated(office) as seat:
        await seat.until(">  Contoso Ltd")
        attempt = await office.come_back(company)
        await seat.press("1")
        await seat.until("Is this the administrator of Contoso Ltd?")
        async with open_office(office.sandbox, folder, port=port) as other:
            await sign_in.confirm(other.runtime.access, attempt)
            await seat.until("Contoso Ltd is connected.")


async def test_a_question_about_somebody_who_waits_no_more_goes(office: Office) -> None:
    """Refused elsewhere, and somebody else came through the same link: that is another question."""
    company = await office.add_company(name="Contoso Ltd")
    await office.grant(company)
    store = office.runtime.store
    async with seated(office) as seat:
        await seat.until(">  Contoso Ltd")
        attempt = await office.come_back(company)
        assert attempt.person is not None
        await seat.press("1")
        await seat.until("Is this the administrator of Contoso Ltd?")
        other = replace(attempt.person, object_id="other", name="Somebody Else")
        async with store.transaction() as tx:
            await store.attempts.waiting.forget(tx, attempt.id)
            await store.attempts.waiting.keep(tx, attempt.id, other, Secret("{}"), (True, ""))
        await seat.until("Waits for you: enter asks")
        await seat.press("enter")
        await seat.until("Is this the administrator of Contoso Ltd?", "Somebody Else")
