package chat

import (
	"errors"
	"fmt"
	"strings"
)

// ShortText is how many bytes a message may have that is stored while the disk is almost
// full: enough for people to talk about it, and little enough that the space left lasts.
const ShortText = 1000

// What the chat refuses. The doors turn these into an HTTP status, a frame or
// a close code in one place (handlers/errors.go).
var (
	// ErrNameTaken: a user with this name and another guest key is present.
	ErrNameTaken = errors.New("this name is already in use: choose another name")
	// ErrNameCheckFailed: the other nodes cannot be asked whether somebody there bears the name.
	ErrNameCheckFailed = errors.New("could not check whether this name is available: try again")
	// ErrFull: the server has as many connections as it may have.
	ErrFull = errors.New("this server is full: try again later")
	// ErrAddressFull: one address has as many connections as it may have.
	ErrAddressFull = errors.New("too many connections from your address: close one of them first")
	// ErrStopping: the server is going away or restarting.
	ErrStopping = errors.New("this server is restarting: try again in a moment")
	// ErrTooManyRooms: a message for a new room, and no further room may exist.
	ErrTooManyRooms = errors.New("this server has reached its limit of rooms: use an existing room")
	// ErrTooManyNewRooms: a message for a new room, from a network that has made as many
	// as it may.
	ErrTooManyNewRooms = errors.New("too many new rooms were created from your address: use an existing room, or try again tomorrow")
	// ErrShortOnly: a message of more than ShortText bytes, and the disk is almost full.
	ErrShortOnly = fmt.Errorf("the server's disk is almost full, so it stores only messages of up to %d bytes: shorten this one, or try again later; stored messages are safe", ShortText)
	// ErrNoNewRooms: a message for a new room, and the disk is almost full.
	ErrNoNewRooms = errors.New("the server's disk is almost full, so no new rooms can be created: use an existing room, or try again later; stored messages are safe")
	// ErrTooManyJoined: a connection is in MaxJoined rooms.
	ErrTooManyJoined = fmt.Errorf("a connection can be in at most %d rooms: leave one of them first", MaxJoined)
	// ErrNotJoined: only members of a room can speak there.
	ErrNotJoined = errors.New("you are not in this room: join it first")
	// ErrEmpty: a message of nothing but blanks.
	ErrEmpty = errors.New("a message must contain some text")
	// ErrIDConflict: another author used the id in this room.
	ErrIDConflict = errors.New("another user already used this id in this room: send the message with a new id")
	// ErrBusy: the drafts under way fill the memory set aside for them.
	ErrBusy = errors.New("this server is busy: try again in a moment")
	// ErrNotStored: the store could not keep the message. It was not
	// acknowledged.
	ErrNotStored = errors.New("the message could not be stored: try again")
	// ErrData: a batch that the store can never keep as it is. Stores return it;
	// the recorder then finds out which draft it is.
	ErrData = errors.New("the store rejects this data")
)

// Locked is a batch of which somebody else has some rooms for themselves and does not
// go on. Stores return it in time; the recorder then refuses what was said in these
// rooms, and stores the rest.
type Locked struct {
	Rooms []string // at least one of the batch
	Err   error    // what the store was told
}

func (e *Locked) Error() string {
	return fmt.Sprintf("rooms locked by another transaction: %s: %v", strings.Join(e.Rooms, ", "), e.Err)
}

func (e *Locked) Unwrap() error { return e.Err }

// Invalid is a value that breaks a rule of the chat. What it says is a format and
// its values, so that a door can say it in another language.
type Invalid struct {
	Field  string // the field of the form, query or command: name, age, room, history, id, text …
	Format string // of one sentence for people, in English: what the rule is, and what was found
	Args   []any
}

func (e *Invalid) Error() string { return fmt.Sprintf(e.Format, e.Args...) }

func invalid(field, format string, args ...any) error {
	return &Invalid{Field: field, Format: format, Args: args}
}

// TooLong is a message of more bytes than one may have.
type TooLong struct{ Limit, Size int }

func (e *TooLong) Error() string {
	return fmt.Sprintf("A message has at most %d bytes; this one has %d.", e.Limit, e.Size)
}

// NameTooSimilar is an ErrNameTaken of a name that is another's only to the eye.
type NameTooSimilar struct{ Name string } // whose it is like

// FormatTooSimilar is the sentence of a NameTooSimilar.
const FormatTooSimilar = "This name is too similar to %s: choose another name."

func (e *NameTooSimilar) Error() string { return fmt.Sprintf(FormatTooSimilar, e.Name) }

// Unwrap makes it an ErrNameTaken.
func (*NameTooSimilar) Unwrap() error { return ErrNameTaken }

// NameKept is an ErrNameTaken of a name whose holder is not here: the connection was cut
// less than KeepName ago.
type NameKept struct{ Name string } // the holder's, which may only look like the one refused

// FormatNameKept is the sentence of a NameKept.
const FormatNameKept = "The name %s is reserved for a user whose connection was lost: choose another name, or try again in a minute."

func (e *NameKept) Error() string { return fmt.Sprintf(FormatNameKept, e.Name) }

// Unwrap makes it an ErrNameTaken.
func (*NameKept) Unwrap() error { return ErrNameTaken }
