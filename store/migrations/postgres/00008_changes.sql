-- +goose Up

-- thread is the seq of the root of the thread that the message is a reply in, reply_to the
-- seq of the message that it quotes; 0 if there is none. state is what happened to the
-- message since it was posted, as JSON (chat.State); deleted and pinned repeat two parts
-- of it, to be found.
ALTER TABLE messages ADD COLUMN thread BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN reply_to BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN deleted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE messages ADD COLUMN pinned BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE messages ADD COLUMN state TEXT NOT NULL DEFAULT '';
CREATE INDEX messages_thread ON messages (room_id, thread, seq) WHERE thread > 0;
CREATE INDEX messages_deleted ON messages (room_id, seq) WHERE deleted;
CREATE INDEX messages_pinned ON messages (room_id, seq) WHERE pinned;

-- Earlier texts of messages. number counts the texts of a message from 1; those that were
-- purged are missing.
CREATE TABLE versions (
	room_id    BIGINT  NOT NULL REFERENCES rooms (id),
	seq        BIGINT  NOT NULL,
	number     INTEGER NOT NULL,
	text       TEXT    NOT NULL,
	created_at BIGINT  NOT NULL, -- UTC, milliseconds
	PRIMARY KEY (room_id, seq, number)
);
