-- +goose Up

-- Who said it, by more than a name: sending again with the same id is only for
-- the same author. Empty in messages of before.
ALTER TABLE messages ADD COLUMN author_id TEXT NOT NULL DEFAULT '';

-- One row. The epoch names this database's past: it is another one after the
-- database went back in time.
CREATE TABLE meta (
	epoch TEXT NOT NULL
);
