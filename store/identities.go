package store

import (
	"context"
	"fmt"

	"chatserver/accounts"
)

// Identity implements accounts.IdentityStore.
func (db *DB) Identity(ctx context.Context, issuer, subject string) (accounts.User, error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	var u scannedUser
	found := false
	err := each(ctx, db.reader, `SELECT `+userColumns+` FROM identities i JOIN users u ON u.id = i.user_id WHERE i.issuer = $1 AND i.subject = $2`, []any{issuer, subject}, func(scan scanner) error {
		found = true
		return scan(u.into()...)
	})
	if err != nil {
		return accounts.User{}, fmt.Errorf("read an identity: %w", err)
	}
	if !found {
		return accounts.User{}, accounts.ErrNoIdentity
	}
	return u.user()
}

// AddIdentity implements accounts.IdentityStore.
func (db *DB) AddIdentity(ctx context.Context, i accounts.Identity, audit accounts.Entry) error {
	return db.changeAccounts(ctx, "add an identity", func(ctx context.Context, tx tx) error {
		if err := addIdentity(ctx, tx, i); err != nil {
			return err
		}
		return writeAudit(ctx, tx, audit)
	})
}

func addIdentity(ctx context.Context, tx tx, i accounts.Identity) error {
	return insertNew(ctx, tx, accounts.ErrIdentityTaken, `INSERT INTO identities (issuer, subject, user_id, email, email_verified, created_at, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`, i.Issuer, i.Subject, i.UserID, i.Email, i.Verified, i.Created.UnixMilli(), orNever(i.Used))
}

// insertNew inserts a row, or returns an error if there is one with its key.
func insertNew(ctx context.Context, tx tx, taken error, statement string, args ...any) error {
	return changeOne(ctx, tx, taken, statement, args...)
}

// changeOne executes a statement, or returns an error if it changes nothing.
func changeOne(ctx context.Context, tx tx, none error, statement string, args ...any) error {
	result, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	if changed, err := result.RowsAffected(); err != nil || changed == 0 {
		return noneIs(err, none)
	}
	return nil
}

// Identities implements accounts.IdentityStore.
func (db *DB) Identities(ctx context.Context, userID string) (identities []accounts.Identity, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	err = each(ctx, db.reader, `SELECT issuer, subject, user_id, email, email_verified, created_at, used_at FROM identities WHERE user_id = $1 ORDER BY created_at, issuer, subject`, []any{userID}, func(scan scanner) error {
		var i accounts.Identity
		var created, used int64
		err := scan(&i.Issuer, &i.Subject, &i.UserID, &i.Email, &i.Verified, &created, &used)
		i.Created, i.Used = milliseconds(created), millisecondsOrNever(used)
		identities = append(identities, i)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the identities of an account: %w", err)
	}
	return identities, nil
}

// RemoveIdentity implements accounts.IdentityStore.
func (db *DB) RemoveIdentity(ctx context.Context, i accounts.Identity, audit accounts.Entry) error {
	return db.changeAccounts(ctx, "remove an identity", func(ctx context.Context, tx tx) error {
		if err := changeOne(ctx, tx, accounts.ErrNoIdentity, `DELETE FROM identities WHERE issuer = $1 AND subject = $2 AND user_id = $3`, i.Issuer, i.Subject, i.UserID); err != nil {
			return err
		}
		if err := checkWayIn(ctx, tx, i.UserID); err != nil {
			return err
		}
		return writeAudit(ctx, tx, audit)
	})
}

// checkWayIn returns ErrLastWayIn if nobody could sign in to an account any more.
func checkWayIn(ctx context.Context, tx tx, userID string) error {
	ways := 0
	err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM users WHERE id = $1 AND password <> '') + (SELECT COUNT(*) FROM identities WHERE user_id = $1) + (SELECT COUNT(*) FROM passkeys WHERE user_id = $1)`, userID).Scan(&ways)
	if err == nil && ways == 0 {
		return accounts.ErrLastWayIn
	}
	return err
}

// TouchIdentity implements accounts.IdentityStore.
func (db *DB) TouchIdentity(ctx context.Context, i accounts.Identity) error {
	return db.write(ctx, "note the use of an identity", `UPDATE identities SET email = $3, email_verified = $4, used_at = $5 WHERE issuer = $1 AND subject = $2`, i.Issuer, i.Subject, i.Email, i.Verified, orNever(i.Used))
}
