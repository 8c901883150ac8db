-- +goose Up

-- What validation found. Variants that were stored before have nothing: nobody has looked.
ALTER TABLE variant ADD COLUMN broken INTEGER NOT NULL DEFAULT 0;

-- A list of findings is stored once: the objects of one source mostly have the same. Lists are never deleted.
CREATE TABLE finding_list (
    num  INTEGER PRIMARY KEY,
    sum  BLOB NOT NULL UNIQUE, -- SHA-256 of list
    list BLOB NOT NULL
) STRICT;

-- Apart from variant, since most of what reads a variant has no use for it.
CREATE TABLE finding (
    seq  INTEGER PRIMARY KEY,
    list INTEGER NOT NULL
) STRICT;

-- Claims and held versions are listed apart from quarantined ones.
DROP INDEX variant_aside;
CREATE INDEX variant_aside ON variant (standing, id) WHERE standing >= 2;

PRAGMA user_version = 2;
