package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chatserver/accounts"
)

var _ accounts.Store = (*DB)(nil)

// userColumns are the columns of scannedUser.into.
const userColumns = `u.id, u.former_id, u.name, u.display_name, u.role, u.owner_id, u.status, u.zone, u.language, u.created_at, u.disabled_at`

// scannedUser is a row of users.
type scannedUser struct {
	accounts.User
	role              string
	created, disabled int64
}

func (u *scannedUser) into(more ...any) []any {
	return append(more, &u.ID, &u.FormerID, &u.Name, &u.Display, &u.role, &u.Owner, &u.Status, &u.Zone, &u.Language, &u.created, &u.disabled)
}

func (u *scannedUser) user() (accounts.User, error) {
	role, err := accounts.ParseRole(u.role)
	u.Role, u.Created, u.Disabled = role, milliseconds(u.created), millisecondsOrNever(u.disabled)
	return u.User, err
}

// millisecondsOrNever returns the time of a column in which 0 is the zero time.
func millisecondsOrNever(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return milliseconds(at)
}

// orNever is the reverse of millisecondsOrNever.
func orNever(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

// User implements accounts.UserStore.
func (db *DB) User(ctx context.Context, id string) (accounts.Account, error) {
	return db.account(ctx, `u.id = $1`, id)
}

// UserNamed implements accounts.UserStore.
func (db *DB) UserNamed(ctx context.Context, skeleton string) (accounts.Account, error) {
	return db.account(ctx, `u.id = (SELECT user_id FROM user_names WHERE skeleton = $1 AND kept_until = 0)`, skeleton)
}

func (db *DB) account(ctx context.Context, where, arg string) (accounts.Account, error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	return readAccount(ctx, db.reader, where, arg)
}

// readAccount returns the only account that a condition selects, or ErrNoUser.
func readAccount(ctx context.Context, db queryer, where, arg string) (account accounts.Account, err error) {
	found := false
	err = each(ctx, db, `SELECT u.password, u.email, u.email_verified, `+userColumns+` FROM users u WHERE `+where, []any{arg}, func(scan scanner) error {
		var u scannedUser
		if err := scan(u.into(&account.Password, &account.Email, &account.EmailVerified)...); err != nil {
			return err
		}
		found = true
		account.User, err = u.user()
		return err
	})
	if err != nil {
		return account, fmt.Errorf("read an account: %w", err)
	}
	if !found {
		return account, accounts.ErrNoUser
	}
	return account, nil
}

// Users implements accounts.UserStore.
func (db *DB) Users(ctx context.Context, after string, limit int) (users []accounts.User, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	err = each(ctx, db.reader, `SELECT `+userColumns+` FROM users u WHERE u.name_key > $1 ORDER BY u.name_key LIMIT $2`, []any{after, limit}, func(scan scanner) error {
		var u scannedUser
		if err := scan(u.into()...); err != nil {
			return err
		}
		user, err := u.user()
		users = append(users, user)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	return users, nil
}

// CreateUser implements accounts.UserStore.
func (db *DB) CreateUser(ctx context.Context, c accounts.Creation) error {
	return db.changeAccounts(ctx, "create an account", func(ctx context.Context, tx tx) error {
		grounds, err := groundsFor(ctx, tx, c.ID, c.Invitation)
		if err != nil {
			return err
		}
		if err := c.Admit(&c.Account, grounds); err != nil {
			return err
		}
		if _, err := readAccount(ctx, tx, `u.id = $1`, c.ID); !errors.Is(err, accounts.ErrNoUser) {
			return errors.Join(err, accounts.ErrIDTaken)
		}
		// No name has a slash. The name follows.
		if _, err := tx.ExecContext(ctx, `INSERT INTO users (id, former_id, name, name_key, role, owner_id, created_at) VALUES ($1, $2, '', $3, '', '', $4)`, c.ID, c.FormerID, "/"+c.ID, c.At.UnixMilli()); err != nil {
			return err
		}
		if err := takeName(ctx, tx, &c.User, c.At); err != nil {
			return err
		}
		if err := writeAccount(ctx, tx, &c.Account); err != nil {
			return err
		}
		if c.Identity != nil {
			if err := addIdentity(ctx, tx, *c.Identity); err != nil {
				return err
			}
		}
		if c.Passkey != nil {
			if err := addPasskey(ctx, tx, *c.Passkey); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `UPDATE invitations SET used = used + 1 WHERE hash = $1`, c.Invitation); err != nil {
			return err
		}
		return writeAudit(ctx, tx, c.Audit)
	})
}

// ChangeUser implements accounts.UserStore.
func (db *DB) ChangeUser(ctx context.Context, id string, change func(*accounts.Account, accounts.Grounds) (accounts.Effects, error)) error {
	return db.changeAccounts(ctx, "change an account", func(ctx context.Context, tx tx) error {
		account, err := readAccount(ctx, tx, `u.id = $1`, id)
		if err != nil {
			return err
		}
		grounds, err := groundsFor(ctx, tx, id, "")
		if err != nil {
			return err
		}
		former := account.Name
		effects, err := change(&account, grounds)
		if err != nil {
			return err
		}
		if account.Name != former {
			if _, err := tx.ExecContext(ctx, `UPDATE user_names SET kept_until = $2 WHERE user_id = $1 AND kept_until = 0`, id, max(1, orNever(effects.KeepFormer))); err != nil {
				return err
			}
			if err := takeName(ctx, tx, &account.User, effects.At); err != nil {
				return err
			}
		}
		if effects.EndSessions != nil {
			if _, err := endSessions(ctx, tx, *effects.EndSessions); err != nil {
				return err
			}
		}
		if err := writeAccount(ctx, tx, &account); err != nil {
			return err
		}
		return writeAudit(ctx, tx, effects.Audit...)
	})
}

// changeAccounts runs f in a transaction that counts as a change of accounts. In Postgres,
// these transactions exclude each other, because each begins with an update of one row.
func (db *DB) changeAccounts(ctx context.Context, what string, f func(context.Context, tx) error) error {
	err := db.inTx(ctx, func(ctx context.Context, tx tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE meta SET account_changes = account_changes + 1`); err != nil {
			return err
		}
		return f(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// groundsFor reads what the rules of a change of an account depend on. invitation is the hash
// of the one that it uses, or empty.
func groundsFor(ctx context.Context, tx tx, id, invitation string) (grounds accounts.Grounds, err error) {
	err = tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM users WHERE role = 'owner' AND disabled_at = 0 AND id <> $1), (SELECT COUNT(*) FROM user_names WHERE user_id = $1 AND kept_until <> 0)`, id).
		Scan(&grounds.OtherOwners, &grounds.FormerNames)
	if err != nil || invitation == "" {
		return grounds, err
	}
	i, err := readInvitation(ctx, tx, invitation)
	if err != nil {
		return grounds, err
	}
	grounds.Invitation = &i
	maker, err := readAccount(ctx, tx, `u.id = $1`, i.By)
	if errors.Is(err, accounts.ErrNoUser) {
		return grounds, nil
	}
	grounds.Maker = &maker.User
	return grounds, err
}

// takeName makes a user's name that of the account, unless another account has it, or keeps it
// at a time.
func takeName(ctx context.Context, tx tx, user *accounts.User, at time.Time) error {
	named, err := user.Chat()
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM user_names WHERE kept_until <> 0 AND (kept_until <= $1 OR user_id = $2 AND skeleton = $3)`, at.UnixMilli(), user.ID, named.Skeleton()); err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO user_names (skeleton, user_id, name) VALUES ($1, $2, $3) ON CONFLICT (skeleton) DO NOTHING`, named.Skeleton(), user.ID, user.Name)
	if err != nil {
		return err
	}
	if taken, err := result.RowsAffected(); err != nil || taken == 0 {
		return errors.Join(err, accounts.ErrNameTaken)
	}
	return nil
}

// writeAccount writes all columns of an account except those that never change.
func writeAccount(ctx context.Context, tx tx, a *accounts.Account) error {
	named, err := a.Chat()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE users SET name = $2, name_key = $3, display_name = $4, role = $5, owner_id = $6, password = $7, email = $8, email_verified = $9,
		status = $10, zone = $11, language = $12, disabled_at = $13 WHERE id = $1`,
		a.ID, a.Name, named.NameKey(), a.Display, a.Role.String(), a.Owner, a.Password, a.Email, a.EmailVerified, a.Status, a.Zone, a.Language, orNever(a.Disabled))
	return err
}

var selectNameHolders = forRows(`SELECT skeleton, user_id, kept_until FROM user_names WHERE skeleton IN (`, `?`, `)`)

// NameHolders implements accounts.UserStore.
func (db *DB) NameHolders(ctx context.Context, skeletons []string, at time.Time) (map[string]string, error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	holders := map[string]string{}
	err := eachSlug(ctx, db.reader, db.rows, selectNameHolders.of, skeletons, func(scan scanner) error {
		var skeleton, holder string
		var until int64
		err := scan(&skeleton, &holder, &until)
		if until == 0 || until > at.UnixMilli() {
			holders[skeleton] = holder
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the accounts of %d names: %w", len(skeletons), err)
	}
	return holders, nil
}

var selectAccountIDs = forRows(`SELECT id FROM users WHERE id IN (`, `?`, `)`)

// OfAccounts implements accounts.SettingStore.
func (db *DB) OfAccounts(ctx context.Context, ids []string) (map[string]bool, error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	found := map[string]bool{}
	err := eachSlug(ctx, db.reader, db.rows, selectAccountIDs.of, ids, func(scan scanner) error {
		var id string
		err := scan(&id)
		found[id] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read which of %d ids are accounts: %w", len(ids), err)
	}
	return found, nil
}
