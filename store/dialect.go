package store

import (
	"errors"
	"time"
)

// dialect is what differs between the databases, beside how one is opened and
// migrated. What they are asked is the same text for both.
type dialect struct {
	// forUpdate ends a statement that reads rows which the transaction will change:
	// whoever else wants to change them waits. Empty if a transaction that writes has
	// the whole database to itself from its begin.
	forUpdate string
	// rows is how many rows one statement takes, a power of two. A statement a row would
	// cost more than the commit that they share.
	rows int
	// classify marks an error as a chat.ErrData, or as an errHeld, if it is one.
	classify func(error) error
	// timeout bounds a transaction and the reading of a page, so that nobody waits for
	// a server that does not answer; 0 = no bound.
	timeout time.Duration
	// writable reads a row that is true if the database can be written; empty if the
	// begin of a transaction finds out.
	writable string
}

// singleWriter reports whether a transaction that writes is the only one.
func (d dialect) singleWriter() bool { return d.forUpdate == "" }

// errLocked is of a lock that was not got in time.
var errLocked = errors.New("held by somebody else")
