package store

import (
	"context"
	"errors"
	"fmt"

	"chatserver/accounts"
)

const invitationColumns = `id, role, claim, made_by, uses, used, created_at, expires_at`

// scanInvitation reads a row with the invitationColumns.
func scanInvitation(scan scanner) (i accounts.Invitation, err error) {
	var role string
	var created, expires int64
	if err := scan(&i.ID, &role, &i.Claim, &i.By, &i.Uses, &i.Used, &created, &expires); err != nil {
		return i, err
	}
	i.Created, i.Expires = milliseconds(created), milliseconds(expires)
	i.Role, err = accounts.ParseRole(role)
	return i, err
}

// readInvitation returns the invitation of a hash, or ErrInvitation.
func readInvitation(ctx context.Context, db queryer, hash string) (i accounts.Invitation, err error) {
	err = accounts.ErrInvitation
	if failed := each(ctx, db, `SELECT `+invitationColumns+` FROM invitations WHERE hash = $1`, []any{hash}, func(scan scanner) error {
		i, err = scanInvitation(scan)
		return err
	}); failed != nil {
		return i, fmt.Errorf("read an invitation: %w", failed)
	}
	return i, err
}

// Invitation implements accounts.InvitationStore.
func (db *DB) Invitation(ctx context.Context, hash string) (accounts.Invitation, error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	return readInvitation(ctx, db.reader, hash)
}

// Invitations implements accounts.InvitationStore.
func (db *DB) Invitations(ctx context.Context) (all []accounts.Invitation, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	err = each(ctx, db.reader, `SELECT `+invitationColumns+` FROM invitations WHERE NOT claim ORDER BY created_at, id`, nil, func(scan scanner) error {
		i, err := scanInvitation(scan)
		all = append(all, i)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the invitations: %w", err)
	}
	return all, nil
}

// CreateInvitation implements accounts.InvitationStore.
func (db *DB) CreateInvitation(ctx context.Context, i accounts.Invitation, hash string, audit accounts.Entry) error {
	err := db.inTx(ctx, func(ctx context.Context, tx tx) error {
		if err := insertInvitation(ctx, tx, i, hash); err != nil {
			return err
		}
		return writeAudit(ctx, tx, audit)
	})
	if err != nil {
		return fmt.Errorf("create an invitation: %w", err)
	}
	return nil
}

func insertInvitation(ctx context.Context, tx tx, i accounts.Invitation, hash string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO invitations (id, hash, role, claim, made_by, uses, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		i.ID, hash, i.Role.String(), i.Claim, i.By, i.Uses, i.Created.UnixMilli(), i.Expires.UnixMilli())
	return err
}

// RevokeInvitation implements accounts.InvitationStore.
func (db *DB) RevokeInvitation(ctx context.Context, id string, audit accounts.Entry) error {
	err := db.inTx(ctx, func(ctx context.Context, tx tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM invitations WHERE id = $1 AND NOT claim`, id)
		if err != nil {
			return err
		}
		if revoked, err := result.RowsAffected(); err != nil || revoked == 0 {
			return noneIs(err, accounts.ErrInvitation)
		}
		return writeAudit(ctx, tx, audit)
	})
	if err != nil {
		return fmt.Errorf("revoke an invitation: %w", err)
	}
	return nil
}

// ReplaceClaims implements accounts.InvitationStore.
func (db *DB) ReplaceClaims(ctx context.Context, i accounts.Invitation, hash string, others bool) error {
	err := db.inTx(ctx, func(ctx context.Context, tx tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM invitations WHERE claim AND ($1 OR id = $2 OR expires_at <= $3)`, others, i.ID, i.Created.UnixMilli()); err != nil {
			return err
		}
		if hash == "" {
			return nil
		}
		return insertInvitation(ctx, tx, i, hash)
	})
	if err != nil {
		return fmt.Errorf("replace the link that claims the server: %w", err)
	}
	return nil
}

// State implements accounts.SettingStore. The count is read first: what changes after it is
// noticed later.
func (db *DB) State(ctx context.Context) (state accounts.State, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	if state.Changes, err = db.AccountChanges(ctx); err != nil {
		return state, err
	}
	values := map[string]string{}
	err = each(ctx, db.reader, `SELECT name, value FROM settings`, nil, func(scan scanner) error {
		var name, value string
		err := scan(&name, &value)
		values[name] = value
		return err
	})
	if err != nil {
		return state, fmt.Errorf("read the settings: %w", err)
	}
	err = each(ctx, db.reader, `SELECT EXISTS (SELECT 1 FROM users), EXISTS (SELECT 1 FROM users WHERE role = 'owner')`, nil, func(scan scanner) error {
		return scan(&state.Accounts, &state.Claimed)
	})
	if err != nil {
		return state, fmt.Errorf("read whether there are accounts: %w", err)
	}
	state.Settings = accounts.ReadSettings(values)
	return state, nil
}

// AccountChanges implements accounts.SettingStore.
func (db *DB) AccountChanges(ctx context.Context) (changes int64, err error) {
	err = each(ctx, db.reader, `SELECT account_changes FROM meta`, nil, func(scan scanner) error { return scan(&changes) })
	if err != nil {
		return 0, fmt.Errorf("count the changes of accounts: %w", err)
	}
	return changes, nil
}

// SetSetting implements accounts.SettingStore.
func (db *DB) SetSetting(ctx context.Context, name, value string, audit accounts.Entry) error {
	return db.changeAccounts(ctx, "change a setting", func(ctx context.Context, tx tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
		return errors.Join(err, writeAudit(ctx, tx, audit))
	})
}

// writeAudit appends lines to the audit log.
func writeAudit(ctx context.Context, tx tx, entries ...accounts.Entry) error {
	for _, e := range entries {
		if _, err := tx.ExecContext(ctx, `INSERT INTO audit (at, actor_id, actor_name, action, subject, detail, address) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			e.At.UnixMilli(), e.ActorID, e.ActorName, e.Action, e.Subject, e.Detail, e.Address); err != nil {
			return fmt.Errorf("write the audit log: %w", err)
		}
	}
	return nil
}

// Audit implements accounts.SettingStore.
func (db *DB) Audit(ctx context.Context, before int64, limit int) (entries []accounts.Entry, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	err = each(ctx, db.reader, `SELECT n, at, actor_id, actor_name, action, subject, detail, address FROM audit WHERE n < $1 ORDER BY n DESC LIMIT $2`, []any{before, limit}, func(scan scanner) error {
		var e accounts.Entry
		var at int64
		err := scan(&e.Number, &at, &e.ActorID, &e.ActorName, &e.Action, &e.Subject, &e.Detail, &e.Address)
		e.At = milliseconds(at)
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return entries, nil
}
