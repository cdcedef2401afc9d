package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
)

const (
	// sqliteURL is the scheme of the URL of a data directory.
	sqliteURL = "sqlite://"
	// partialCopy is the prefix of a database's epoch until its copy is complete: no
	// server may run on an incomplete one. The rest is the source's epoch, so that an
	// interrupted copy can continue only from the same source.
	partialCopy = "copy of "
	// transferBatch is how many messages one transaction writes.
	transferBatch = 512
	// transferName identifies a copy's connections in pg_stat_activity.
	transferName = "chatserver migrate-store"
)

// errPartialCopy means that a database holds an unfinished copy.
var errPartialCopy = errors.New("the database holds an unfinished copy: run chatserver migrate-store again, or start with an empty database")

// Transfer copies a whole database into another one, both given by a URL: postgres://… or
// sqlite://DIRECTORY. Every room keeps its rev, every message its seq, rev and id. progress
// is called with the current totals after every batch. An interrupted copy continues
// where it stopped. Transfer refuses a database that a server runs on, and a target with
// other contents. At the end it reads and compares both.
//
// The copy gets its own epoch: somebody could start a server on the source again, and
// then one epoch would stand for two histories. Clients reload, and show the same
// messages.
func Transfer(ctx context.Context, from, to string, progress func(CopyStats)) (copied CopyStats, err error) {
	if from == to {
		return copied, errors.New("source and target are the same database")
	}
	source, err := openEndpoint(ctx, from, true)
	if err != nil {
		return copied, fmt.Errorf("copy from %w", err)
	}
	defer func() { err = errors.Join(err, source.close()) }()
	target, err := openEndpoint(ctx, to, false)
	if err != nil {
		return copied, fmt.Errorf("copy to %w", err)
	}
	defer func() { err = errors.Join(err, target.close()) }()
	t := &transfer{source: source.db, target: target.db, progress: progress}
	if err := t.begin(ctx); err != nil {
		return copied, fmt.Errorf("copy to %s: %w", target.name, err)
	}
	if err := t.copy(ctx); err != nil {
		return copied, fmt.Errorf("copy %s to %s: %w", source.name, target.name, err)
	}
	if copied, err = t.compare(ctx); err != nil {
		return copied, fmt.Errorf("compare %s with %s: %w", source.name, target.name, err)
	}
	if err := t.copyErasures(ctx); err != nil {
		return copied, fmt.Errorf("copy %s to %s: %w", source.name, target.name, err)
	}
	if err := t.copyAccounts(ctx); err != nil {
		return copied, fmt.Errorf("copy %s to %s: %w", source.name, target.name, err)
	}
	if err := t.copySecrets(ctx); err != nil {
		return copied, fmt.Errorf("copy %s to %s: %w", source.name, target.name, err)
	}
	_, err = target.db.writer.ExecContext(ctx, `UPDATE meta SET epoch = $1`, uuid.NewString())
	return copied, err
}

// endpoint is the source or the target of a copy.
type endpoint struct {
	db     *DB
	name   string  // for messages
	folder *Folder // of SQLite; else nil
}

func (e endpoint) close() error {
	err := e.db.Close()
	if e.folder != nil {
		err = errors.Join(err, e.folder.Unlock())
	}
	return err
}

// openEndpoint opens a database that no server runs on.
func openEndpoint(ctx context.Context, database string, mustExist bool) (endpoint, error) {
	path, isFile := strings.CutPrefix(database, sqliteURL)
	switch {
	case isFile:
		return openFileEndpoint(ctx, path, mustExist)
	case isPostgres(database):
		name := withoutSecrets(database)
		settings := maps.Clone(serving)
		settings["application_name"] = transferName
		db, err := openPostgres(ctx, database, Options{allowPartial: true, session: settings})
		if err != nil {
			return endpoint{}, oneLine{err}
		}
		if err := db.refuseServed(ctx); err != nil {
			return endpoint{}, errors.Join(fmt.Errorf("%s: %w", name, err), db.Close())
		}
		return endpoint{db: db, name: name}, nil
	default:
		return endpoint{}, fmt.Errorf("%s: use %sDIRECTORY or postgres://user:password@host:5432/chat", withoutSecrets(database), sqliteURL)
	}
}

// openFileEndpoint opens the database of a data directory. path may also be the database
// file itself.
func openFileEndpoint(ctx context.Context, path string, mustExist bool) (endpoint, error) {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		if filepath.Base(path) != File {
			return endpoint{}, fmt.Errorf("%s: restore it into a directory first, and give that directory", path)
		}
		path = filepath.Dir(path)
	}
	if mustExist && !exists(filepath.Join(path, File)) {
		return endpoint{}, fmt.Errorf("%s: no %s in this directory", path, File)
	}
	folder, err := LockFolder(path)
	if err != nil {
		return endpoint{}, fmt.Errorf("%s: %w", path, err)
	}
	db, err := OpenSQLite(ctx, path, Options{allowPartial: true})
	if err != nil {
		return endpoint{}, errors.Join(err, folder.Unlock())
	}
	return endpoint{db, filepath.Join(path, File), folder}, nil
}

// refuseServed returns an error if servers are connected to a Postgres database. Those of
// other roles may be hidden from ours, so all nodes should use the same role.
func (db *DB) refuseServed(ctx context.Context) error {
	var servers int
	err := db.writer.QueryRowContext(ctx, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1`, applicationName).Scan(&servers)
	if err == nil && servers > 0 {
		err = errors.New("a chatserver is running on it: stop every chatserver that uses it, then try again")
	}
	return err
}
