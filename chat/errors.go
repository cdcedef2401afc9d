package chat

import (
	"errors"
	"fmt"
	"strings"
)

// The errors with which the chat refuses something. handlers/errors.go turns them into HTTP
// statuses and close codes, and chatv1/errors.go into the codes of error events.
var (
	// ErrNameTaken: a user with this name and another guest key is present.
	ErrNameTaken = errors.New("this name is already in use: choose another name")
	// ErrNameCheckFailed: the name registry could not say whether another node has a holder
	// of the name.
	ErrNameCheckFailed = errors.New("could not check whether this name is available: try again")
	// ErrFull: the server has reached its limit of connections.
	ErrFull = errors.New("this server is full: try again later")
	// ErrAddressFull: the address has reached its limit of connections.
	ErrAddressFull = errors.New("too many connections from your address: close one of them first")
	// ErrStopping: the server is stopping or restarting.
	ErrStopping = errors.New("this server is restarting: try again in a moment")
	// ErrTooManyRooms: the message would create a room, and the server has reached its limit
	// of rooms.
	ErrTooManyRooms = errors.New("this server has reached its limit of rooms: use an existing room")
	// ErrTooManyNewRooms: the message would create a room, and its network has reached its
	// limit of new rooms.
	ErrTooManyNewRooms = errors.New("too many new rooms were created from your address: use an existing room, or try again tomorrow")
	// ErrShortOnly: the message has more than ShortText bytes, and the disk is almost full.
	ErrShortOnly = fmt.Errorf("the server's disk is almost full, so it stores only messages of up to %d bytes: shorten this one, or try again later; stored messages are safe", ShortText)
	// ErrNoNewRooms: the message would create a room, and the disk is almost full.
	ErrNoNewRooms = errors.New("the server's disk is almost full, so no new rooms can be created: use an existing room, or try again later; stored messages are safe")
	// ErrTooManyJoined: the connection is in MaxJoined rooms.
	ErrTooManyJoined = fmt.Errorf("a connection can be in at most %d rooms: leave one of them first", MaxJoined)
	// ErrNotJoined: the connection is not in the room of its command.
	ErrNotJoined = errors.New("you are not in this room: join it first")
	// ErrForbidden: the access table does not give the actor this right.
	ErrForbidden = errors.New("you may not do this in this room: ask its operator")
	// ErrScope: the token lacks the scope that this needs.
	ErrScope = errors.New("your token lacks the scope for this: create one with further scopes")
	// ErrAccountName: a guest, or another account, asks for the name of an account.
	ErrAccountName = errors.New("this name belongs to an account: sign in, or choose another name")
	// ErrOtherAccount: an account asks for a name that is not its own.
	ErrOtherAccount = errors.New("this is not the name of your account: use your own name, or sign out first")
	// ErrNoGuests: the server does not let guests in.
	ErrNoGuests = errors.New("this chat is for people with an account: sign in")
	// ErrNoRoom: the room does not exist for the actor, who may not read it.
	ErrNoRoom = errors.New("there is no such room: check its address")
	// ErrEmpty: the message consists of white space.
	ErrEmpty = errors.New("a message must contain some text")
	// ErrIDConflict: another author already used the id in this room.
	ErrIDConflict = errors.New("another user already used this id in this room: send the message with a new id")
	// ErrConflict: the text was edited after the rev that the Edit names. Outcome.Message is the
	// message as it is.
	ErrConflict = errors.New("the message was edited in the meantime: look at its present text, then edit it again")
	// ErrNotAuthor: another user wrote the message.
	ErrNotAuthor = errors.New("another user wrote this message: only its author can change it")
	// ErrNoMessage: the room has no message with the seq, or the message no version with the
	// number.
	ErrNoMessage = errors.New("there is no such message in this room: check its number")
	// ErrGone: the message is deleted.
	ErrGone = errors.New("this message was deleted: nothing about it can change any more")
	// ErrMoved: the message was moved to another room.
	ErrMoved = errors.New("this message was moved to another room: its permalink leads there, if you may read that room")
	// ErrTooManyMoved: with the replies of their threads, the messages are more than MaxMoved.
	ErrTooManyMoved = fmt.Errorf("with the replies of their threads, these are more than %d messages: move fewer at a time", MaxMoved)
	// ErrMoveConflict: the other room has another message with the id of one of them.
	ErrMoveConflict = errors.New("the other room already has another message with the id of one of these: they stay where they are")
	// ErrNestedThread: the message is itself a reply in a thread.
	ErrNestedThread = errors.New("this message is a reply in a thread: reply in that thread")
	// ErrTooManyEmoji: the message has MaxEmoji different emoji already.
	ErrTooManyEmoji = fmt.Errorf("a message can have at most %d different emoji: use one of those", MaxEmoji)
	// ErrTooManyReactions: the message has MaxReactions reactions already.
	ErrTooManyReactions = fmt.Errorf("a message can have at most %d reactions", MaxReactions)
	// ErrBusy: the pending changes fill the memory reserved for them, or too many requests of
	// one payer wait.
	ErrBusy = errors.New("this server is busy: try again in a moment")
	// ErrNotStored: the store could not save the message, which was not acknowledged.
	ErrNotStored = errors.New("the message could not be stored: try again")
	// ErrData: a batch contains data that the store can never save. Stores return it; the
	// recorder then finds out which change is to blame.
	ErrData = errors.New("the store rejects this data")
)

// LockTimeout is the error of a batch for which some rooms stayed locked by another transaction.
// Stores return it after their lock timeout. The recorder then refuses the changes for these
// rooms and stores the others.
type LockTimeout struct {
	Rooms []string // at least one room of the batch
	Err   error    // the database's error
}

func (e *LockTimeout) Error() string {
	return fmt.Sprintf("rooms locked by another transaction: %s: %v", strings.Join(e.Rooms, ", "), e.Err)
}

func (e *LockTimeout) Unwrap() error { return e.Err }

// Invalid is a value that breaks a rule of the chat. Its message is kept as a format and
// arguments, so that handlers can translate it.
type Invalid struct {
	Field  string // the field of the form, query or command: name, age, room, history, id, text …
	Format string // one English sentence for people that states the rule and what was found
	Args   []any
}

func (e *Invalid) Error() string { return fmt.Sprintf(e.Format, e.Args...) }

func invalid(field, format string, args ...any) error {
	return &Invalid{Field: field, Format: format, Args: args}
}

// TooLong is a message that exceeds the limit; both values are in bytes.
type TooLong struct{ Limit, Size int }

func (e *TooLong) Error() string {
	return fmt.Sprintf("A message has at most %d bytes; this one has %d.", e.Limit, e.Size)
}

// NameTooSimilar is an ErrNameTaken for a name that only looks like a name in use.
type NameTooSimilar struct{ Name string } // the name in use

// FormatTooSimilar is the message format of a NameTooSimilar.
const FormatTooSimilar = "This name is too similar to %s: choose another name."

func (e *NameTooSimilar) Error() string { return fmt.Sprintf(FormatTooSimilar, e.Name) }

// Unwrap returns ErrNameTaken.
func (*NameTooSimilar) Unwrap() error { return ErrNameTaken }

// NameKept is an ErrNameTaken for a name whose holder lost its connection less than KeepName
// ago.
type NameKept struct{ Name string } // the holder's name, which may differ from the refused one and only look like it

// FormatNameKept is the message format of a NameKept.
const FormatNameKept = "The name %s is reserved for a user whose connection was lost: choose another name, or try again in a minute."

func (e *NameKept) Error() string { return fmt.Sprintf(FormatNameKept, e.Name) }

// Unwrap returns ErrNameTaken.
func (*NameKept) Unwrap() error { return ErrNameTaken }

// ShortText is the size limit in bytes of messages while the disk is almost full: enough for
// people to talk about the problem, and small enough that the remaining space lasts.
const ShortText = 1000

// MaxJoined is the number of rooms that one connection can join.
const MaxJoined = 100

// MaxEmoji is the number of different emoji with which users can react to one message.
const MaxEmoji = 50

// MaxReactions is the number of reactions to one message, of all users together: they are
// part of each of its events.
const MaxReactions = 1000

// MaxMoveSeqs is the number of messages that one Move names, and MaxMoved the number that it
// moves, with the replies of their threads.
const (
	MaxMoveSeqs = 100
	MaxMoved    = 1000
)
