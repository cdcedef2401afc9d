-- +goose Up

-- Keys that only the servers of this chat may know, in hexadecimal. The first server that
-- needs a key generates it.
CREATE TABLE secrets (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
);
