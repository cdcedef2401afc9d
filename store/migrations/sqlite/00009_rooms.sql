-- +goose Up

-- A room's slug is its id from now on: the name that it was created with, or ~ and 26
-- characters. It never changes, so nodes of the previous version go on. address is what URLs
-- name the room by, if that is not the slug. changed is meta.room_changes at the latest change
-- of the room itself, by which servers notice it.
ALTER TABLE rooms ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN room_changes BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX rooms_address ON rooms ((CASE WHEN address = '' THEN slug ELSE address END));
CREATE INDEX rooms_changed ON rooms (changed);

-- All addresses that rooms have or had beside their slugs.
CREATE TABLE addresses (
	address TEXT   NOT NULL PRIMARY KEY,
	room_id BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX addresses_room ON addresses (room_id);

-- kind and the policies have the names of chat.RoomKind and chat.Audience. people is a hash of
-- the people in a direct room, which are not in two of them. keep_days is how many days
-- messages are kept; 0 = forever.
ALTER TABLE rooms ADD COLUMN kind TEXT NOT NULL DEFAULT 'public';
ALTER TABLE rooms ADD COLUMN people TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN archived BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE rooms ADD COLUMN guests BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE rooms ADD COLUMN posts TEXT NOT NULL DEFAULT 'everyone';
ALTER TABLE rooms ADD COLUMN replies TEXT NOT NULL DEFAULT 'everyone';
ALTER TABLE rooms ADD COLUMN reactions TEXT NOT NULL DEFAULT 'everyone';
ALTER TABLE rooms ADD COLUMN versions TEXT NOT NULL DEFAULT 'everyone';
ALTER TABLE rooms ADD COLUMN keep_days BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX rooms_people ON rooms (people) WHERE people <> '';

-- name is that of the user when it was added. notify has the name of a notification level,
-- read_seq is the seq up to which the user has read the room.
CREATE TABLE members (
	room_id   BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
	user_id   TEXT   NOT NULL,
	name      TEXT   NOT NULL,
	role      TEXT   NOT NULL,
	notify    TEXT   NOT NULL DEFAULT 'mentions',
	read_seq  BIGINT NOT NULL DEFAULT 0,
	joined_at BIGINT NOT NULL, -- UTC, milliseconds
	PRIMARY KEY (room_id, user_id)
) WITHOUT ROWID;
CREATE INDEX members_user ON members (user_id, room_id);
