"""Writing root authentications: Company Masters and agents' own sign-ins, each with its key.

Signing in again replaces: the row and its key stay, so that what hangs below stays readable; the
generation moves on, so that what an older sign-in brings back later is not stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ttr_tui.errors import Gone, RowUnreadable
from ttr_tui.model import Authentication, AuthenticationKind, Person, Secret, Status
from ttr_tui.store.authentication_rows import write_person
from ttr_tui.store.database import Transaction
from ttr_tui.store.ids import new_id
from ttr_tui.store.times import to_micros
from ttr_tui.store.tokens import RootKey, Tokens

REFRESH_TOKEN_LIFE = timedelta(days=90)
"""How long a refresh token lives unused (facts section 3: 90 days, renewed by every use)."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in to be stored: whose, by whom, with what."""

    company_id: str
    person: Person
    refresh_token: Secret
    scopes: tuple[str, ...]
    granted_by: str
    at: datetime
    agent_id: str | None = None


async def put_sign_in(tx: Transaction, tokens: Tokens, sign_in: SignIn) -> str:
    """Store a sign-in as the company's Company Master, or as its agent's own; return the row's id.

    Raises Gone when the company or the agent was removed meanwhile.
    """
    agent = await _require_owner(tx, sign_in)
    if sign_in.agent_id is None:
        row = await tx.row(
            "SELECT number, id, kind, generation FROM authentications"
            " WHERE company_id = ? AND kind = 'company_master'",
            (sign_in.company_id,),
        )
    else:
        row = await tx.row(
            "SELECT number, id, kind, generation FROM authentications WHERE agent = ?", (agent,)
        )
    if row is None:
        return await _insert(tx, tokens, sign_in, agent)
    if row["kind"] == AuthenticationKind.CHILD:
        await _leave_parent(tx, row["number"])
    await _update(tx, sign_in, row["number"])
    root = await _key_of(tx, tokens, row["id"], row["number"])
    await _put_token(tx, tokens, root, row["id"], (row["generation"] + 1, sign_in.refresh_token))
    return str(row["id"])


async def rotate(
    tx: Transaction,
    tokens: Tokens,
    authentication: Authentication,
    refresh_token: Secret,
    at: datetime,
) -> bool:
    """Store the refresh token that a use brought back, and that the authentication works.

    Returns False, storing nothing, when the row was deleted or its generation has moved. Raises
    RowUnreadable when its key does not open.
    """
    moment = to_micros(at)
    changed = await tx.execute(
        "UPDATE authentications SET generation = generation + 1, last_used = ?, expires_at = ?,"
        " status_since = CASE status WHEN 'healthy' THEN status_since ELSE ? END,"
        " status = 'healthy', status_reason = '', refusal = NULL, refusal_class = '',"
        " refusals = 0, next_try_at = NULL WHERE id = ? AND generation = ? AND parent IS NULL",
        (
            moment,
            to_micros(at + REFRESH_TOKEN_LIFE),
            moment,
            authentication.id,
            authentication.generation,
        ),
    )
    if not changed:
        return False
    root = await tokens.root_key(tx, authentication.id)
    generation = authentication.generation + 1
    await _put_token(tx, tokens, root, authentication.id, (generation, refresh_token))
    return True


async def _require_owner(tx: Transaction, sign_in: SignIn) -> int | None:
    """Return the number of the agent that signed in, None for a Company Master."""
    if sign_in.agent_id is None:
        row = await tx.row("SELECT NULL FROM companies WHERE id = ?", (sign_in.company_id,))
    else:
        row = await tx.row(
            "SELECT number FROM agents WHERE id = ? AND company_id = ?",
            (sign_in.agent_id, sign_in.company_id),
        )
    if row is None:
        raise Gone(
            "Whose sign-in this is was removed meanwhile.", means="The sign-in was not stored."
        )
    return None if row[0] is None else int(row[0])


async def _insert(tx: Transaction, tokens: Tokens, sign_in: SignIn, agent: int | None) -> str:
    moment = to_micros(sign_in.at)
    kind = AuthenticationKind.COMPANY_MASTER if agent is None else AuthenticationKind.OWN
    authentication_id = new_id()
    row = await tx.row(
        "INSERT INTO authentications (id, company_id, kind, agent, status, status_since, since,"
        " expires_at, scopes, granted_by, person) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " RETURNING number",
        (
            authentication_id,
            sign_in.company_id,
            kind,
            agent,
            Status.UNPROVEN,
            moment,
            moment,
            to_micros(sign_in.at + REFRESH_TOKEN_LIFE),
            " ".join(sign_in.scopes),
            sign_in.granted_by,
            write_person(sign_in.person),
        ),
    )
    if row is None:
        raise RuntimeError("INSERT … RETURNING returned nothing")
    root = await tokens.make_root_key(tx, row["number"])
    await _put_token(tx, tokens, root, authentication_id, (1, sign_in.refresh_token))
    return authentication_id


async def _update(tx: Transaction, sign_in: SignIn, number: int) -> None:
    moment = to_micros(sign_in.at)
    await tx.execute(
        "UPDATE authentications SET generation = generation + 1, status = ?, status_reason = '',"
        " status_since = ?, signed_in_again_at = ?, expires_at = ?, scopes = ?, granted_by = ?,"
        " person = ?, user_gone = '', former_status = NULL, refusal = NULL, refusal_class = '',"
        " refusals = 0, next_try_at = NULL WHERE number = ?",
        (
            Status.UNPROVEN,
            moment,
            moment,
            to_micros(sign_in.at + REFRESH_TOKEN_LIFE),
            " ".join(sign_in.scopes),
            sign_in.granted_by,
            write_person(sign_in.person),
            number,
        ),
    )


async def _leave_parent(tx: Transaction, number: int) -> None:
    """Make a child an own sign-in: its grant under the parent's key goes."""
    await tx.execute(
        "DELETE FROM tokens WHERE authentication = ? AND root ="
        " (SELECT parent FROM authentications WHERE number = ?)",
        (number, number),
    )
    await tx.execute(
        "UPDATE authentications SET kind = 'own', parent = NULL WHERE number = ?", (number,)
    )


async def _key_of(tx: Transaction, tokens: Tokens, authentication_id: str, number: int) -> RootKey:
    """Return the row's key; a new one when it has none that opens (then nothing below it does)."""
    try:
        return await tokens.root_key(tx, authentication_id)
    except RowUnreadable:
        return await tokens.make_root_key(tx, number)


async def _put_token(
    tx: Transaction,
    tokens: Tokens,
    root: RootKey,
    authentication_id: str,
    token: tuple[int, Secret],
) -> None:
    generation, refresh_token = token
    plain = refresh_token.reveal().encode()
    await tokens.put(tx, root, authentication_id, generation, plain)
