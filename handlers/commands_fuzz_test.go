package handlers

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"chatserver/chat"
	"chatserver/chatv1"
)

// codes are the error codes for malformed, unknown and invalid commands.
var codes = []string{"bad_command", "unknown_command", "invalid"}

// FuzzCommand parses commands: any input is a valid command or an error that can be sent as
// JSON.
func FuzzCommand(f *testing.F) {
	for _, seed := range []string{
		`{"cmd":"join","room":"lobby","since":120,"epoch":"x"}`, `{"cmd":"history","room":"lobby","before":71}`,
		`{"cmd":"send","room":"Lobby","id":"0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b","text":"\ud800\u0000"}`, `{"cmd":"rooms","after":"a","prefix":"b"}`,
		`{"cmd":1}`, `{"cmd":"join","since":1e999}`, `{"cmd":"join","since":9223372036854775808}`, `[]`, `null`, `{"cmd":"x","cmd":"y","CMD":"z"}`, ``, `{`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !utf8.Valid(text) {
			return // the frame reader refuses it
		}
		c, err := parseCommand(text)
		if err == nil {
			if c.Cmd == "" || !utf8.ValidString(c.Cmd+c.Room+c.ID+c.Text+c.Epoch+c.After+c.Prefix) {
				t.Errorf("%q is read as %+v", text, c)
			}
			if _, err = chat.ParseRoom(c.Room); err == nil {
				return
			}
		}
		code, message := codeFor(err)
		if !slices.Contains(codes, code) || message == "" {
			t.Errorf("%q is refused with %s: %s", text, code, message)
		}
		frame := chatv1.AppendEvent(nil, errorEvent{"error", echo(c.Cmd), echo(c.Room), echo(c.ID), code, "", message, retryAfterOf(err)})
		_, payload, err := readFrame(bytes.NewReader(frame))
		if err != nil || !json.Valid(payload) || !utf8.Valid(payload) {
			t.Errorf("%q is answered with %q, %v", text, payload, err)
		}
	})
}
