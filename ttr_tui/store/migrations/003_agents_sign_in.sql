-- Whose sign-in an attempt is for. `agent` is NULL for a Company Master and for somebody who is no
-- agent yet; `expected` is who must come (JSON), with an empty object id while nobody is pinned.
ALTER TABLE attempts ADD COLUMN agent INTEGER REFERENCES agents (number) ON DELETE CASCADE;
ALTER TABLE attempts ADD COLUMN expected TEXT;
CREATE INDEX attempts_of_agent ON attempts (agent, created_at) WHERE agent IS NOT NULL;

-- The last refusal, whole (JSON): what happened, who can act, Microsoft's identifiers.
ALTER TABLE attempts ADD COLUMN refusal TEXT;

-- What concerns a whole company (a secret, a consent, a policy): one row, however many it stops.
CREATE TABLE alarms (
    company_id TEXT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    cause TEXT NOT NULL,
    refusal TEXT NOT NULL,
    since INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, cause)
) STRICT, WITHOUT ROWID;
