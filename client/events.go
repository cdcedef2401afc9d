package client

import "time"

// Event is one of Connected, Disconnected, Joined, Message, Reached, Reset, Presence,
// Typing and Failed. Later versions may add more: ignore unknown ones.
type Event interface{ event() }

// Connected reports an accepted connection. The client then joins its rooms again.
type Connected struct {
	User   User
	Limits Limits
}

// Disconnected reports that a connection ended or could not be opened. Err is a
// *CloseError, a *RefusedError or a network error. The next attempt follows after Wait.
type Disconnected struct {
	Err  error
	Wait time.Duration
}

// Joined reports that a room is live: everything so far was delivered, and new messages
// follow. It is sent again after each reconnection, and after the reader of Events had
// fallen behind. Members has the first 256 users; Online is the number of all.
type Joined struct {
	Room    string
	Title   string
	Members []User
	Online  int
}

// Position is a place in a room's history: everything up to Rev, in the history that
// Epoch identifies.
type Position struct {
	Epoch string
	Rev   int64
}

// Reached reports that every message of a room up to a position was delivered. A program
// that must not process a message twice, even across restarts, stores the position
// together with its results, and continues with JoinFrom.
type Reached struct {
	Room     string
	Position Position
}

// Reset reports that the server's history of a room is no longer the one that was
// delivered: a backup was restored, or the room was removed. Discard the room's
// messages; the newest ones follow.
type Reset struct{ Room string }

// Presence reports who is in a room. With Members it is the complete list; otherwise add
// Joined and remove Left. If all three are empty, the room is too large for names, and
// only the number is known.
type Presence struct {
	Room    string
	Members []User
	Joined  []User
	Left    []User
	Online  int
}

// Typing reports that a user is typing. It holds for 6 seconds, or until that user's
// next message.
type Typing struct{ Room, From string }

// Failed reports that the server refused a join, which no call waits for.
type Failed struct{ Err *CommandError }

func (Connected) event()    {}
func (Disconnected) event() {}
func (Joined) event()       {}
func (Message) event()      {}
func (Reached) event()      {}
func (Reset) event()        {}
func (Presence) event()     {}
func (Typing) event()       {}
func (Failed) event()       {}
