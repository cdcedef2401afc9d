package chatv1

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"chatserver/chat"
)

// Command is a command as it arrives, with the fields of all commands.
type Command struct {
	Cmd     string   `json:"cmd"`
	Room    string   `json:"room"`
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Seq     int64    `json:"seq"`
	Rev     int64    `json:"rev"`
	Since   *int64   `json:"since"`
	Epoch   string   `json:"epoch"`
	Before  int64    `json:"before"`
	After   string   `json:"after"`
	Prefix  string   `json:"prefix"`
	Rooms   []string `json:"rooms"`
	Seqs    []int64  `json:"seqs"`
	Thread  int64    `json:"thread"`
	ReplyTo int64    `json:"reply_to"`
	Reason  string   `json:"reason"`
	Version int      `json:"version"`
	Emoji   string   `json:"emoji"`
	On      *bool    `json:"on"`
	Trace   string   `json:"traceparent"` // of W3C Trace Context
}

// commandEnvelope bounds the bytes of a command besides its text or its reason.
const commandEnvelope = 1 << 10

// MaxCommand returns the size in bytes of the largest command with a text of the given size:
// JSON may escape each byte as six. A reason may be longer than the texts of a server with a
// small --max-text.
func MaxCommand(text int) int { return 6*max(text, chat.MaxReason) + commandEnvelope }

// Parse parses a command. With an error, it returns the fields that it could read.
func Parse(text []byte) (c Command, err error) {
	err = json.Unmarshal(text, &c)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return c, &commandError{codeBadCommand, wrongField(wrongType)}
	case err != nil, c.Cmd == "":
		return c, &commandError{codeBadCommand, `A command is one JSON object with a cmd, like {"cmd":"join","room":"lobby"}.`}
	}
	return c, nil
}

// wrongField returns what is wrong with a field. JSON has one type for all numbers: 1.0, 1e3
// and 10^30 are numbers, but none that an integer is read from.
func wrongField(wrong *json.UnmarshalTypeError) string {
	kind, _, isNumber := strings.Cut(wrong.Value, " ") // for a number the value is "number 1.5"
	if isNumber && wrong.Type.Kind() != reflect.String {
		return fmt.Sprintf("The field %s of a command must be a whole number of at most 18 digits, without a point or exponent, like 12.", wrong.Field)
	}
	return fmt.Sprintf("The field %s of a command cannot be a JSON %s.", wrong.Field, kind)
}

// commandError is the error of a command that is malformed or unknown.
type commandError struct{ code, message string }

func (e *commandError) Error() string { return e.message }
