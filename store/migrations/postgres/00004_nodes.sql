-- +goose Up

-- Who is on which node.

CREATE TABLE nodes (
	id      TEXT COLLATE "C" PRIMARY KEY,
	seen_at TIMESTAMPTZ NOT NULL -- by the clock of the database
);

-- users are the first to come of those online, as [{"name": "Ann", "age": 25}]. Each
-- node has a row for the room '', which is none: after a crash of the server the table is
-- empty, and the nodes say everything anew.
CREATE UNLOGGED TABLE node_presences (
	room   TEXT COLLATE "C" NOT NULL,
	node   TEXT COLLATE "C" NOT NULL,
	online INTEGER NOT NULL,
	users  JSON NOT NULL,
	PRIMARY KEY (room, node)
);
CREATE INDEX ON node_presences (node);

-- look is the same for names that look alike, key for the same name, holder for whoever
-- may share it. nodes are those on which it is borne.
CREATE TABLE names (
	look   TEXT COLLATE "C" PRIMARY KEY,
	holder TEXT COLLATE "C" NOT NULL,
	key    TEXT COLLATE "C" NOT NULL,
	name   TEXT NOT NULL,
	nodes  TEXT[] COLLATE "C" NOT NULL
);
