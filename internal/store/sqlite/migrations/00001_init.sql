-- +goose Up

-- Parties, classes and families are interned: numbered at first sight, never changed, never deleted.
CREATE TABLE party (
    num  INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO party (num, name) VALUES (0, '');

CREATE TABLE class (
    num   INTEGER PRIMARY KEY,
    facts TEXT NOT NULL UNIQUE
) STRICT;

-- A family is what many variants share. There are few, so a search by creator, marking or class is a search for
-- families, then a merge of their ids, and a variant costs two index entries in all.
CREATE TABLE family (
    num          INTEGER PRIMARY KEY,
    class        INTEGER NOT NULL,
    type         TEXT    NOT NULL,
    creator      TEXT    NOT NULL,
    spec_version TEXT    NOT NULL,
    markings     TEXT    NOT NULL, -- each as its length, a colon and itself
    UNIQUE (class, type, creator, spec_version, markings)
) STRICT;
CREATE INDEX family_creator ON family (creator);
CREATE INDEX family_type    ON family (type);

CREATE TABLE family_marking (
    marking TEXT    NOT NULL,
    family  INTEGER NOT NULL,
    PRIMARY KEY (marking, family)
) WITHOUT ROWID, STRICT;

-- Whoever learns to delete variants must keep max(seq) from going back.
CREATE TABLE variant (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL,
    family     INTEGER NOT NULL,
    modified   INTEGER NOT NULL,
    digest     BLOB    NOT NULL,
    sum        BLOB    NOT NULL,
    origin     INTEGER NOT NULL,
    serial     INTEGER NOT NULL, -- the bits of a uint64
    tlp        INTEGER NOT NULL,
    precedence INTEGER NOT NULL,
    standing   INTEGER NOT NULL,
    current    INTEGER NOT NULL,
    validated  INTEGER NOT NULL,
    revoked    INTEGER NOT NULL,
    evidence   INTEGER NOT NULL,
    leaf       INTEGER NOT NULL,
    arrived    INTEGER NOT NULL,
    size       INTEGER NOT NULL, -- of the bytes
    names      TEXT    NOT NULL  -- as in a family
) STRICT;
CREATE INDEX variant_id     ON variant (id);
CREATE INDEX variant_family ON variant (family, id, current);
CREATE INDEX variant_aside  ON variant (id) WHERE standing >= 2;
CREATE INDEX variant_held   ON variant (modified, id) WHERE standing = 3;

-- Apart from variant, so that a change of columns does not rewrite the bytes.
CREATE TABLE raw (
    seq   INTEGER PRIMARY KEY,
    bytes BLOB
) STRICT;

-- Which objects name an observable. Few do, and hardly two name the same ones, so this is no part of a family.
CREATE TABLE naming (
    name TEXT NOT NULL,
    id   TEXT NOT NULL,
    PRIMARY KEY (name, id)
) WITHOUT ROWID, STRICT;

-- Ids that have two variants of one modified > 0 with different digests.
CREATE TABLE clash (
    id TEXT PRIMARY KEY
) WITHOUT ROWID, STRICT;

-- How many variants there are of each sort, so that nobody has to count a million.
CREATE TABLE tally (
    family   INTEGER NOT NULL,
    origin   INTEGER NOT NULL,
    standing INTEGER NOT NULL,
    current  INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (family, origin, standing, current)
) WITHOUT ROWID, STRICT;

CREATE TABLE feed (
    position INTEGER PRIMARY KEY,
    time     INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    key      TEXT    NOT NULL
) STRICT;

CREATE TABLE cursor (
    consumer TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE queue (
    partner    INTEGER NOT NULL,
    precedence INTEGER NOT NULL,
    place      INTEGER NOT NULL,
    id         TEXT    NOT NULL,
    PRIMARY KEY (partner, precedence, place)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX queue_id ON queue (partner, id);

CREATE TABLE depth (
    partner    INTEGER NOT NULL,
    precedence INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    PRIMARY KEY (partner, precedence)
) WITHOUT ROWID, STRICT;

-- incarnation and number are uint64 with the first bit flipped, which keeps their order. live counts the handovers of the
-- number, excepted those of them with an exception.
CREATE TABLE sent (
    num         INTEGER PRIMARY KEY,
    partner     INTEGER NOT NULL,
    incarnation INTEGER NOT NULL,
    precedence  INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    out         INTEGER NOT NULL, -- left: its bytes were handed to a channel
    time        INTEGER NOT NULL,
    items       INTEGER NOT NULL,
    live        INTEGER NOT NULL,
    excepted    INTEGER NOT NULL,
    UNIQUE (partner, incarnation, precedence, number)
) STRICT;
CREATE INDEX sent_unsettled ON sent (partner, incarnation, precedence, number) WHERE state IN (0, 2);
CREATE INDEX sent_sum       ON sent (partner, state, out, live, excepted);

CREATE TABLE sealed (
    num   INTEGER PRIMARY KEY,
    bytes BLOB
) STRICT;

CREATE TABLE handover (
    partner   INTEGER NOT NULL,
    id        TEXT    NOT NULL,
    modified  INTEGER NOT NULL,
    digest    BLOB    NOT NULL,
    sent      INTEGER NOT NULL,
    sum       BLOB    NOT NULL,
    serial    INTEGER NOT NULL,
    tlp       INTEGER NOT NULL,
    exception TEXT    NOT NULL,
    PRIMARY KEY (partner, id, modified, digest, sent)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX handover_sent ON handover (sent, id);

CREATE TABLE evidence (
    seq         INTEGER PRIMARY KEY,
    partner     INTEGER NOT NULL,
    incarnation INTEGER NOT NULL,
    precedence  INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    signature   BLOB,
    header      BLOB    NOT NULL,
    salt        BLOB,
    leaves      BLOB,
    UNIQUE (partner, incarnation, precedence, number)
) STRICT;

CREATE TABLE tree (
    num  INTEGER PRIMARY KEY,
    name TEXT    NOT NULL UNIQUE,
    size INTEGER NOT NULL
) STRICT;

CREATE TABLE leaf (
    tree   INTEGER NOT NULL,
    idx    INTEGER NOT NULL,
    data   BLOB,
    detail BLOB,
    PRIMARY KEY (tree, idx)
) WITHOUT ROWID, STRICT;

CREATE TABLE hash (
    tree INTEGER NOT NULL,
    idx  INTEGER NOT NULL,
    hash BLOB    NOT NULL,
    PRIMARY KEY (tree, idx)
) WITHOUT ROWID, STRICT;

CREATE TABLE record (
    num   INTEGER PRIMARY KEY,
    kind  TEXT NOT NULL,
    key   TEXT NOT NULL,
    terms TEXT NOT NULL, -- like family.markings
    value BLOB,
    UNIQUE (kind, key)
) STRICT;

CREATE TABLE term (
    kind TEXT NOT NULL,
    term TEXT NOT NULL,
    key  TEXT NOT NULL,
    PRIMARY KEY (kind, term, key)
) WITHOUT ROWID, STRICT;

-- The version that Open looks at before it wakes goose. Every migration ends with it.
PRAGMA user_version = 1;
