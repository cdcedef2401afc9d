package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"chatserver/accounts"
	"chatserver/chat"
)

const sessionColumns = `s.id, s.user_id, s.device, s.address, s.created_at, s.seen_at, s.expires_at`

type scannedSession struct {
	accounts.Session
	created, seen, expires int64
}

func (s *scannedSession) into() []any {
	return []any{&s.ID, &s.UserID, &s.Device, &s.Address, &s.created, &s.seen, &s.expires}
}

func (s *scannedSession) session() accounts.Session {
	s.Created, s.Seen, s.Expires = milliseconds(s.created), milliseconds(s.seen), milliseconds(s.expires)
	return s.Session
}

// CreateSession implements accounts.SessionStore. It also removes sessions that have expired.
func (db *DB) CreateSession(ctx context.Context, s accounts.Session, hash, replaced string, audit accounts.Entry) error {
	err := db.inTx(ctx, func(ctx context.Context, tx tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at <= $1 OR hash = $2`, s.Created.UnixMilli(), replaced); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO sessions (id, hash, user_id, device, address, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			s.ID, hash, s.UserID, s.Device, s.Address, s.Created.UnixMilli(), s.Seen.UnixMilli(), s.Expires.UnixMilli()); err != nil {
			return err
		}
		return writeAudit(ctx, tx, audit)
	})
	if err != nil {
		return fmt.Errorf("create a session: %w", err)
	}
	return nil
}

// Session implements accounts.SessionStore.
func (db *DB) Session(ctx context.Context, hash string) (accounts.Session, accounts.User, error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	var s scannedSession
	var u scannedUser
	found := false
	err := each(ctx, db.reader, `SELECT `+sessionColumns+`, `+userColumns+` FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.hash = $1`, []any{hash}, func(scan scanner) error {
		found = true
		return scan(u.into(s.into()...)...)
	})
	if err != nil {
		return accounts.Session{}, accounts.User{}, fmt.Errorf("read a session: %w", err)
	}
	if !found {
		return accounts.Session{}, accounts.User{}, accounts.ErrNoSession
	}
	user, err := u.user()
	return s.session(), user, err
}

// Sessions implements accounts.SessionStore.
func (db *DB) Sessions(ctx context.Context, userID string) (sessions []accounts.Session, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	err = each(ctx, db.reader, `SELECT `+sessionColumns+` FROM sessions s WHERE s.user_id = $1 ORDER BY s.seen_at DESC, s.id`, []any{userID}, func(scan scanner) error {
		var s scannedSession
		err := scan(s.into()...)
		sessions = append(sessions, s.session())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the sessions of an account: %w", err)
	}
	return sessions, nil
}

// EndSessions implements accounts.SessionStore.
func (db *DB) EndSessions(ctx context.Context, which accounts.SessionFilter, audit accounts.Entry) (ended int, err error) {
	err = db.changeAccounts(ctx, "end sessions", func(ctx context.Context, tx tx) error {
		if ended, err = endSessions(ctx, tx, which); err != nil {
			return err
		}
		return writeAudit(ctx, tx, audit)
	})
	return ended, err
}

func endSessions(ctx context.Context, tx tx, which accounts.SessionFilter) (int, error) {
	result, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1 AND ($2 = '' OR id = $2) AND id <> $3`, which.User, which.Only, which.Except)
	if err != nil {
		return 0, err
	}
	ended, err := result.RowsAffected()
	return int(ended), err
}

// TouchSession implements accounts.SessionStore.
func (db *DB) TouchSession(ctx context.Context, id string, seen, expires time.Time) error {
	return db.write(ctx, "note the use of a session", `UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE id = $1`, id, seen.UnixMilli(), expires.UnixMilli())
}

// write executes one statement in a transaction.
func (db *DB) write(ctx context.Context, what, statement string, args ...any) error {
	err := db.inTx(ctx, func(ctx context.Context, tx tx) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

const tokenColumns = `t.id, t.user_id, t.scopes, t.rooms, t.created_at, t.expires_at, t.used_at`

type scannedToken struct {
	accounts.Token
	scopes, rooms          string
	created, expires, used int64
}

func (t *scannedToken) into() []any {
	return []any{&t.ID, &t.UserID, &t.scopes, &t.rooms, &t.created, &t.expires, &t.used}
}

func (t *scannedToken) token() (_ accounts.Token, err error) {
	t.Created, t.Expires, t.Used = milliseconds(t.created), millisecondsOrNever(t.expires), millisecondsOrNever(t.used)
	if t.rooms != "" {
		if err := json.Unmarshal([]byte(t.rooms), &t.Rooms); err != nil {
			return t.Token, fmt.Errorf("decode the rooms of a token: %w", err)
		}
	}
	t.Scopes, err = chat.ParseScopes(t.scopes)
	return t.Token, err
}

// CreateToken implements accounts.TokenStore.
func (db *DB) CreateToken(ctx context.Context, t accounts.Token, hash string, audit accounts.Entry) error {
	rooms := ""
	if t.Rooms != nil {
		encoded, err := json.Marshal(t.Rooms)
		if err != nil {
			return fmt.Errorf("encode the rooms of a token: %w", err)
		}
		rooms = string(encoded)
	}
	return db.changeAccounts(ctx, "create a token", func(ctx context.Context, tx tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO tokens (id, hash, user_id, scopes, rooms, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			t.ID, hash, t.UserID, t.Scopes.String(), rooms, t.Created.UnixMilli(), orNever(t.Expires)); err != nil {
			return err
		}
		return writeAudit(ctx, tx, audit)
	})
}

// Token implements accounts.TokenStore.
func (db *DB) Token(ctx context.Context, hash string) (accounts.Token, accounts.User, error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	var t scannedToken
	var u scannedUser
	found := false
	err := each(ctx, db.reader, `SELECT `+tokenColumns+`, `+userColumns+` FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.hash = $1`, []any{hash}, func(scan scanner) error {
		found = true
		return scan(u.into(t.into()...)...)
	})
	if err != nil {
		return accounts.Token{}, accounts.User{}, fmt.Errorf("read a token: %w", err)
	}
	if !found {
		return accounts.Token{}, accounts.User{}, accounts.ErrNoToken
	}
	token, err := t.token()
	if err != nil {
		return token, accounts.User{}, err
	}
	user, err := u.user()
	return token, user, err
}

// Tokens implements accounts.TokenStore.
func (db *DB) Tokens(ctx context.Context, userID string) (tokens []accounts.Token, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	err = each(ctx, db.reader, `SELECT u.name, `+tokenColumns+` FROM tokens t JOIN users u ON u.id = t.user_id WHERE $1 = '' OR t.user_id = $1 ORDER BY t.created_at, t.id`, []any{userID}, func(scan scanner) error {
		var t scannedToken
		if err := scan(append([]any{&t.User}, t.into()...)...); err != nil {
			return err
		}
		token, err := t.token()
		tokens = append(tokens, token)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the tokens: %w", err)
	}
	return tokens, nil
}

// RevokeToken implements accounts.TokenStore.
func (db *DB) RevokeToken(ctx context.Context, id, userID string, audit accounts.Entry) error {
	return db.changeAccounts(ctx, "revoke a token", func(ctx context.Context, tx tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM tokens WHERE id = $1 AND ($2 = '' OR user_id = $2)`, id, userID)
		if err != nil {
			return err
		}
		if revoked, err := result.RowsAffected(); err != nil || revoked == 0 {
			return noneIs(err, accounts.ErrNoToken)
		}
		return writeAudit(ctx, tx, audit)
	})
}

// noneIs returns err, or otherwise the error for nothing found.
func noneIs(err, none error) error {
	if err != nil {
		return err
	}
	return none
}

// TouchToken implements accounts.TokenStore.
func (db *DB) TouchToken(ctx context.Context, id string, used time.Time) error {
	return db.write(ctx, "note the use of a token", `UPDATE tokens SET used_at = $2 WHERE id = $1`, id, used.UnixMilli())
}

var selectHolders = forRows(`SELECT c.id, `+userColumns+` FROM (SELECT id, user_id FROM sessions UNION ALL SELECT id, user_id FROM tokens) c JOIN users u ON u.id = c.user_id WHERE c.id IN (`, `?`, `)`)

// Holders implements accounts.SettingStore.
func (db *DB) Holders(ctx context.Context, credentials []string) (map[string]accounts.User, error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	holders := make(map[string]accounts.User, len(credentials))
	err := eachSlug(ctx, db.reader, db.rows, selectHolders.of, credentials, func(scan scanner) error {
		var id string
		var u scannedUser
		err := scan(u.into(&id)...)
		if err == nil {
			holders[id], err = u.user()
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the accounts of %d credentials: %w", len(credentials), err)
	}
	return holders, nil
}
