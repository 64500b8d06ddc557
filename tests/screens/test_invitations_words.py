"""Invitations, their counts and their files, from plain values."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ttr_tui.errors import Refused
from ttr_tui.flows import export, invitations
from ttr_tui.flows.invitations import InvitationState
from ttr_tui.model import Attempt, AttemptEnd, Company, Expected, Purpose, Station
from ttr_tui.screens import authentications_words, invitations_words
from ttr_tui.widgets.lines import cells, plain

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONTOSO = Company("c1", "Contoso Ltd", "contoso.com", "t", "https://login", "https://graph", NOON)


def invitation(name: str, ended: AttemptEnd | None = None) -> Attempt:
    return Attempt(
        id=f"id {name}",
        company_id="c1",
        purpose=Purpose.INVITATION,
        link="https://portal.contoso.com/invite/7K2MQX4P9D7K2MQX4P9D7K2MQX",
        station=Station.WAITING,
        station_at=NOON,
        created_at=NOON,
        expires_at=NOON + timedelta(days=7),
        asked_by="anna",
        ended=ended,
        expected=Expected(f"o {name}", name, "a.bekele@contoso.com"),
    )


def test_every_state_has_a_shape_and_fits_its_column() -> None:
    """No state is cut."""
    assert set(invitations_words.STATES) == set(InvitationState)
    for one, shape in invitations_words.STATES.items():
        assert cells(f"{shape} {one}") <= invitations_words.COLUMNS[2].width


def test_the_head_counts_what_is_open_and_expired() -> None:
    """What waits for the operator stands beside it; what is over only when nothing else is."""
    states = InvitationState
    some = [states.NOT_OPENED, states.REFUSED, states.EXPIRED, states.DONE, states.WAITS]
    assert authentications_words.invited_counts(some) == "2 open, 1 expired"
    assert plain(authentications_words.invited_waiting(some)) == "1 ! waits for you"
    assert authentications_words.invited_counts([states.DONE, states.WITHDRAWN]) == (
        "1 done, 1 withdrawn"
    )
    assert authentications_words.invited_waiting([states.DONE]) == ""


def test_only_links_that_are_open_are_printed_each_alone_on_its_line() -> None:
    """A withdrawn one leads nowhere."""
    one, gone = invitation("Abebe"), invitation("Bea", AttemptEnd.WITHDRAWN)
    printed = invitations_words.plain_links([one, gone]).splitlines()
    assert printed == ["Abebe, a.bekele@contoso.com, good until 2026-11-30 12:00:00Z", one.link]


async def test_files_are_for_their_writer_alone_and_never_written_over(tmp_path: Path) -> None:
    """No cell starts a formula; no link stands for what is over."""
    bad = replace(invitation("=cmd()"), ended=AttemptEnd.WITHDRAWN)
    table = tmp_path / "some.csv"
    assert await export.invitations_csv(invitations.table([invitation("Abebe"), bad]), table) == 2
    written = table.read_text(encoding="utf-8").splitlines()
    assert written[1].startswith("Abebe,a.bekele@contoso.com,not opened,2026-11-30 12:00:00Z,https")
    assert written[2].startswith("'=cmd(),")
    assert written[2].endswith(",")
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    folder = tmp_path / "mails"
    messages = [invitations.mail(CONTOSO, invitation(name)) for name in ("Abebe", "Bea")]
    assert await export.drafts(messages, folder) == 2
    assert sorted(one.name for one in folder.iterdir()) == [
        "1-a.bekele@contoso.com.eml",
        "2-a.bekele@contoso.com.eml",
    ]
    with pytest.raises(Refused, match="was not written"):
        await export.drafts(messages, folder)
    with pytest.raises(Refused, match="was not written"):
        await export.invitations_csv([], table)
