-- +goose Up

-- thread is the seq of the root of the thread that the message is a reply in, reply_to the
-- seq of the message that it quotes; 0 if there is none. state is what happened to the
-- message since it was posted, as JSON (chat.State); deleted repeats a part of it.
ALTER TABLE messages ADD COLUMN thread BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN reply_to BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN deleted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE messages ADD COLUMN state TEXT NOT NULL DEFAULT '';

-- Earlier texts of messages. number counts the texts of a message from 1; those that were
-- purged are missing.
CREATE TABLE versions (
	room_id    BIGINT  NOT NULL REFERENCES rooms (id),
	seq        BIGINT  NOT NULL,
	number     INTEGER NOT NULL,
	text       TEXT    NOT NULL,
	created_at BIGINT  NOT NULL, -- UTC, milliseconds
	PRIMARY KEY (room_id, seq, number)
) WITHOUT ROWID;

-- The replies of each thread, and the pinned messages. Indexes of messages would have to be
-- built from all of them.
CREATE TABLE replies (
	room_id BIGINT NOT NULL REFERENCES rooms (id),
	thread  BIGINT NOT NULL,
	seq     BIGINT NOT NULL,
	PRIMARY KEY (room_id, thread, seq)
) WITHOUT ROWID;

CREATE TABLE pins (
	room_id BIGINT NOT NULL REFERENCES rooms (id),
	seq     BIGINT NOT NULL,
	PRIMARY KEY (room_id, seq)
) WITHOUT ROWID;

-- What was deleted, as lines of the erasure list (store/erasures.go), which is a file: an
-- older copy of this table is no use.
CREATE TABLE erasures (
	n    INTEGER PRIMARY KEY,
	line TEXT NOT NULL
);
