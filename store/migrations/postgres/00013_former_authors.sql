-- +goose Up

-- Ids of authors whose messages may be stored under a former id, one computed from a name by
-- older rules: those of all names that are not ASCII, since only their rules changed. A row is
-- deleted when the author has returned with the guest key, from which alone the new id can be
-- computed, and the messages of the room have it.
CREATE TABLE former_authors (
	author_id TEXT   NOT NULL,
	room_id   BIGINT NOT NULL,
	PRIMARY KEY (author_id, room_id)
);

INSERT INTO former_authors (author_id, room_id)
	SELECT DISTINCT author_id, room_id FROM messages WHERE author_id <> '' AND author_name ~ '[^ -~]';
