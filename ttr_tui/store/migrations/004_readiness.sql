-- What readiness saw last, one row for each check of a company (JSON, plain values, no secret).
CREATE TABLE findings (
    company_id TEXT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    step TEXT NOT NULL,
    verdict TEXT NOT NULL,
    seen TEXT NOT NULL,
    finding TEXT NOT NULL,
    checked_at INTEGER NOT NULL,
    PRIMARY KEY (company_id, step)
) STRICT, WITHOUT ROWID;

-- The last refusal of a refresh, whole (JSON), its class, how often in a row, and when it is tried
-- again (NULL: not by itself). All empty while Microsoft accepts it.
ALTER TABLE authentications ADD COLUMN refusal TEXT;
ALTER TABLE authentications ADD COLUMN refusal_class TEXT NOT NULL DEFAULT '';
ALTER TABLE authentications ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE authentications ADD COLUMN next_try_at INTEGER;

-- What the directory says of the user behind it ('disabled', 'deleted', else empty), and the status
-- that comes back when the user does (NULL where the status was left alone).
ALTER TABLE authentications ADD COLUMN user_gone TEXT NOT NULL DEFAULT '';
ALTER TABLE authentications ADD COLUMN former_status TEXT;

-- Changes of state that a hook command is still to be told of. Triggers write them, so that none is
-- forgotten and each stands or falls with its change; `teller` is the process that is telling.
CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    company_id TEXT NOT NULL,
    company_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    reason TEXT NOT NULL,
    teller TEXT,
    tries INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TRIGGER authentication_changed AFTER UPDATE OF status ON authentications
WHEN old.status IS NOT new.status
BEGIN
    INSERT INTO changes (at, company_id, company_name, kind, subject, before, after, reason)
    VALUES (
        CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER), new.company_id,
        coalesce((SELECT name FROM companies WHERE id = new.company_id), ''),
        'authentication', new.id, old.status, new.status, new.status_reason
    );
END;

CREATE TRIGGER company_stopped AFTER INSERT ON alarms
BEGIN
    INSERT INTO changes (at, company_id, company_name, kind, subject, before, after, reason)
    VALUES (
        new.since, new.company_id,
        coalesce((SELECT name FROM companies WHERE id = new.company_id), ''),
        'company', new.cause, 'working', 'stopped',
        coalesce(json_extract(new.refusal, '$.happened'), '')
    );
END;

CREATE TRIGGER company_works_again AFTER DELETE ON alarms
WHEN EXISTS (SELECT 1 FROM companies WHERE id = old.company_id)
BEGIN
    INSERT INTO changes (at, company_id, company_name, kind, subject, before, after, reason)
    VALUES (
        CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER), old.company_id,
        (SELECT name FROM companies WHERE id = old.company_id),
        'company', old.cause, 'stopped', 'working', ''
    );
END;

CREATE TRIGGER first_finding AFTER INSERT ON findings
WHEN new.verdict IN ('warning', 'fail')
BEGIN
    INSERT INTO changes (at, company_id, company_name, kind, subject, before, after, reason)
    VALUES (
        new.checked_at, new.company_id,
        coalesce((SELECT name FROM companies WHERE id = new.company_id), ''),
        'readiness', new.step, '', new.verdict, new.seen
    );
END;

CREATE TRIGGER finding_changed AFTER UPDATE OF verdict ON findings
WHEN old.verdict IS NOT new.verdict
BEGIN
    INSERT INTO changes (at, company_id, company_name, kind, subject, before, after, reason)
    VALUES (
        new.checked_at, new.company_id,
        coalesce((SELECT name FROM companies WHERE id = new.company_id), ''),
        'readiness', new.step, old.verdict, new.verdict, new.seen
    );
END;

-- Nobody stands in a run twice, since nobody is selected twice; outcomes are written by position.
DROP INDEX item_of_user;
-- Its users are written down in several transactions; until then it is nobody's run.
ALTER TABLE runs ADD COLUMN settled INTEGER NOT NULL DEFAULT 1;
-- How many have which outcome (JSON), kept with the outcomes: nobody counts through a million.
ALTER TABLE runs ADD COLUMN counts TEXT NOT NULL DEFAULT '{}';
UPDATE runs SET counts = (SELECT json_group_object(outcome, count) FROM
    (SELECT outcome, count(*) AS count FROM run_items WHERE run_id = runs.id GROUP BY outcome));

-- Keys that outlive the store's key, sealed under its sealing key: the look-up key.
CREATE TABLE kept_keys (
    name TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;

-- Name and address as they are searched and sorted, so that a hundred thousand agents stand in order
-- without being read; indexes that tell who stands where without a look at the rows themselves.
ALTER TABLE agents ADD COLUMN folded TEXT NOT NULL DEFAULT '';
UPDATE agents SET folded = folded_text(name || char(10) || address);
DROP INDEX agents_of_company;
CREATE INDEX agents_in_order ON agents (company_id, folded);
DROP INDEX children_of_parent;
CREATE INDEX children_of_parent ON authentications (parent, agent) WHERE parent IS NOT NULL;
DROP INDEX roots_of_company;
CREATE INDEX roots_of_company ON authentications (company_id, kind, agent) WHERE parent IS NULL;
