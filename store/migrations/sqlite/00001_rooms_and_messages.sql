-- +goose Up

-- rev counts all changes to the messages of a room, one by one.
CREATE TABLE rooms (
	id         INTEGER PRIMARY KEY,
	slug       TEXT NOT NULL UNIQUE,
	title      TEXT NOT NULL,
	rev        BIGINT NOT NULL,
	created_at BIGINT NOT NULL -- UTC, milliseconds
);

-- seq is the rev at which a message was said, rev the one of its latest change.
CREATE TABLE messages (
	room_id     BIGINT NOT NULL REFERENCES rooms (id),
	seq         BIGINT NOT NULL,
	rev         BIGINT NOT NULL,
	id          TEXT   NOT NULL, -- UUID, canonical lower case
	author_name TEXT   NOT NULL,
	text        TEXT   NOT NULL,
	created_at  BIGINT NOT NULL, -- UTC, milliseconds
	PRIMARY KEY (room_id, seq),
	UNIQUE (room_id, rev),
	UNIQUE (room_id, id)
) WITHOUT ROWID; -- a page is read in one sweep of the primary key
