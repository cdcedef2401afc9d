-- +goose Up

-- Who identity providers say the owners of accounts are (OpenID Connect): issuer and subject
-- together are the key. Times are UTC in milliseconds, 0 for never.
CREATE TABLE identities (
	issuer         TEXT NOT NULL,
	subject        TEXT NOT NULL,
	user_id        TEXT NOT NULL REFERENCES users (id),
	email          TEXT NOT NULL DEFAULT '',
	email_verified BOOLEAN NOT NULL DEFAULT FALSE,
	created_at     BIGINT NOT NULL,
	used_at        BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_user ON identities (user_id);

-- Passkeys (WebAuthn). id is the credential id in base64url, record the JSON of
-- passkeys.Passkey, with the public key.
CREATE TABLE passkeys (
	id         TEXT NOT NULL PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES users (id),
	name       TEXT NOT NULL,
	record     TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	used_at    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX passkeys_user ON passkeys (user_id);

-- Codes that sign in once somebody who has lost their passkeys, by their SHA-256.
CREATE TABLE recovery_codes (
	user_id TEXT NOT NULL REFERENCES users (id),
	hash    TEXT NOT NULL,
	PRIMARY KEY (user_id, hash)
);

-- What browsers have begun and not finished: a visit to an identity provider, a passkey. Each
-- is sealed with a key that only its browser has, and deleted when it is finished.
CREATE TABLE flows (
	hash       TEXT NOT NULL PRIMARY KEY,
	sealed     BLOB NOT NULL,
	expires_at BIGINT NOT NULL
);
CREATE INDEX flows_expires ON flows (expires_at);
