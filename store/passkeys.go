package store

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"chatserver/accounts"
)

const passkeyColumns = `p.id, p.user_id, p.name, p.record, p.created_at, p.used_at`

type scannedPasskey struct {
	accounts.Passkey
	id, record    string
	created, used int64
}

func (p *scannedPasskey) into() []any {
	return []any{&p.id, &p.UserID, &p.Name, &p.record, &p.created, &p.used}
}

func (p *scannedPasskey) passkey() (_ accounts.Passkey, err error) {
	if err := json.Unmarshal([]byte(p.record), &p.Passkey.Passkey); err != nil {
		return p.Passkey, fmt.Errorf("decode a passkey: %w", err)
	}
	p.Created, p.Used = milliseconds(p.created), millisecondsOrNever(p.used)
	p.ID, err = base64.RawURLEncoding.DecodeString(p.id)
	return p.Passkey, err
}

func passkeyID(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// Passkey implements accounts.PasskeyStore.
func (db *DB) Passkey(ctx context.Context, id []byte) (accounts.Passkey, accounts.User, error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	var p scannedPasskey
	var u scannedUser
	found := false
	err := each(ctx, db.reader, `SELECT `+passkeyColumns+`, `+userColumns+` FROM passkeys p JOIN users u ON u.id = p.user_id WHERE p.id = $1`, []any{passkeyID(id)}, func(scan scanner) error {
		found = true
		return scan(u.into(p.into()...)...)
	})
	if err != nil {
		return accounts.Passkey{}, accounts.User{}, fmt.Errorf("read a passkey: %w", err)
	}
	if !found {
		return accounts.Passkey{}, accounts.User{}, accounts.ErrNoPasskey
	}
	passkey, err := p.passkey()
	if err != nil {
		return passkey, accounts.User{}, err
	}
	user, err := u.user()
	return passkey, user, err
}

// Passkeys implements accounts.PasskeyStore.
func (db *DB) Passkeys(ctx context.Context, userID string) (passkeys []accounts.Passkey, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	err = each(ctx, db.reader, `SELECT `+passkeyColumns+` FROM passkeys p WHERE p.user_id = $1 ORDER BY p.created_at, p.id`, []any{userID}, func(scan scanner) error {
		var p scannedPasskey
		if err := scan(p.into()...); err != nil {
			return err
		}
		passkey, err := p.passkey()
		passkeys = append(passkeys, passkey)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the passkeys of an account: %w", err)
	}
	return passkeys, nil
}

// AddPasskey implements accounts.PasskeyStore.
func (db *DB) AddPasskey(ctx context.Context, p accounts.Passkey, audit accounts.Entry) error {
	return db.changeAccounts(ctx, "add a passkey", func(ctx context.Context, tx tx) error {
		if err := addPasskey(ctx, tx, p); err != nil {
			return err
		}
		return writeAudit(ctx, tx, audit)
	})
}

func addPasskey(ctx context.Context, tx tx, p accounts.Passkey) error {
	record, err := json.Marshal(p.Passkey)
	if err != nil {
		return fmt.Errorf("encode a passkey: %w", err)
	}
	return insertNew(ctx, tx, accounts.ErrPasskeyTaken, `INSERT INTO passkeys (id, user_id, name, record, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
		passkeyID(p.ID), p.UserID, p.Name, string(record), p.Created.UnixMilli(), orNever(p.Used))
}

// RenamePasskey implements accounts.PasskeyStore.
func (db *DB) RenamePasskey(ctx context.Context, id []byte, userID, name string) error {
	err := db.inTx(ctx, func(ctx context.Context, tx tx) error {
		return changeOne(ctx, tx, accounts.ErrNoPasskey, `UPDATE passkeys SET name = $3 WHERE id = $1 AND user_id = $2`, passkeyID(id), userID, name)
	})
	if err != nil {
		return fmt.Errorf("rename a passkey: %w", err)
	}
	return nil
}

// RemovePasskey implements accounts.PasskeyStore.
func (db *DB) RemovePasskey(ctx context.Context, id []byte, userID string, audit accounts.Entry) error {
	return db.changeAccounts(ctx, "remove a passkey", func(ctx context.Context, tx tx) error {
		if err := changeOne(ctx, tx, accounts.ErrNoPasskey, `DELETE FROM passkeys WHERE id = $1 AND user_id = $2`, passkeyID(id), userID); err != nil {
			return err
		}
		if err := checkWayIn(ctx, tx, userID); err != nil {
			return err
		}
		return writeAudit(ctx, tx, audit)
	})
}

// UsePasskey implements accounts.PasskeyStore.
func (db *DB) UsePasskey(ctx context.Context, p accounts.Passkey) error {
	record, err := json.Marshal(p.Passkey)
	if err != nil {
		return fmt.Errorf("encode a passkey: %w", err)
	}
	return db.write(ctx, "note the use of a passkey", `UPDATE passkeys SET record = $2, used_at = $3 WHERE id = $1`, passkeyID(p.ID), string(record), orNever(p.Used))
}

// SetRecoveryCodes implements accounts.RecoveryStore.
func (db *DB) SetRecoveryCodes(ctx context.Context, userID string, hashes [][]byte, audit accounts.Entry) error {
	return db.changeAccounts(ctx, "store recovery codes", func(ctx context.Context, tx tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM recovery_codes WHERE user_id = $1`, userID); err != nil {
			return err
		}
		for _, hash := range hashes {
			if _, err := tx.ExecContext(ctx, `INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)`, userID, hex.EncodeToString(hash)); err != nil {
				return err
			}
		}
		return writeAudit(ctx, tx, audit)
	})
}

// UseRecoveryCode implements accounts.RecoveryStore.
func (db *DB) UseRecoveryCode(ctx context.Context, userID string, hash []byte, audit accounts.Entry) error {
	return db.changeAccounts(ctx, "use a recovery code", func(ctx context.Context, tx tx) error {
		if err := changeOne(ctx, tx, accounts.ErrWrongCode, `DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2`, userID, hex.EncodeToString(hash)); err != nil {
			return err
		}
		return writeAudit(ctx, tx, audit)
	})
}

// RecoveryCodes implements accounts.RecoveryStore.
func (db *DB) RecoveryCodes(ctx context.Context, userID string) (left int, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	err = each(ctx, db.reader, `SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1`, []any{userID}, func(scan scanner) error { return scan(&left) })
	if err != nil {
		return 0, fmt.Errorf("count the recovery codes of an account: %w", err)
	}
	return left, nil
}
