package store

import (
	"errors"
	"time"
)

// dialect is what differs between the databases, apart from how one is opened and
// migrated. The SQL text is the same for both.
type dialect struct {
	// forUpdate is appended to a SELECT of rows that the transaction will change, so that
	// other transactions that want to change them wait. It is empty if a write
	// transaction locks the whole database when it begins.
	forUpdate string
	// rows is the maximum number of rows per statement, a power of two. One statement per
	// row would cost more than the commit that they share.
	rows int
	// classify wraps an error as a chat.ErrData or an errLocked if it is one.
	classify func(error) error
	// timeout bounds a transaction and the reading of a page, so that nobody waits for a
	// server that does not answer; 0 = no bound.
	timeout time.Duration
	// writable is a query whose result is true if the database accepts writes; empty if
	// beginning a transaction already shows that.
	writable string
}

// singleWriter reports whether a write transaction excludes all others.
func (d dialect) singleWriter() bool { return d.forUpdate == "" }

// errLocked means that a lock was not acquired in time.
var errLocked = errors.New("locked by another transaction")
