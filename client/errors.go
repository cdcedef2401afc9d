package client

import (
	"errors"
	"fmt"
	"time"
)

// CloseCode is the code of a close frame (RFC 6455, section 7.4).
type CloseCode int

// The close codes that the server uses.
const (
	CloseNormal    CloseCode = 1000 // the client disconnected
	CloseGoingAway CloseCode = 1001 // the server stops, or its history changed
	CloseProtocol  CloseCode = 1002 // the client's frames violate RFC 6455
	CloseBinary    CloseCode = 1003 // the client sent a binary frame
	CloseNotUTF8   CloseCode = 1007
	ClosePolicy    CloseCode = 1008
	CloseTooBig    CloseCode = 1009
	CloseInternal  CloseCode = 1011
	CloseTryLater  CloseCode = 1013 // the client was too slow or silent, or the server became full
)

// Reconnects reports whether a client may reconnect after this code. The other codes
// mean that the program has an error, and would be closed again.
func (c CloseCode) Reconnects() bool {
	switch c {
	case CloseProtocol, CloseBinary, CloseNotUTF8, ClosePolicy, CloseTooBig:
		return false
	}
	return true
}

// CloseError reports that the server closed the connection.
type CloseError struct {
	Code   CloseCode
	Reason string
}

func (e *CloseError) Error() string {
	return fmt.Sprintf("the server closed the connection with %d: %s", e.Code, e.Reason)
}

// RefusedError reports that the server refused the handshake with an HTTP status.
type RefusedError struct {
	Status     int           // HTTP status code
	Reason     string        // a sentence
	RetryAfter time.Duration // 0 if the server gave none
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the server refused the connection with %d: %s", e.Status, e.Reason)
}

// forGood reports whether the same handshake can never succeed. A taken name (409) may
// be held by this client's own lost connection, which the server has not noticed yet.
func (e *RefusedError) forGood(connected bool) bool {
	return e.Status >= 400 && e.Status < 500 && e.Status != 429 && (e.Status != 409 || !connected)
}

// CommandError reports that the server refused a command. Code is one of those in
// docs/protocol.md.
type CommandError struct {
	Cmd, Room, ID string
	Seq           int64 // of the message that the command is about; 0 for none
	Code          string
	Detail        string // more about the code; mostly empty
	Sentence      string // for people
	RetryAfter    time.Duration
	Current       *Message // of conflict: the message as it is
}

func (e *CommandError) Error() string { return fmt.Sprintf("%s: %s (%s)", e.Cmd, e.Sentence, e.Code) }

// passes reports whether the same command may succeed later.
func (e *CommandError) passes() bool {
	switch e.Code {
	case "not_stored":
		return e.Detail == "" // otherwise only a shorter message, or one in another room, could be stored
	case "busy", "slow_down", "internal":
		return true
	}
	return false
}

var (
	// ErrNotJoined is returned by Send for a room that was not joined.
	ErrNotJoined = errors.New("the room was not joined")
	// ErrNotUTF8 is returned by Send for a text that the protocol cannot carry.
	ErrNotUTF8 = errors.New("the text is not valid UTF-8")
	// ErrEnded is returned by Send once Run has returned.
	ErrEnded = errors.New("the client has ended")
	// ErrRunning is returned by a second Run.
	ErrRunning = errors.New("the client was run before")
)
