package store

import (
	"context"
	"fmt"
	"strings"
)

// accountTables are the tables that are copied whole, in the order of their references, with
// their columns. A number that the database assigns is left out, and assigned again in order.
var accountTables = []struct{ name, columns, order string }{
	{"users", "id, former_id, name, name_key, display_name, role, owner_id, password, email, email_verified, status, zone, language, created_at, disabled_at", "id"},
	{"user_names", "skeleton, user_id, name, kept_until", "skeleton"},
	{"sessions", "id, hash, user_id, device, address, created_at, seen_at, expires_at", "id"},
	{"tokens", "id, hash, user_id, scopes, rooms, created_at, expires_at, used_at", "id"},
	{"invitations", "id, hash, role, claim, made_by, uses, used, created_at, expires_at", "id"},
	{"identities", "issuer, subject, user_id, email, email_verified, created_at, used_at", "issuer, subject"},
	{"passkeys", "id, user_id, name, record, created_at, used_at", "id"},
	{"recovery_codes", "user_id, hash", "user_id, hash"},
	{"settings", "name, value", "name"},
	{"audit", "at, actor_id, actor_name, action, subject, detail, address", "n"},
}

// booleanColumns are the columns that SQLite returns as numbers and Postgres takes as booleans.
var booleanColumns = map[string]bool{"email_verified": true, "claim": true}

// copyAccounts copies accounts and settings in one transaction, unless that was done before.
func (t *transfer) copyAccounts(ctx context.Context) error {
	return t.target.inTx(ctx, func(ctx context.Context, tx tx) error {
		var copied bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM audit)`).Scan(&copied); err != nil || copied {
			return err
		}
		for _, table := range accountTables {
			if err := t.copyTable(ctx, tx, table.name, table.columns, table.order); err != nil {
				return fmt.Errorf("copy the table %s: %w", table.name, err)
			}
		}
		return nil
	})
}

func (t *transfer) copyTable(ctx context.Context, tx tx, name, columns, order string) error {
	values := make([]any, strings.Count(columns, ",")+1)
	into, parameters := make([]any, len(values)), make([]string, len(values))
	for i := range values {
		into[i], parameters[i] = &values[i], fmt.Sprintf("$%d", i+1)
	}
	insert := `INSERT INTO ` + name + ` (` + columns + `) VALUES (` + strings.Join(parameters, ", ") + `)`
	return each(ctx, t.source.reader, `SELECT `+columns+` FROM `+name+` ORDER BY `+order, nil, func(scan scanner) error {
		if err := scan(into...); err != nil {
			return err
		}
		for i, column := range strings.Split(columns, ", ") {
			if n, isNumber := values[i].(int64); isNumber && booleanColumns[column] {
				values[i] = n != 0
			}
		}
		_, err := tx.ExecContext(ctx, insert, values...)
		return err
	})
}
