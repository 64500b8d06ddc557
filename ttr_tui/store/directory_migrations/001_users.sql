-- The local copy of one tenant's directory. `rid` is the row's number, in order of arrival, never
-- used again. What stands in random order (ids, names, words) is written behind the list, in big
-- batches: a row is either in `fresh`, or in `identities`, `places` and `search`.
CREATE TABLE users (
    rid INTEGER PRIMARY KEY,
    object_id TEXT NOT NULL,
    name TEXT NOT NULL,
    user_principal_name TEXT NOT NULL,
    address TEXT NOT NULL,
    department TEXT NOT NULL,
    title TEXT NOT NULL,
    kind INTEGER NOT NULL
) STRICT;

-- Who is which row, and whether anything about them changed: 16 and 8 bytes of BLAKE2b.
CREATE TABLE identities (
    id_hash BLOB NOT NULL PRIMARY KEY,
    rid INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What is searched, folded; the first line is the sort key.
CREATE TABLE texts (
    rid INTEGER PRIMARY KEY,
    folded TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE search USING fts5 (
    folded, content='', contentless_delete=1, detail='full', tokenize='trigram case_sensitive 1'
);

CREATE TABLE places (
    sort_key TEXT NOT NULL,
    object_id TEXT NOT NULL,
    rid INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    PRIMARY KEY (sort_key, object_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE fresh (
    rid INTEGER PRIMARY KEY,
    id_hash BLOB NOT NULL,
    digest BLOB NOT NULL,
    sort_key TEXT NOT NULL,
    object_id TEXT NOT NULL,
    kind INTEGER NOT NULL
) STRICT;
CREATE INDEX fresh_by_id ON fresh (id_hash);

-- One row: the last poll begun and the last one finished. `edition` moves with every change.
CREATE TABLE poll (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    generation INTEGER NOT NULL DEFAULT 0,
    unfinished INTEGER NOT NULL DEFAULT 0,
    expected INTEGER,
    read INTEGER NOT NULL DEFAULT 0,
    next_link TEXT NOT NULL DEFAULT '',
    polled_at INTEGER,
    count INTEGER NOT NULL DEFAULT 0,
    next_rid INTEGER NOT NULL DEFAULT 1,
    edition INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO poll (only) VALUES (1);

-- Rows the unfinished poll has seen; who is not among them when it finishes has left.
CREATE TABLE seen (
    rid INTEGER PRIMARY KEY
) STRICT;

-- The selection, which survives search, poll and restart; who left the tenant may be in it.
CREATE TABLE marks (
    object_id TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
