"""What the page behind a start link says of the administrator's role and licence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ttr_tui.arrivals.pages import ROLES, start_page
from ttr_tui.model import Attempt, Company, Expected, Purpose, Station

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONTOSO = Company("c1", "Contoso Ltd", "contoso.com", "t", "https://login", "https://graph", NOON)
GRANT = Attempt(
    id="1",
    company_id="c1",
    purpose=Purpose.ADMIN_CONSENT,
    link="https://portal.contoso.com/msgraph-grant-admin-permission/7K2MQX4P9D",
    station=Station.WAITING,
    station_at=NOON,
    created_at=NOON,
    expires_at=NOON + timedelta(days=1),
    asked_by="anna",
)


def test_an_administrator_is_told_which_role_until_when_and_the_licence() -> None:
    """Before anybody goes on to Microsoft; a mailbox's owner is told nothing of roles."""
    grant = start_page(GRANT, CONTOSO)
    assert grant.for_whom == ROLES
    assert "needed only to grant: it may be removed once the permission is proven" in grant.why
    assert "needs a Microsoft 365 licence" in grant.why
    master = start_page(replace(GRANT, purpose=Purpose.COMPANY_MASTER), CONTOSO)
    assert master.for_whom.endswith(f"as {ROLES}")
    assert "needs a Microsoft 365 licence" in master.why
    assert "removing that role is recommended" in master.why
    again = replace(GRANT, purpose=Purpose.REAUTHENTICATION)
    assert "licence" in start_page(again, CONTOSO).why
    owner = replace(again, agent_id="a", expected=Expected("o", "Abebe", "a@contoso.com"))
    assert "role" not in start_page(owner, CONTOSO).why
