package store

import (
	"context"
	"fmt"
	"time"
)

// The nodes of a fleet share a database, and each has an erasure list in its data directory.
// Each adds the lines of the others while it runs: the directory that is left after a disaster
// may be any of theirs.

const (
	// settleTime is after how long no transaction can commit a line with a lower number than
	// those that were read: numbers are given out before the commit.
	settleTime = time.Minute
	// unsettledAtStart is how many of the last lines may have had such a neighbor at the start.
	unsettledAtStart = 10_000
	// maxOwn bounds the lines that a node remembers to have written itself. Without them its
	// list gets a line twice, which does no harm.
	maxOwn = 10_000
)

// sharedLines are the lines of the table that a list has. The list's lock guards it.
type sharedLines struct {
	settled int64              // the list has all lines up to this number
	seen    map[int64]struct{} // those above it that the list has
	highest int64              // the highest number at the time since
	since   time.Time
	own     map[string]struct{} // lines that this node wrote into the list, and has not read yet
}

// CatchUpErasures implements chat.SharedStore.
func (db *DB) CatchUpErasures(ctx context.Context) error {
	if db.erasures == nil {
		return nil
	}
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	l := db.erasures
	l.mu.Lock()
	defer l.mu.Unlock()
	err := each(ctx, db.reader, `SELECT n, line FROM erasures WHERE n > $1 ORDER BY n`, []any{l.shared.settled}, func(scan scanner) error {
		var n int64
		var line string
		err := scan(&n, &line)
		if err == nil && l.shared.isNew(n, line) {
			l.unsaved = append(append(l.unsaved, line...), '\n')
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read what other nodes have deleted: %w", err)
	}
	l.shared.settle()
	if len(l.unsaved) > 0 {
		l.saveLocked()
	}
	return l.err
}

// begin sets the numbers of the lines that a list has, in order.
func (s *sharedLines) begin(numbers []int64) {
	*s = sharedLines{seen: map[int64]struct{}{}, own: map[string]struct{}{}, since: time.Now()}
	recent := numbers[max(0, len(numbers)-unsettledAtStart):]
	if len(recent) < len(numbers) {
		s.settled = recent[0] - 1
	}
	for _, n := range recent {
		s.seen[n], s.highest = struct{}{}, n
	}
}

// wrote notes a line that this node writes into the list.
func (s *sharedLines) wrote(line string) {
	if s.own != nil && len(s.own) < maxOwn {
		s.own[line] = struct{}{}
	}
}

// isNew reports whether the list lacks a line, and notes that it has it from now on.
func (s *sharedLines) isNew(n int64, line string) bool {
	if _, seen := s.seen[n]; seen {
		return false
	}
	s.seen[n] = struct{}{}
	_, own := s.own[line]
	delete(s.own, line)
	return !own
}

// settle forgets the numbers below which nothing can appear any more.
func (s *sharedLines) settle() {
	if time.Since(s.since) < settleTime {
		return
	}
	s.settled, s.since = max(s.settled, s.highest), time.Now()
	for n := range s.seen {
		if s.highest = max(s.highest, n); n <= s.settled {
			delete(s.seen, n)
		}
	}
}
