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
	// sqliteURL begins the URL of a data folder, where a database is named by a URL.
	sqliteURL = "sqlite://"
	// partialCopy begins the epoch of a database that is being filled, until all of it is
	// there: nobody is to be served from half of it. The rest is the epoch of the source,
	// so that a copy that was interrupted goes on only from there.
	partialCopy = "copy of "
	// transferBatch is how many messages are written by one transaction.
	transferBatch = 512
	// transferName is what a server's list of sessions calls those of a copy.
	transferName = "chatserver migrate-store"
)

// errPartialCopy is of a database that holds half a copy.
var errPartialCopy = errors.New("it holds a copy that was not finished: run chatserver migrate-store again, or start with an empty one")

// Transfer copies all that a database holds into another one, both given by a URL:
// postgres://… or sqlite://FOLDER. Every room keeps its rev, every message its seq, rev
// and id. progress is called with how much is there, after every batch. A copy that was
// interrupted goes on where it was. A database that a server runs on is refused, and a
// target that holds something else. In the end both are read and compared.
//
// The copy has an epoch of its own: nothing keeps somebody from starting a server on
// the source once more, and then one epoch would be of two pasts. Pages start afresh,
// and show the same.
func Transfer(ctx context.Context, from, to string, progress func(CopyStats)) (copied CopyStats, err error) {
	if from == to {
		return copied, errors.New("the two databases are one: name another one to copy to")
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
	if err := t.copySecrets(ctx); err != nil {
		return copied, fmt.Errorf("copy %s to %s: %w", source.name, target.name, err)
	}
	_, err = target.db.writer.ExecContext(ctx, `UPDATE meta SET epoch = $1`, uuid.NewString())
	return copied, err
}

// endpoint is one of the two databases of a copy.
type endpoint struct {
	db     *DB
	name   string  // for people
	folder *Folder // of SQLite
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
		return endpoint{}, fmt.Errorf("%s: write %sFOLDER or postgres://user:password@host:5432/chat", withoutSecrets(database), sqliteURL)
	}
}

// openFileEndpoint opens the database of a data folder, which may also be named by its
// file.
func openFileEndpoint(ctx context.Context, path string, mustExist bool) (endpoint, error) {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		if filepath.Base(path) != File {
			return endpoint{}, fmt.Errorf("%s: restore it into a folder first, and name the folder", path)
		}
		path = filepath.Dir(path)
	}
	if mustExist && !exists(filepath.Join(path, File)) {
		return endpoint{}, fmt.Errorf("%s: there is no %s in this folder", path, File)
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

// refuseServed reports the servers that are connected to a Postgres database. Those of
// other roles may be hidden from ours: so all nodes are to have one role.
func (db *DB) refuseServed(ctx context.Context) error {
	var servers int
	err := db.writer.QueryRowContext(ctx, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1`, applicationName).Scan(&servers)
	if err == nil && servers > 0 {
		err = errors.New("a chatserver is running on it: stop all of them first")
	}
	return err
}
