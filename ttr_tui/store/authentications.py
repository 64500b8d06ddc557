"""Authentications: read as a tree, replaced, added, used, marked, deleted.

Every write that may come late (a refresh, a run, a callback) names what it saw - a generation, a
key - and is refused inside its transaction when that is no longer so: deleting wins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from ttr_tui.model import (
    Agent,
    Authentication,
    AuthenticationKind,
    Company,
    Grant,
    Person,
    Proof,
    Secret,
    Status,
    now,
)
from ttr_tui.store import children, deletion, sign_ins
from ttr_tui.store.authentication_rows import SELECT_AUTHENTICATION, read_authentication
from ttr_tui.store.database import Database, Transaction
from ttr_tui.store.keys import unreadable
from ttr_tui.store.leases import Leases
from ttr_tui.store.sign_ins import SignIn
from ttr_tui.store.storable import storable
from ttr_tui.store.times import to_micros
from ttr_tui.store.tokens import Tokens, read_grant
from ttr_tui.store.tree import AuthenticationTree, read_tree

# By the tenant: an index has who is an agent of it, and a large company is not looked through.
WITH_OBJECT_IDS = """
    SELECT g.object_id FROM agents AS g JOIN authentications AS a ON a.agent = g.number
    WHERE g.tenant_id = (SELECT tenant_id FROM companies WHERE id = ?) AND +g.company_id = ?
        AND g.object_id IN (SELECT value FROM json_each(?))
"""
OF_AGENTS = SELECT_AUTHENTICATION + (  # noqa: S608 - our own words
    " WHERE a.agent IN (SELECT number FROM agents WHERE id IN (SELECT value FROM json_each(?)))"
)


class Authentications:
    """Authentications of every company.

    `clock` gives the time of sign-ins and leases; `live` tells whether a lease's owner is there.
    """

    def __init__(
        self,
        db: Database,
        tokens: Tokens,
        clock: Callable[[], datetime] = now,
        live: Callable[[str], bool] = lambda _owner: True,
    ) -> None:
        self._db = db
        self._clock = clock
        self._tokens = tokens
        self._leases = Leases(db, clock, live)

    async def tree(self, company_id: str) -> AuthenticationTree:
        """Return everything a company has, each group by name; needs no network.

        Roots are opened to see whether they can be, children are not (see `unreadable`).
        """
        return await read_tree(self._db, self._tokens, company_id)

    async def unreadable(self, company_id: str) -> set[str]:
        """Return the ids of a company's authentications whose sealed material does not open."""
        rows = await self._db.rows(
            "SELECT id FROM authentications WHERE company_id = ? AND parent IS NULL", (company_id,)
        )
        closed: set[str] = set()
        for row in rows:
            closed |= await self._tokens.unreadable_below(self._db, row["id"])
        return closed

    async def get(self, authentication_id: str) -> Authentication | None:
        """Return one authentication, or None when there is none of that id."""
        found = await self.of_ids([authentication_id])
        return found[0] if found else None

    async def of_ids(self, ids: Collection[str]) -> list[Authentication]:
        """Return those of `ids` that are there, in their order; meant for some hundreds."""
        rows = await self._db.rows(
            SELECT_AUTHENTICATION + " JOIN json_each(?) AS wanted ON wanted.value = a.id",
            (json.dumps(list(ids)),),
        )
        found = {row["id"]: read_authentication(row) for row in rows}
        return [found[one] for one in ids if one in found]

    async def company_master(self, company_id: str) -> Authentication | None:
        """Return a company's Company Master, or None."""
        row = await self._db.row(
            SELECT_AUTHENTICATION + " WHERE a.company_id = ? AND a.kind = 'company_master'",
            (company_id,),
        )
        return None if row is None else read_authentication(row)

    async def of_agent(self, agent_id: str) -> Authentication | None:
        """Return an agent's authentication, or None."""
        row = await self._db.row(SELECT_AUTHENTICATION + " WHERE g.id = ?", (agent_id,))
        return None if row is None else read_authentication(row)

    async def of_agents(self, agent_ids: Collection[str]) -> dict[str, Authentication]:
        """Return the authentications of these agents, by the agents' ids."""
        rows = await self._db.rows(
            OF_AGENTS,
            (json.dumps(list(agent_ids)),),
        )
        return {row["agent_id"]: read_authentication(row) for row in rows}

    async def likely(
        self, company_id: str, kind: AuthenticationKind, most: int
    ) -> list[Authentication]:
        """Return up to `most` authentications of one kind, healthy ones first, oldest first."""
        rows = await self._db.rows(
            SELECT_AUTHENTICATION + " WHERE a.company_id = ? AND a.kind = ?"
            " ORDER BY a.status != 'healthy', a.number LIMIT ?",
            (company_id, kind, most),
        )
        return [read_authentication(row) for row in rows]

    async def with_object_ids(self, company_id: str, object_ids: Collection[str]) -> set[str]:
        """Return which of these users have an authentication in this company."""
        rows = await self._db.rows(
            WITH_OBJECT_IDS,
            (company_id, company_id, json.dumps(list(object_ids))),
        )
        return {str(row[0]) for row in rows}

    async def put_company_master(
        self,
        tx: Transaction,
        company: Company,
        person: Person,
        refresh_token: Secret,
        *,
        scopes: Sequence[str],
        granted_by: str,
    ) -> Authentication:
        """Store the administrator's sign-in, or replace it: same row, same key, children stay.

        Raises Gone when the company was removed meanwhile.
        """
        at = self._clock()
        sign_in = SignIn(company.id, person, refresh_token, tuple(scopes), granted_by, at)
        return await self._put(tx, sign_in)

    async def put_own(
        self,
        tx: Transaction,
        agent: Agent,
        person: Person,
        refresh_token: Secret,
        *,
        scopes: Sequence[str],
        granted_by: str,
    ) -> Authentication:
        """Store an agent's own sign-in, or replace it; a child of a Company Master becomes one.

        Raises Gone when the agent was removed meanwhile.
        """
        return await self._put(
            tx,
            SignIn(
                agent.company_id,
                person,
                refresh_token,
                tuple(scopes),
                granted_by,
                self._clock(),
                agent.id,
            ),
        )

    async def _put(self, tx: Transaction, sign_in: SignIn) -> Authentication:
        authentication_id = await sign_ins.put_sign_in(tx, self._tokens, sign_in)
        row = await tx.row(SELECT_AUTHENTICATION + " WHERE a.id = ?", (authentication_id,))
        if row is None:
            raise RuntimeError("a sign-in that was just stored is not there")
        return read_authentication(row)

    async def add_children(
        self,
        tx: Transaction,
        master: Authentication,
        object_ids: Collection[str],
        proof: Proof,
    ) -> dict[str, str]:
        """Give each of the agents of these users a child of `master` that holds a grant.

        Returns who was left out, by object id: agents of another company, or authenticated ones of
        this, with their company's id. Raises Gone when the Company Master, its key or an agent was
        deleted meanwhile; RowUnreadable.
        """
        return await children.add_children(tx, self._tokens, master, object_ids, proof)

    async def refresh_token(self, authentication: Authentication) -> Secret:
        """Open the refresh token of a Company Master or own sign-in; raise RowUnreadable."""
        plain = await self._tokens.open(self._db, authentication.id, authentication.id)
        return Secret(plain.decode())

    async def grant(self, authentication: Authentication) -> Grant:
        """Open a child's grant under its parent's key.

        Raises RowUnreadable, also when it was given for another mailbox.
        """
        plain = await self._tokens.open(self._db, authentication.parent_id or "", authentication.id)
        grant = read_grant(plain)
        named = (grant.company_id, grant.object_id)
        if named != (authentication.company_id, authentication.object_id):
            raise unreadable(("tokens", authentication.id, "sealed"))
        return grant

    async def rotate(
        self, tx: Transaction, authentication: Authentication, refresh_token: Secret, at: datetime
    ) -> bool:
        """Store the refresh token that a use brought back, and that the authentication works.

        Returns False, storing nothing, when the row was deleted or replaced meanwhile.
        """
        return await sign_ins.rotate(tx, self._tokens, authentication, refresh_token, at)

    async def mark(
        self, tx: Transaction, authentication_id: str, status: Status, reason: str, at: datetime
    ) -> bool:
        """Keep what became of an authentication; `status_since` moves only with the status.

        Returns False when it is not there (any more).
        """
        changed = await tx.execute(
            "UPDATE authentications SET"
            " status_since = CASE status WHEN ?1 THEN status_since ELSE ?3 END,"
            " status = ?1, status_reason = ?2 WHERE id = ?4",
            (status, storable(reason), to_micros(at), authentication_id),
        )
        return changed == 1

    async def used(self, tx: Transaction, ids: Collection[str], at: datetime) -> None:
        """Keep when these authentications last did their work; an earlier time changes nothing."""
        await tx.execute(
            "UPDATE authentications SET last_used = max(coalesce(last_used, 0), ?)"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (to_micros(at), json.dumps(list(ids))),
        )

    async def take_lease(self, authentication_id: str, owner: str, seconds: float) -> bool:
        """Become the one who refreshes; return False while another owner is. Raises Gone."""
        return await self._leases.take(authentication_id, owner, seconds)

    async def drop_lease(self, authentication_id: str, owner: str) -> None:
        """Let others refresh again."""
        await self._leases.drop(authentication_id, owner)

    async def destroyed_ids(self, ids: Collection[str]) -> list[str]:
        """Return what deleting `ids` would destroy, as `delete` returns it."""
        return await deletion.destroyed_ids(self._db, ids)

    async def delete(self, tx: Transaction, ids: Collection[str]) -> list[str]:
        """Delete with keys and tokens, a Company Master's children with it; agents stay.

        Returns the ids of destroyed keys, and of children deleted by themselves.
        """
        return await deletion.delete(tx, ids)

    async def make_unusable(self, tx: Transaction, ids: Collection[str]) -> None:
        """Destroy the keys of root authentications; `sweep` then takes their rows away."""
        await deletion.make_unusable(tx, ids)

    async def sweep(self, tx: Transaction, root_id: str, most: int) -> list[tuple[str, str]]:
        """Delete up to `most` children of an unusable root, and the root once it has none.

        Returns the children's ids with their addresses. A root that was signed in anew stays.
        """
        swept = await deletion.sweep_children(tx, root_id, most)
        if not swept:
            await deletion.sweep_roots(tx, [root_id])
        return swept

    async def delete_destroyed(self, tx: Transaction, destroyed: Collection[str]) -> int:
        """Delete what `destroyed` names and a restored copy brought back; return the count."""
        return await deletion.delete_destroyed(tx, destroyed)
