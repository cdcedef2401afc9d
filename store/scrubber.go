package store

import (
	"context"
	"slices"
	"sync"
	"time"
)

// scrubber takes deleted texts out of the write-ahead log of an SQLite file: there they would
// stay until the log has grown to its limit and begins again. It truncates the log soon after
// a deletion. A nil *scrubber does nothing.
type scrubber struct {
	db      database
	deleted chan struct{} // something was deleted since the last truncation
	stopped chan struct{} // closed by end
	end     func()
	done    chan struct{}
}

const (
	// scrubInterval is the time between two truncations, for which all writers wait.
	scrubInterval = time.Second
)

// scrubbing: a truncation waits a moment for readers. Then it gives up and is tried again,
// because writers wait for it.
var scrubbing = sqliteMode{pragmas: slices.Concat(pragmas, []string{"busy_timeout(100)"})}

func startScrubber(path string) *scrubber {
	db := newSQLitePool(path, scrubbing, 1)
	s := &scrubber{db: db, deleted: make(chan struct{}, 1), stopped: make(chan struct{}), done: make(chan struct{})}
	s.end = sync.OnceFunc(func() { close(s.stopped) })
	go s.run()
	return s
}

// wake has the log truncated.
func (s *scrubber) wake() {
	if s == nil {
		return
	}
	select {
	case s.deleted <- struct{}{}:
	default:
	}
}

// stop ends the scrubber, also if it has ended. Closing the database removes the log.
func (s *scrubber) stop() error {
	if s == nil {
		return nil
	}
	s.end()
	<-s.done
	return s.db.Close()
}

func (s *scrubber) run() {
	defer close(s.done)
	for {
		select {
		case <-s.deleted:
		case <-s.stopped:
			return
		}
		if !truncateLog(context.Background(), s.db) {
			s.wake()
		}
		select {
		case <-time.After(scrubInterval):
		case <-s.stopped:
			return
		}
	}
}

// truncateLog moves the log into the database and empties it. It reports whether it could:
// others may read the database.
func truncateLog(ctx context.Context, db queryer) bool {
	var busy, pages, moved int
	err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
	return err == nil && busy == 0
}
