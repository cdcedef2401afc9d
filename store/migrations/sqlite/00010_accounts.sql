-- +goose Up

-- Accounts. id has the form of a guest's id (messages.author_id), and is the guest's if a
-- guest became the account. Times are UTC in milliseconds, 0 for never.
CREATE TABLE users (
	id             TEXT NOT NULL PRIMARY KEY,
	former_id      TEXT NOT NULL DEFAULT '', -- of that guest, see chat.User
	name           TEXT NOT NULL,
	name_key       TEXT NOT NULL, -- equal for equal names; the order of lists
	display_name   TEXT NOT NULL DEFAULT '',
	role           TEXT NOT NULL, -- owner, admin, member or bot
	owner_id       TEXT NOT NULL DEFAULT '', -- of a bot: the account that it belongs to
	password       TEXT NOT NULL DEFAULT '', -- PHC string of argon2id
	email          TEXT NOT NULL DEFAULT '',
	email_verified BOOLEAN NOT NULL DEFAULT FALSE,
	status         TEXT NOT NULL DEFAULT '',
	zone           TEXT NOT NULL DEFAULT '',
	language       TEXT NOT NULL DEFAULT '',
	created_at     BIGINT NOT NULL,
	disabled_at    BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX users_name ON users (name_key);

-- The names of accounts by their confusable skeleton, and former names that are kept for their
-- account until kept_until. kept_until is 0 for the name that the account has.
CREATE TABLE user_names (
	skeleton   TEXT NOT NULL PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES users (id),
	name       TEXT NOT NULL,
	kept_until BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX user_names_user ON user_names (user_id);

-- Browsers in which an account is signed in. hash is the SHA-256 of the secret in the cookie.
CREATE TABLE sessions (
	id         TEXT NOT NULL PRIMARY KEY,
	hash       TEXT NOT NULL,
	user_id    TEXT NOT NULL REFERENCES users (id),
	device     TEXT NOT NULL,
	address    TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	seen_at    BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX sessions_hash ON sessions (hash);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Tokens of programs. rooms is a JSON array of slugs, or empty for all rooms.
CREATE TABLE tokens (
	id         TEXT NOT NULL PRIMARY KEY,
	hash       TEXT NOT NULL,
	user_id    TEXT NOT NULL REFERENCES users (id),
	scopes     TEXT NOT NULL,
	rooms      TEXT NOT NULL DEFAULT '',
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL DEFAULT 0,
	used_at    BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX tokens_hash ON tokens (hash);
CREATE INDEX tokens_user ON tokens (user_id);

-- Links with which somebody makes an account; claim for those that make the first owner.
CREATE TABLE invitations (
	id         TEXT NOT NULL PRIMARY KEY,
	hash       TEXT NOT NULL,
	role       TEXT NOT NULL,
	claim      BOOLEAN NOT NULL DEFAULT FALSE,
	made_by    TEXT NOT NULL DEFAULT '', -- account; empty for the operator
	uses       INTEGER NOT NULL,
	used       INTEGER NOT NULL DEFAULT 0,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX invitations_hash ON invitations (hash);

-- What an owner or admin set while the server ran.
CREATE TABLE settings (
	name  TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

-- Who changed accounts, rights, sessions, tokens and settings. It only grows.
CREATE TABLE audit (
	n          INTEGER PRIMARY KEY AUTOINCREMENT,
	at         BIGINT NOT NULL,
	actor_id   TEXT NOT NULL,
	actor_name TEXT NOT NULL,
	action     TEXT NOT NULL,
	subject    TEXT NOT NULL,
	detail     TEXT NOT NULL,
	address    TEXT NOT NULL
);

-- +goose StatementBegin
CREATE TRIGGER audit_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
-- +goose StatementEnd

-- How many changes of accounts, names, rights and settings there were: a node that looks now
-- and then notices.
ALTER TABLE meta ADD COLUMN account_changes BIGINT NOT NULL DEFAULT 0;
