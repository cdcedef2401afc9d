package chatv1

import (
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"chatserver/chat"
)

// ofCommands are the error codes for malformed, unknown and invalid commands.
var ofCommands = []string{"bad_command", "unknown_command", "invalid"}

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
		c, err := Parse(text)
		if err == nil {
			if c.Cmd == "" || !utf8.ValidString(c.Cmd+c.Room+c.ID+c.Text+c.Epoch+c.After+c.Prefix) {
				t.Errorf("%q is read as %+v", text, c)
			}
			if _, err = chat.ParseRoom(c.Room); err == nil {
				return
			}
		}
		code, message := codeFor(err)
		if !slices.Contains(ofCommands, code) || message == "" {
			t.Errorf("%q is refused with %s: %s", text, code, message)
		}
		frame := AppendEvent(nil, Refusal(c, err))
		_, payload, size := cutServerFrame(frame)
		if size != len(frame) || !json.Valid(payload) || !utf8.Valid(payload) {
			t.Errorf("%q is answered with %q in %q", text, payload, frame)
		}
	})
}
