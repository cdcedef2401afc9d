-- +goose Up

-- The names that were kept for their holders when the server stopped, until when, in
-- milliseconds since 1970. The server reads them when it starts.
CREATE TABLE kept_names (
	look       TEXT PRIMARY KEY,
	holder     TEXT NOT NULL,
	key        TEXT NOT NULL,
	name       TEXT NOT NULL,
	kept_until BIGINT NOT NULL
);
