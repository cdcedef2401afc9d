package chat

import (
	"errors"
	"fmt"
)

// What the chat refuses. The doors turn these into an HTTP status, a frame or
// a close code in one place (handlers/errors.go).
var (
	// ErrNameTaken: a user with this name and another guest key is present.
	ErrNameTaken = errors.New("somebody with this name is here already: choose another name")
	// ErrFull: the server has as many connections as it may have.
	ErrFull = errors.New("this server is full: try again later")
	// ErrAddressFull: one address has as many connections as it may have.
	ErrAddressFull = errors.New("too many connections from your address: close one of them first")
	// ErrStopping: the server is going away or restarting.
	ErrStopping = errors.New("this server is restarting: try again in a moment")
	// ErrTooManyRooms: a message for a new room, and no further room may exist.
	ErrTooManyRooms = errors.New("this server has as many rooms as it may have: use one that exists")
	// ErrNotJoined: only members of a room can speak there.
	ErrNotJoined = errors.New("you are not in this room: join it first")
	// ErrBusy: the drafts under way fill the memory set aside for them.
	ErrBusy = errors.New("this server has too much to store at the moment: try again")
	// ErrNotStored: the store could not keep the message. It was not
	// acknowledged and nobody heard it.
	ErrNotStored = errors.New("the message could not be stored: try again")
)

// Invalid is a value that breaks a rule of the chat.
type Invalid struct {
	Field  string // the field of the form or query: name, age, room, history, text
	Reason string // one sentence for people: what the rule is, and what was found
}

func (e *Invalid) Error() string { return e.Reason }

func invalid(field, format string, args ...any) error {
	return &Invalid{Field: field, Reason: fmt.Sprintf(format, args...)}
}
