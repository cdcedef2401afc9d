package chatv1

import (
	"encoding/json"
	"errors"
	"math"
	"time"

	"chatserver/chat"
)

// The codes of Error, a closed list. docs/protocol.md says what a client does about each.
const (
	codeBadCommand     = "bad_command"
	codeUnknownCommand = "unknown_command"
	codeInvalid        = "invalid"
	codeEmpty          = "empty"
	codeTooLong        = "too_long"
	codeNotJoined      = "not_joined"
	codeIDConflict     = "id_conflict"
	codeTooManyRooms   = "too_many_rooms"
	codeConflict       = "conflict"
	codeForbidden      = "forbidden"
	codeNotFound       = "not_found"
	codeGone           = "gone"
	codeNotStored      = "not_stored"
	codeBusy           = "busy"
	codeSlowDown       = "slow_down"
	// CodeInternal is the code of every error that has no other: the server logs it.
	CodeInternal = "internal"
)

// codes maps the errors of the chat that have no type of their own to codes.
var codes = []struct {
	err  error
	code string
}{
	{chat.ErrEmpty, codeEmpty},
	{chat.ErrNotJoined, codeNotJoined},
	{chat.ErrIDConflict, codeIDConflict},
	{chat.ErrConflict, codeConflict},
	{chat.ErrForbidden, codeForbidden},
	{chat.ErrScope, codeForbidden},
	{chat.ErrNotAuthor, codeForbidden},
	{chat.ErrNoRoom, codeNotFound},
	{chat.ErrNoMessage, codeNotFound},
	{chat.ErrGone, codeGone},
	{chat.ErrMoved, codeGone},
	{chat.ErrTooManyMoved, codeInvalid},
	{chat.ErrMoveConflict, codeIDConflict},
	{chat.ErrNestedThread, codeInvalid},
	{chat.ErrTooManyEmoji, codeInvalid},
	{chat.ErrTooManyReactions, codeInvalid},
	{chat.ErrTooManyRooms, codeTooManyRooms},
	{chat.ErrTooManyNewRooms, codeTooManyRooms},
	{chat.ErrTooManyJoined, codeTooManyRooms},
	{chat.ErrNotStored, codeNotStored},
	{chat.ErrShortOnly, codeNotStored},
	{chat.ErrNoNewRooms, codeNotStored},
	{chat.ErrBusy, codeBusy},
}

// messageInternal is the message of CodeInternal, which reveals nothing about the error.
const messageInternal = "Something went wrong. Try again in a moment."

// codeFor maps an error to the code and the message of an Error; it is the only place that
// does.
func codeFor(err error) (code, message string) {
	if code = typedCode(err); code != "" {
		return code, Sentence(err.Error())
	}
	for _, known := range codes {
		if errors.Is(err, known.err) {
			return known.code, Sentence(err.Error())
		}
	}
	return CodeInternal, messageInternal
}

// typedCode returns the code of an error that has a type of its own, or "".
func typedCode(err error) string {
	var (
		command *commandError
		invalid *chat.Invalid
		tooLong *chat.TooLong
		slow    *SlowDown
	)
	switch {
	case errors.As(err, &command):
		return command.code
	case errors.As(err, &invalid):
		return codeInvalid
	case errors.As(err, &tooLong):
		return codeTooLong
	case errors.As(err, &slow):
		return codeSlowDown
	default:
		return ""
	}
}

// detailFor returns the detail of an Error: the cause, where clients can react to it
// differently than to other causes of the same code, else "". Clients may ignore it.
func detailFor(err error) string {
	switch {
	case errors.Is(err, chat.ErrShortOnly):
		return "short_only"
	case errors.Is(err, chat.ErrNoNewRooms):
		return "no_new_rooms"
	default:
		return ""
	}
}

// SlowDown is the error of a message that is refused because whoever pays for it is over
// budget.
type SlowDown struct{ RetryAfter time.Duration }

func (e *SlowDown) Error() string {
	return "too much was sent from your address: send this message again in a moment"
}

// seconds returns how long to wait before the next attempt, in whole seconds.
func (e *SlowDown) seconds() int { return int(math.Ceil(e.RetryAfter.Seconds())) }

// Error is the event that answers a command that failed.
type Error struct {
	Event   string `json:"event"`
	Cmd     string `json:"cmd,omitempty"`
	Room    string `json:"room,omitempty"`
	ID      string `json:"id,omitempty"`
	Seq     int64  `json:"seq,omitempty"`
	Code    string `json:"code"`
	Detail  string `json:"detail,omitempty"` // see detailFor
	Message string `json:"message"`
	After   int    `json:"retry_after,omitempty"` // seconds, of slow_down
	// Current is the message as it is, of conflict.
	Current json.RawMessage `json:"current,omitempty"`
}

// maxEcho is the longest field in bytes that an Error repeats: an invalid field may be of any
// size.
const maxEcho = 64

func echo(text string) string {
	if len(text) > maxEcho {
		return ""
	}
	return text
}

// Refusal returns the answer to a command that failed.
func Refusal(c Command, err error) Error {
	refusal := Error{Event: "error", Cmd: echo(c.Cmd), Room: echo(c.Room), ID: echo(c.ID), Seq: c.Seq}
	refusal.Code, refusal.Message = codeFor(err)
	if slow := (*SlowDown)(nil); errors.As(err, &slow) {
		refusal.After = slow.seconds()
	}
	return refusal
}

// ChangeRefusal returns the answer to a change that was not made.
func (f Frames) ChangeRefusal(change chat.Change, outcome chat.Outcome) Error {
	code, message := codeFor(outcome.Err)
	of := change.Header()
	refusal := Error{Event: "error", Cmd: commandOf(change), Room: of.Room, ID: of.ID, Seq: of.Seq, Code: code, Detail: detailFor(outcome.Err), Message: message}
	if code == codeConflict {
		current := outcome.Message.Fit(f.Size - aroundCurrent)
		refusal.Current = append(f.appendMessage(nil, &current), '}')
		refusal.Current[0] = '{' // instead of a comma
	}
	return refusal
}

// aroundCurrent bounds what an Error has besides its Current.
const aroundCurrent = 500

// Sentence turns the text of a Go error, which begins in lower case, into a sentence.
func Sentence(text string) string {
	if text == "" {
		return text
	}
	if text[0] >= 'a' && text[0] <= 'z' {
		text = string(text[0]-'a'+'A') + text[1:]
	}
	if last := text[len(text)-1]; last != '.' && last != '!' && last != '?' {
		text += "."
	}
	return text
}
