-- +goose Up

-- maker is the network of the address whose message made the room; empty if it is not
-- counted. purged_rev is the rev below which the room has no past: a room of its name
-- was removed before.
ALTER TABLE rooms ADD COLUMN maker TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN purged_rev BIGINT NOT NULL DEFAULT 0;
CREATE INDEX rooms_maker ON rooms (maker, created_at);

-- How many rooms were removed: a server that looks now and then notices.
ALTER TABLE meta ADD COLUMN removals BIGINT NOT NULL DEFAULT 0;

-- Where the revs of removed rooms ended. The name is hashed (SHA-256, hexadecimal): it
-- was removed, too.
CREATE TABLE removed_rooms (
	slug_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	rev       BIGINT NOT NULL
);
