package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"zombiezen.com/go/sqlite"
)

// An SQLite file is read once from beginning to end when it is opened, because SQLite notices
// a damaged page only when somebody reads it (ADR 46). A large file is served meanwhile, unless
// there is reason to doubt it.

const (
	// checkFirstBytes is the size up to which a file is always checked before it is served,
	// which takes less than a tenth of a second.
	checkFirstBytes = 32 << 20
	// damageNote is appended to the path of a database that was found to be damaged: the next
	// start checks it before it serves it.
	damageNote = ".damaged"
)

// doubtful reports whether to check a file before it is served: the last server did not end
// cleanly, which leaves a log, or found damage; or the check takes no time.
func doubtful(path string) bool {
	info, err := os.Stat(path)
	return err != nil || info.Size() <= checkFirstBytes || exists(path+"-wal") || exists(path+damageNote)
}

// checkFile reads the whole file once and refuses it if SQLite finds damage. A reader
// does it, because the writer would keep the pages in its larger cache.
func checkFile(ctx context.Context, path string, db queryer) error {
	if err := findDamage(ctx, path, db, `PRAGMA quick_check(1)`); err != nil {
		return fmt.Errorf("%w; the file was not changed", err)
	}
	if err := os.Remove(path + damageNote); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot write to the data directory: %w", err)
	}
	return nil
}

// checkSchema refuses a file whose beginning SQLite cannot read.
func checkSchema(ctx context.Context, path string, db queryer) error {
	if err := findDamage(ctx, path, db, `SELECT 'ok' FROM sqlite_schema LIMIT 1`); err != nil {
		return fmt.Errorf("%w; the file was not changed", err)
	}
	return nil
}

// findDamage returns why a file must not be served; nil if the query returns ok.
func findDamage(ctx context.Context, path string, db queryer, query string) error {
	var result string
	err := db.QueryRowContext(ctx, query).Scan(&result)
	if err == nil && result == "ok" {
		return nil
	}
	if err != nil {
		result = err.Error()
	}
	result = strings.Join(strings.Fields(result), " ") // SQLite's message has several lines
	return &damage{fmt.Sprintf("%s is damaged (%s): restore a backup", path, result), err}
}

// damage is why a file must not be served.
type damage struct {
	text  string
	cause error // nil if SQLite has read the file and found it damaged
}

func (d *damage) Error() string { return d.text }
func (d *damage) Unwrap() error { return d.cause }

// fileCheck is the check of a file that is being served. A nil *fileCheck is none.
type fileCheck struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// startCheck checks a file, and calls damaged if it must not be served any longer.
func startCheck(path string, damaged func(error)) *fileCheck {
	ctx, cancel := context.WithCancel(context.Background())
	c := &fileCheck{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		db := newSQLitePool(path, reading, 1)
		err := findDamage(ctx, path, db, `PRAGMA quick_check(1)`)
		_ = db.Close() // it has only read
		switch {
		case err == nil || ctx.Err() != nil:
		case readDamage(err):
			damaged(err)
		default: // too little memory, or too many open files: the next start checks first
			_ = note(path, err)
		}
	}()
	return c
}

// readDamage reports whether SQLite has read damage, and not only failed to read.
func readDamage(err error) bool {
	switch sqlite.ErrCode(errors.Unwrap(err)).ToPrimary() {
	case sqlite.ResultOK, sqlite.ResultCorrupt, sqlite.ResultNotADB:
		return true
	}
	return false
}

// note makes the next start check a file before it serves it.
func note(path string, err error) error {
	return os.WriteFile(path+damageNote, []byte(err.Error()+"\n"), 0o600)
}

// stop ends the check, and waits for that.
func (c *fileCheck) stop() {
	if c != nil {
		c.cancel()
		<-c.done
	}
}

// refuseDamaged makes every further use of the database fail.
func (db *DB) refuseDamaged(path string, err error) {
	err = errors.Join(err, note(path, err)) // nil if that succeeds
	db.damage.Store(&err)
	for _, pool := range []database{db.writer, db.reader} {
		if pool, is := pool.(*sqlitePool); is {
			pool.refused.Store(&err)
		}
	}
}

// Damage returns what is wrong with the database since the check of its file has found damage:
// then everything else fails. It is nil otherwise.
func (db *DB) Damage() error {
	if err := db.damage.Load(); err != nil {
		return *err
	}
	return nil
}
