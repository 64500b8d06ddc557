-- One row for each start link. The code in it is kept twice: hashed to be found, sealed to be shown.
CREATE TABLE attempts (
    id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    code_hash TEXT NOT NULL UNIQUE,
    code_sealed BLOB NOT NULL,
    station TEXT NOT NULL,
    station_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    asked_by TEXT NOT NULL,
    problem TEXT NOT NULL DEFAULT '',
    signed_in TEXT,
    ended TEXT,
    ended_at INTEGER,
    CHECK ((ended IS NULL) = (ended_at IS NULL))
) STRICT;
CREATE INDEX open_attempts_of_company ON attempts (company_id, created_at) WHERE ended IS NULL;

CREATE TABLE attempt_stations (
    attempt_id TEXT NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
    station TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (attempt_id, station)
) STRICT, WITHOUT ROWID;

-- Who came back, with their tokens, and waits for the operator's word; the first one stays till then.
CREATE TABLE kept_sign_ins (
    attempt_id TEXT NOT NULL PRIMARY KEY REFERENCES attempts (id) ON DELETE CASCADE,
    person TEXT NOT NULL,
    sealed BLOB NOT NULL,
    browser_known INTEGER NOT NULL,
    browser_from TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT;

-- One row for each press of a start page's button. `flow_sealed` (nonce, PKCE verifier) is erased
-- when the request is spent or over; the outcome stays, for a reload by the same browser.
CREATE TABLE authorization_requests (
    id TEXT NOT NULL PRIMARY KEY,
    attempt_id TEXT NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
    state_hash TEXT NOT NULL UNIQUE,
    flow_sealed BLOB,
    browser_hash TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    spent_at INTEGER,
    outcome_hash TEXT UNIQUE,
    outcome_browser_hash TEXT,
    outcome TEXT
) STRICT;
CREATE INDEX requests_of_attempt ON authorization_requests (attempt_id, created_at);

-- Bulk-add runs and one item for each chosen user. A run outlives its parent: it is a record.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company_id TEXT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    parent_id TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    started_by TEXT NOT NULL,
    ended_at INTEGER,
    stopped INTEGER NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX runs_of_company ON runs (company_id);

CREATE TABLE run_items (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX item_of_user ON run_items (run_id, object_id);
CREATE INDEX items_by_outcome ON run_items (run_id, outcome);
