package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"chatserver/chat"
)

// The erasure list says what was deleted. It is a file beside the database, so that it does
// not go back in time with it: a backup that is restored obeys the list of the present. The
// database has the same lines, from which the file is completed when it is opened.

// erasureList is the name of the file in the data directory.
const erasureList = "erased.jsonl"

// erasure is a line of the list: a deleted message, a purged version of one, or a removed
// room.
type erasure struct {
	Room    string         `json:"room,omitempty"`
	ID      string         `json:"id,omitempty"`
	Version int            `json:"version,omitempty"`
	Deleted *chat.Deletion `json:"deleted,omitempty"` // nil for a version
	Removed string         `json:"removed,omitempty"` // the slugHash of a removed room
	Rev     int64          `json:"rev,omitempty"`     // of the removed room
}

// linesOf returns the lines of what is deleted of a message: one for each room that it was
// in, because an older copy of the database has it there.
func linesOf(m *chat.Message, what erasure) (lines []erasure) {
	rooms := []string{m.Room}
	if m.Moved != nil {
		for _, room := range m.Moved.From {
			if !slices.Contains(rooms, room) {
				rooms = append(rooms, room)
			}
		}
	}
	for _, room := range rooms {
		what.Room, what.ID = room, m.ID
		lines = append(lines, what)
	}
	return lines
}

// erasures appends to the list. A nil *erasures does nothing.
type erasures struct {
	path string

	mu      sync.Mutex
	unsaved []byte // lines that could not be written
	err     error  // why not
	shared  sharedLines
}

// writeErasures stores what a transaction deletes as lines of the list.
func writeErasures(ctx context.Context, tx tx, deleted []erasure) error {
	for _, e := range deleted {
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO erasures (line) VALUES ($1)`, string(line)); err != nil {
			return err
		}
	}
	return nil
}

// add appends what a commit has deleted. If it fails, check says so, and the next call
// writes the lines.
func (l *erasures) add(deleted []erasure) {
	if l == nil || len(deleted) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range deleted {
		line, err := json.Marshal(e)
		if err != nil {
			l.err = err
			return
		}
		l.shared.wrote(string(line))
		l.unsaved = append(append(l.unsaved, line...), '\n')
	}
	l.saveLocked()
}

// saveLocked writes the unsaved lines. The caller holds the lock.
func (l *erasures) saveLocked() {
	if l.err = appendLines(l.path, l.unsaved); l.err == nil {
		l.unsaved = nil
	}
}

// check returns why lines are missing in the file, after another attempt.
func (l *erasures) check() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.unsaved) > 0 {
		l.saveLocked()
	}
	if l.err != nil {
		return fmt.Errorf("the erasure list %s cannot be written, so a restored backup would bring deleted messages back: %w", l.path, l.err)
	}
	return nil
}

// appendLines does not sync: after a power failure, the lines come from the database again.
func appendLines(path string, lines []byte) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(lines)
	return errors.Join(err, file.Close())
}

// readErasures returns the lines of a list. One that does not exist is empty. A last line
// without an end was not written completely; the database has it.
func readErasures(path string) (lines []string, err error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the erasure list: %w", err)
	}
	for line := range strings.Lines(string(content)) {
		line, complete := strings.CutSuffix(line, "\n")
		if !complete {
			break
		}
		if !json.Valid([]byte(line)) {
			return nil, fmt.Errorf("the erasure list %s is damaged: remove the line %.80q", path, line)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// openErasures makes the list and the database agree, and returns the list. If the list has
// lines that the database lacks, the database is an older one, and what the lines name is
// deleted again.
func (db *DB) openErasures(ctx context.Context, folder string) (*erasures, error) {
	list := &erasures{path: filepath.Join(folder, erasureList)}
	listed, err := readErasures(list.path)
	if err != nil {
		return nil, err
	}
	stored, numbers, err := storedErasures(ctx, db.writer)
	if err != nil {
		return nil, fmt.Errorf("read what was deleted: %w", err)
	}
	if _, err := db.erase(ctx, without(listed, stored)); err != nil {
		return nil, fmt.Errorf("delete again what the erasure list %s names: %w", list.path, err)
	}
	if !db.singleWriter() {
		list.shared.begin(numbers)
	}
	for _, line := range without(stored, listed) {
		list.unsaved = append(append(list.unsaved, line...), '\n')
	}
	return list, list.check()
}

// without returns the lines that are not among others.
func without(lines, others []string) (rest []string) {
	among := make(map[string]bool, len(others))
	for _, line := range others {
		among[line] = true
	}
	for _, line := range lines {
		if !among[line] {
			rest = append(rest, line)
		}
	}
	return rest
}

// storedErasures returns the lines of a database, and their numbers.
func storedErasures(ctx context.Context, db queryer) (lines []string, numbers []int64, err error) {
	err = each(ctx, db, `SELECT n, line FROM erasures ORDER BY n`, nil, func(scan scanner) error {
		var n int64
		var line string
		err := scan(&n, &line)
		lines, numbers = append(lines, line), append(numbers, n)
		return err
	})
	return lines, numbers, err
}

// erase deletes what the lines of a list name, as far as the database has it, stores the
// lines, and returns the number of messages that it changed.
func (db *DB) erase(ctx context.Context, lines []string) (changed int64, err error) {
	seen := map[string]bool{} // each message counts once
	for _, line := range lines {
		var e erasure
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return changed, err
		}
		var erased int64
		if e.Removed != "" {
			erased, err = db.removeAgain(ctx, e)
		} else {
			erased, err = db.eraseOne(ctx, e)
		}
		if err == nil {
			_, err = db.writer.ExecContext(ctx, `INSERT INTO erasures (line) VALUES ($1)`, line)
		}
		if err != nil {
			return changed, err
		}
		if key := e.Room + "/" + e.ID + e.Removed; erased > 0 && !seen[key] {
			seen[key] = true
			changed += erased
		}
	}
	return changed, nil
}

// eraseOne deletes a message, or purges a version, and returns the number of changed messages.
func (db *DB) eraseOne(ctx context.Context, e erasure) (erased int64, err error) {
	change, err := db.erasing(ctx, e)
	if err != nil || change == nil {
		return 0, err
	}
	outcomes, err := db.Commit(ctx, []chat.Change{change})
	if err != nil || outcomes[0].Err != nil || outcomes[0].Known {
		return 0, err
	}
	return 1, nil
}

// removeAgain removes a room and returns the number of its messages. A room of the same name
// that was created later has a higher rev, and stays.
func (db *DB) removeAgain(ctx context.Context, e erasure) (messages int64, err error) {
	err = db.inTx(ctx, func(ctx context.Context, tx tx) error {
		if err := db.lockRoomCreation(ctx, tx); err != nil {
			return err
		}
		var found string
		err := each(ctx, tx, `SELECT slug FROM rooms WHERE rev <= $1`, []any{e.Rev}, func(scan scanner) error {
			var slug string
			err := scan(&slug)
			if slugHash(slug) == e.Removed {
				found = slug
			}
			return err
		})
		if err != nil || found == "" {
			return err
		}
		messages, _, err = removeRoom(ctx, tx, found, db.forUpdate)
		return err
	})
	return messages, err
}

// erasing returns the change that a line asks for; nil if the database does not have the
// message, or has it without what was deleted. A purged version may be the present text of an
// older database: the message is then deleted.
func (db *DB) erasing(ctx context.Context, e erasure) (change chat.Change, err error) {
	err = each(ctx, db.writer, `SELECT `+messageColumns+` FROM rooms r JOIN messages m ON m.room_id = r.id WHERE r.slug = $1 AND m.id = $2 AND NOT m.deleted`,
		[]any{e.Room, e.ID}, func(scan scanner) error {
			var scanned scannedMessage
			if err := scan(scanned.into()...); err != nil {
				return err
			}
			m, err := scanned.message(e.Room)
			if err != nil {
				return err
			}
			target := chat.Target{Room: e.Room, Seq: m.Seq, At: time.Now().UTC().Truncate(time.Millisecond)}
			switch {
			case e.Deleted != nil:
				target.At, target.By = e.Deleted.At, chat.Author{ID: e.Deleted.By.ID, Name: e.Deleted.By.Name}
				change = chat.Delete{Target: target, Moderator: true, Reason: e.Deleted.Reason}
			case e.Version <= m.Edits:
				change = chat.Purge{Target: target, Version: e.Version, Moderator: true}
			case e.Version == m.Edits+1:
				target.By = chat.Author{ID: m.AuthorID, Name: m.From}
				change = chat.Delete{Target: target, Moderator: true}
			}
			return nil
		})
	return change, err
}
