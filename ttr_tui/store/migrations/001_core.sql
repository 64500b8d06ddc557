-- Times are whole microseconds since 1970 in UTC. Sealed columns are bound to table, row and column.

CREATE TABLE companies (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    domain TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    authority_host TEXT NOT NULL,
    graph_base_url TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    consent_proven_at INTEGER
) STRICT;

-- `number` is the row's place in the file. Rows hang together by numbers, which keeps a hundred
-- thousand children side by side; `id` is the name the other layers and sealed values know.
CREATE TABLE agents (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    company_id TEXT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    tenant_id TEXT NOT NULL,
    object_id TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (tenant_id, object_id)
) STRICT;
CREATE INDEX agents_of_company ON agents (company_id);

-- Children (parent set) have no row in `keys`: their grants are sealed under their parent's key.
-- The company's index holds only roots, so that children do not pay for it.
CREATE TABLE authentications (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    company_id TEXT NOT NULL REFERENCES companies (id),
    kind TEXT NOT NULL CHECK (kind IN ('company_master', 'child', 'own')),
    agent INTEGER UNIQUE REFERENCES agents (number),
    parent INTEGER REFERENCES authentications (number),
    status TEXT NOT NULL,
    status_reason TEXT NOT NULL DEFAULT '',
    status_since INTEGER NOT NULL,
    since INTEGER NOT NULL,
    signed_in_again_at INTEGER,
    last_used INTEGER,
    expires_at INTEGER,
    generation INTEGER NOT NULL DEFAULT 1,
    scopes TEXT NOT NULL DEFAULT '',
    granted_by TEXT NOT NULL DEFAULT '',
    person TEXT,
    CHECK ((kind = 'child') = (parent IS NOT NULL)),
    CHECK ((kind = 'company_master') = (agent IS NULL))
) STRICT;
CREATE INDEX children_of_parent ON authentications (parent) WHERE parent IS NOT NULL;
CREATE INDEX roots_of_company ON authentications (company_id, kind) WHERE parent IS NULL;
CREATE UNIQUE INDEX one_master_of_company ON authentications (company_id)
    WHERE kind = 'company_master';

-- One key for each root authentication, sealed under the store's sealing key.
CREATE TABLE keys (
    id TEXT NOT NULL PRIMARY KEY,
    authentication INTEGER NOT NULL UNIQUE REFERENCES authentications (number),
    sealed BLOB NOT NULL
) STRICT;

-- Refresh tokens of roots and grants of children, all of one key side by side (`root` is the number
-- of the authentication that has the key), so that they are deleted as one range. No foreign key:
-- checking one for each of a hundred thousand rows costs more than the deletion.
CREATE TABLE tokens (
    root INTEGER NOT NULL,
    authentication INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (root, authentication)
) STRICT, WITHOUT ROWID;

-- Who refreshes a root authentication at present. No foreign key, for the same reason.
CREATE TABLE leases (
    authentication_id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT;

-- The key of a company's local directory copy, sealed under its Company Master's key.
CREATE TABLE directory_keys (
    company_id TEXT NOT NULL PRIMARY KEY REFERENCES companies (id) ON DELETE CASCADE,
    key_id TEXT NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT;

-- What a revocation takes is written down before it is taken, and how far it has come.
CREATE TABLE revocations (
    id INTEGER PRIMARY KEY,
    company_id TEXT NOT NULL,
    company_name TEXT NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('planned', 'deleted', 'erased')),
    planned_at INTEGER NOT NULL,
    stage_at INTEGER NOT NULL,
    with_master INTEGER NOT NULL,
    count INTEGER NOT NULL
) STRICT;
CREATE TABLE revocation_items (
    revocation_id INTEGER NOT NULL REFERENCES revocations (id) ON DELETE CASCADE,
    authentication_id TEXT NOT NULL,
    PRIMARY KEY (revocation_id, authentication_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    origin TEXT NOT NULL,
    what TEXT NOT NULL,
    company_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX journal_by_time ON journal (at);

-- Plain facts about this installation that outlive a process (which authority was last in use).
CREATE TABLE notes (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
