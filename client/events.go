package client

import "time"

// Event is one of Connected, Disconnected, Joined, Message, Reached, Reset, Presence,
// Typing and Failed. Later versions may have more: ignore those that you do not know.
type Event interface{ event() }

// Connected says that a connection was accepted. Rooms are joined again after it.
type Connected struct {
	User   User
	Limits Limits
}

// Disconnected says that a connection ended, or that none could be opened: Err is a
// *CloseError, a *RefusedError or an error of the network. The next attempt follows after
// Wait.
type Disconnected struct {
	Err  error
	Wait time.Duration
}

// Joined says that a room is live: everything up to here was delivered, and what is sent
// there from now on follows. It comes again after each new
// connection, and when the reader of Events had fallen behind. Members has the
// first 256; Online is the number of all.
type Joined struct {
	Room    string
	Title   string
	Members []User
	Online  int
}

// Position is how far somebody has read in a room: everything up to Rev, of the history
// that Epoch names.
type Position struct {
	Epoch string
	Rev   int64
}

// Reached says that every message of a room up to a position was delivered. A program
// that must not see a message twice, even after it was started again, stores the position
// with what it made of the messages, and begins with JoinFrom.
type Reached struct {
	Room     string
	Position Position
}

// Reset says that the server's history of a room is another one than what was delivered: a
// backup was restored, or the room was removed. Forget the room's messages; the newest
// ones follow.
type Reset struct{ Room string }

// Presence says who is in a room. With Members it is the whole list; otherwise add Joined
// and remove Left. With none of the three the room is too large for names, and only the
// number is known.
type Presence struct {
	Room    string
	Members []User
	Joined  []User
	Left    []User
	Online  int
}

// Typing says that somebody is writing. It holds for 6 seconds, or until that user's next
// message.
type Typing struct{ Room, From string }

// Failed says that the server refused a command that no call waits for: a join.
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
