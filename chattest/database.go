package chattest

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"chatserver/chat"
	"chatserver/commands"
)

// file is the name of the SQLite file in the data directory.
const file = "chat.db"

// database opens a second handle on the server's database, as another process would. On
// SQLite, an immediate transaction waits for its turn.
func (w *World) database() *sql.DB {
	w.t.Helper()
	driver, name := "sqlite", "file:"+filepath.Join(w.Data(), file)+"?_pragma=busy_timeout(20000)&_txlock=immediate"
	if w.config.Database != "" {
		driver, name = "pgx", w.config.Database
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		w.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// Stored reads all messages of a room directly from the database, ordered by seq.
func (w *World) Stored(room string) []chat.Message {
	w.t.Helper()
	db := w.database()
	defer db.Close()
	rows, err := db.Query(`SELECT m.seq, m.rev, m.id, m.author_id, m.author_name, m.text, m.created_at, m.thread, m.reply_to, m.state
		FROM messages m JOIN rooms r ON r.id = m.room_id WHERE r.slug = $1 ORDER BY m.seq`, room)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var stored []chat.Message
	for rows.Next() {
		m, at, state := chat.Message{Room: room}, int64(0), ""
		if err := rows.Scan(&m.Seq, &m.Rev, &m.ID, &m.AuthorID, &m.From, &m.Text, &at, &m.Thread, &m.ReplyTo, &state); err != nil {
			w.t.Fatal(err)
		}
		if state != "" {
			if err := json.Unmarshal([]byte(state), &m.State); err != nil {
				w.t.Fatal(err)
			}
		}
		m.At = time.UnixMilli(at).UTC()
		stored = append(stored, m)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return stored
}

// ChangesAuthor changes a stored message's author without notifying the server, to one that
// an earlier version may have stored.
func (w *World) ChangesAuthor(message, authorID string) {
	w.t.Helper()
	db := w.database()
	defer db.Close()
	for _, statement := range []string{
		`UPDATE messages SET author_id = $1 WHERE id = $2`,
		`INSERT INTO former_authors (author_id, room_id) SELECT $1, room_id FROM messages WHERE id = $2`,
	} {
		if _, err := db.Exec(statement, authorID, message); err != nil {
			w.t.Fatal(err)
		}
	}
}

// ExpiresNodeOf expires the node of a name's holder until its next heartbeat.
func (w *World) ExpiresNodeOf(name string) {
	w.t.Helper()
	db := w.database()
	defer db.Close()
	if _, err := db.Exec(`UPDATE nodes SET seen_at = seen_at - interval '71 seconds' FROM names WHERE name = $1 AND id = ANY (names.nodes)`, name); err != nil {
		w.t.Fatal(err)
	}
}

// ReservedNames returns the number of names that a fleet's database reserves.
func (w *World) ReservedNames() (count int) {
	w.t.Helper()
	db := w.database()
	defer db.Close()
	if err := db.QueryRow(`SELECT count(*) FROM names WHERE kept_until > now()`).Scan(&count); err != nil {
		w.t.Fatal(err)
	}
	return count
}

// ExpiresReservedNames expires all reserved names in a fleet's database.
func (w *World) ExpiresReservedNames() {
	w.t.Helper()
	db := w.database()
	defer db.Close()
	if _, err := db.Exec(`UPDATE names SET kept_until = kept_until - interval '61 seconds'`); err != nil {
		w.t.Fatal(err)
	}
}

// ChangesBehindTheBack changes a stored message in the database as another node would,
// at the room's next rev and without notifying this server. It returns the rev.
func (w *World) ChangesBehindTheBack(room string, seq int64, text string) (rev int64) {
	w.t.Helper()
	db := w.database()
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		w.t.Fatal(err)
	}
	err = tx.QueryRow(`UPDATE rooms SET rev = rev + 1 WHERE slug = $1 RETURNING rev`, room).Scan(&rev)
	var result sql.Result
	if err == nil {
		result, err = tx.Exec(`UPDATE messages SET rev = $1, text = $2, html = '', html_version = 0
			WHERE seq = $3 AND room_id = (SELECT id FROM rooms WHERE slug = $4)`, rev, text, seq, room)
	}
	if err = errors.Join(err, tx.Commit()); err != nil {
		w.t.Fatalf("change %s/%d: %v", room, seq, err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		w.t.Fatalf("there is no message %d in %s: %d rows, %v", seq, room, n, err)
	}
	return rev
}

// MovesMessages moves messages to another room, as the operator does on the command line beside
// the running server.
func (w *World) MovesMessages(from, to string, seqs ...int64) (places []int64) {
	w.t.Helper()
	args := []string{"messages", "move", from, "--to", to, "--data", w.Data()}
	if w.config.Database != "" {
		args = append(args, "--database", w.config.Database)
	}
	for _, seq := range seqs {
		args = append(args, strconv.FormatInt(seq, 10))
	}
	var out strings.Builder
	if code := commands.Main(args, nil, &out, &out); code != 0 {
		w.t.Fatalf("%v ends with %d: %s", args, code, out.String())
	}
	for path := range strings.Lines(out.String()) {
		seq, err := strconv.ParseInt(strings.TrimSpace(path[strings.LastIndex(path, "/")+1:]), 10, 64)
		if err != nil {
			w.t.Fatal(err)
		}
		places = append(places, seq)
	}
	return places
}

// LocksTheDatabase takes the write lock, as another process would, until release is
// called.
func (w *World) LocksTheDatabase() (release func()) {
	w.t.Helper()
	db := w.database()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return func() {
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			w.t.Error(err)
		}
	}
}

// CopiesTheDatabase returns the database file as a clean stop left it.
func (w *World) CopiesTheDatabase() []byte {
	w.t.Helper()
	content, err := os.ReadFile(filepath.Join(w.Data(), file))
	if err != nil {
		w.t.Fatal(err)
	}
	return content
}

// PutsBack replaces the database file with a copy, as an administrator would by hand.
// The server must be stopped.
func (w *World) PutsBack(content []byte) {
	w.t.Helper()
	path := filepath.Join(w.Data(), file)
	for _, log := range []string{path + "-wal", path + "-shm"} {
		if err := os.Remove(log); err != nil && !errors.Is(err, os.ErrNotExist) {
			w.t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// Operator runs a command on the server's database and returns what it prints. The command
// must succeed.
func (w *World) Operator(args ...string) string {
	w.t.Helper()
	args = append(args, "--data", w.config.Data)
	if w.config.Database != "" {
		args = append(args, "--database", w.config.Database)
	}
	var out, failed bytes.Buffer
	if code := commands.Main(args, nil, &out, &failed); code != 0 {
		w.t.Fatalf("chatserver %v ends with %d: %s", args, code, failed.String())
	}
	return out.String()
}
