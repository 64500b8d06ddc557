-- The local copy of one tenant's directory (`directory_copy.py` says how it works).
DROP TABLE IF EXISTS users;
DROP TABLE IF EXISTS identities;
DROP TABLE IF EXISTS texts;
DROP TABLE IF EXISTS search;
DROP TABLE IF EXISTS places;
DROP TABLE IF EXISTS fresh;
DROP TABLE IF EXISTS poll;
DROP TABLE IF EXISTS seen;
DROP TABLE IF EXISTS marks;

-- Who arrived and has no place in the order yet, a page each: row ids count arrivals from `first`
-- on. `ids` are 64-bit numbers, `facets` a byte each, `users` their columns (marshal). `later` takes
-- those who arrive while an order is being built of the others.
CREATE TABLE arrivals (
    first INTEGER PRIMARY KEY,
    ids BLOB NOT NULL,
    facets BLOB NOT NULL,
    users BLOB NOT NULL
) STRICT;
CREATE TABLE later (
    first INTEGER PRIMARY KEY,
    ids BLOB NOT NULL,
    facets BLOB NOT NULL,
    users BLOB NOT NULL
) STRICT;

-- What is searched of a page, a line each; written behind the poll.
CREATE TABLE arrival_lines (
    first INTEGER PRIMARY KEY,
    lines TEXT NOT NULL
) STRICT;

-- Row ids of arrivals that are nobody's any more.
CREATE TABLE arrivals_gone (
    rid INTEGER PRIMARY KEY
) STRICT;

-- In the order: `rid` grows with the name, with gaps.
CREATE TABLE users (
    rid INTEGER PRIMARY KEY,
    object_id TEXT NOT NULL,
    name TEXT NOT NULL,
    user_principal_name TEXT NOT NULL,
    address TEXT NOT NULL,
    department TEXT NOT NULL,
    title TEXT NOT NULL,
    office TEXT NOT NULL,
    aliases TEXT NOT NULL,
    facets INTEGER NOT NULL
) STRICT;

-- For lists in another order; few values, so that they grow at few places.
CREATE INDEX users_by_department ON users (department);
CREATE INDEX users_by_title ON users (title);

-- Their words and facets, by the same row ids.
CREATE VIRTUAL TABLE search USING fts5 (
    in_name, in_address, in_department, in_title, in_office, kind, hidden, enabled, licensed,
    content='', contentless_delete=1, detail='full', tokenize='trigram case_sensitive 1'
);

-- What has a code in the index: words, and domains with their `@`. `listed`: has lists as well; first
-- letters have those alone.
CREATE TABLE common (
    n INTEGER PRIMARY KEY,
    word TEXT NOT NULL,
    listed INTEGER NOT NULL
) STRICT;

-- Who has a token, of those in the order, as bitmaps: in parts as it was built, and those who were
-- put in later, with all they have.
CREATE TABLE lists (
    token TEXT NOT NULL,
    n INTEGER NOT NULL,
    rids BLOB NOT NULL,
    PRIMARY KEY (token, n)
) STRICT;
CREATE TABLE lists_later (
    token TEXT NOT NULL PRIMARY KEY,
    rids BLOB NOT NULL
) STRICT;

-- Who is which row (64 bits of the object id's hash), and whether anything about them changed.
CREATE TABLE ids (
    id INTEGER PRIMARY KEY,
    rid INTEGER NOT NULL,
    digest INTEGER NOT NULL
) STRICT;

-- One row. `edition` moves with every change of a user, `next_arrival` with each that arrives.
CREATE TABLE poll (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    generation INTEGER NOT NULL DEFAULT 0,
    unfinished INTEGER NOT NULL DEFAULT 0,
    expected INTEGER,
    polled_at INTEGER,
    count INTEGER NOT NULL DEFAULT 0,
    fresh INTEGER NOT NULL DEFAULT 0,
    next_arrival INTEGER NOT NULL DEFAULT 1,
    edition INTEGER NOT NULL DEFAULT 0,
    delta_link TEXT NOT NULL DEFAULT '',
    delta_at INTEGER
) STRICT;
INSERT INTO poll (only) VALUES (1);

-- Where each part of the unfinished poll stands.
CREATE TABLE parts (
    name TEXT NOT NULL PRIMARY KEY,
    link TEXT NOT NULL,
    read INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Rows the unfinished poll has seen, a page each (32-bit numbers); who is not among them when it
-- finishes has left.
CREATE TABLE seen (
    n INTEGER PRIMARY KEY,
    rids BLOB NOT NULL
) STRICT;

-- How row ids changed, in order: each of `olds` became the same of `news` (32-bit numbers), 0: left.
CREATE TABLE moves (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    olds BLOB NOT NULL,
    news BLOB NOT NULL
) STRICT;

-- Row ids of this order that are nobody's any more; none is given to another user.
CREATE TABLE freed (
    rid INTEGER PRIMARY KEY
) STRICT;

-- The order: `epoch` numbers it. While the next one is built: who builds it, when that one was seen
-- at work, what it is built of, and which of those left meanwhile (`dropped`).
CREATE TABLE orders (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    epoch INTEGER NOT NULL DEFAULT 1,
    moved_before INTEGER NOT NULL DEFAULT 0,
    builder TEXT NOT NULL DEFAULT '',
    beat_at INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO orders (only) VALUES (1);
CREATE TABLE dropped (
    rid INTEGER PRIMARY KEY
) STRICT;

-- The selection: a bitmap of row ids, true after the move `since`; `lost` were selected and left.
CREATE TABLE marks (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    rids BLOB NOT NULL,
    since INTEGER NOT NULL,
    lost INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Who is an agent, by the same number as in `ids`.
CREATE TABLE agents (
    id INTEGER PRIMARY KEY
) STRICT;

-- The rows of those of them who are in the copy: a bitmap, true after the move `since`. `edition`
-- moves when others are agents.
CREATE TABLE agent_rows (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    edition INTEGER NOT NULL DEFAULT 0,
    rids BLOB NOT NULL DEFAULT x'',
    since INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO agent_rows (only) VALUES (1);
