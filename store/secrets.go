package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

// The names of the secrets. To replace one, delete its row and restart the servers one
// after the other.
const (
	// SecretShortIDs keys the short ids by which people tell users apart. Replacing it
	// gives every user a new short id.
	SecretShortIDs = "short_ids"
	// SecretHints authenticates the hints that the nodes of a fleet send each other. Nodes
	// that hold different keys fall back to reading the store.
	SecretHints = "hints"
)

// secretSize is the size of a secret in bytes: the key size of HMAC-SHA256.
const secretSize = 32

// Secret returns the secret of that name, secretSize bytes. The first server that asks
// generates and stores it; every other server of the same database gets the same value.
func (db *DB) Secret(ctx context.Context, name string) ([]byte, error) {
	created := make([]byte, secretSize)
	_, _ = rand.Read(created) // never fails: it ends the process instead
	kept := ""
	err := db.inTx(ctx, func(ctx context.Context, tx tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, hex.EncodeToString(created)); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT value FROM secrets WHERE name = $1`, name).Scan(&kept)
	})
	if err != nil {
		return nil, fmt.Errorf("read the secret %s: %w", name, err)
	}
	secret, err := hex.DecodeString(kept)
	if err != nil || len(secret) != secretSize {
		return nil, fmt.Errorf("the secret %s is not %d bytes in hexadecimal: delete its row from the table secrets and restart", name, secretSize)
	}
	return secret, nil
}

// copySecrets copies the secrets of the source to the target, so that users keep their
// short ids.
func (t *transfer) copySecrets(ctx context.Context) error {
	secrets := map[string]string{}
	err := each(ctx, t.source.writer, `SELECT name, value FROM secrets`, nil, func(scan scanner) error {
		var name, value string
		err := scan(&name, &value)
		secrets[name] = value
		return err
	})
	for name, value := range secrets {
		if err == nil {
			_, err = t.target.writer.ExecContext(ctx, `INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
		}
	}
	if err != nil {
		return fmt.Errorf("copy the secrets: %w", err)
	}
	return nil
}
