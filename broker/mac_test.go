package broker

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"chatserver/chat"
)

const (
	lobby = "chatserver.room.lobby"
	trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
)

// hintOf returns a hint of typical length.
func hintOf(t testing.TB) []byte {
	t.Helper()
	wire, err := wireOf(chat.Hint{Room: "lobby", Epoch: "e", Event: chat.Said{Message: chat.Message{
		Seq: 3, Rev: 3, ID: "0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b", AuthorID: strings.Repeat("a", 32), From: "Ann",
		Text: strings.Repeat("x", 128), HTML: `<p dir="auto">` + strings.Repeat("x", 128) + `</p>`, HTMLVersion: 1, At: time.Now(),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(wire)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A hint is accepted only as it was signed: with no byte changed, added or removed, on
// the same subject, and under the same key.
func TestAHintIsAcceptedOnlyAsItWasSigned(t *testing.T) {
	ours, theirs := newAuthenticator([]byte("our key")), newAuthenticator([]byte("another key"))
	hint := ours.sign(bytes.Clone(hintOf(t)), lobby, trace)
	if !ours.verifies(hint, lobby, trace) || !json.Valid(hint) {
		t.Fatalf("it is not accepted, or not valid JSON: %s", hint)
	}
	for at := range hint {
		changed := bytes.Clone(hint)
		changed[at] ^= 1
		if ours.verifies(changed, lobby, trace) || ours.verifies(hint[:at], lobby, trace) || ours.verifies(hint[at+1:], lobby, trace) {
			t.Errorf("changed or cut at byte %d of %d, it is accepted", at, len(hint))
		}
	}
	for what, accepted := range map[string]bool{
		"longer":                   ours.verifies(append(bytes.Clone(hint), ' '), lobby, trace),
		"of another room":          ours.verifies(hint, "chatserver.room.lobb", trace),
		"with another trace":       ours.verifies(hint, lobby, strings.Replace(trace, "4bf9", "4bf8", 1)),
		"without its trace":        ours.verifies(hint, lobby, ""),
		"under another key":        theirs.verifies(hint, lobby, trace),
		"signed with another key":  ours.verifies(theirs.sign(bytes.Clone(hintOf(t)), lobby, trace), lobby, trace),
		"not signed":               ours.verifies(hintOf(t), lobby, trace),
		"nothing":                  ours.verifies(nil, lobby, trace),
		"a MAC and nothing before": ours.verifies(hint[len(hint)-macLength:], lobby, trace),
	} {
		if accepted {
			t.Errorf("a hint that is %q is accepted", what)
		}
	}
}

// A hint that has no place in a room is accepted once, and only while it is recent.
func TestAHintIsAcceptedOnce(t *testing.T) {
	now := time.Date(2026, time.November, 29, 12, 0, 0, 0, time.UTC)
	f := replayGuard{now: func() time.Time { return now }, last: map[string]int64{}}
	s := timestamps{now: f.now}
	first, second := s.next(), s.next()
	for i, want := range []bool{
		f.accepts("a", first), !f.accepts("a", first), f.accepts("a", second), !f.accepts("a", first), f.accepts("b", first),
		!f.accepts("c", now.Add(-maxAge-time.Second).UnixMicro()), !f.accepts("c", now.Add(maxAge+time.Second).UnixMicro()), f.accepts("c", now.UnixMicro()),
	} {
		if !want {
			t.Errorf("case %d", i)
		}
	}
	now = now.Add(2 * maxAge)
	if f.accepts("a", second) || !f.accepts("d", now.UnixMicro()) || len(f.last) != 1 {
		t.Errorf("a minute later the guard still has %v", f.last)
	}
}

// BenchmarkHint measures a hint's cost to its sender and receivers: encoding and
// decoding, and what the MAC adds.
func BenchmarkHint(b *testing.B) {
	auth, plain := newAuthenticator([]byte("our key")), hintOf(b)
	var wire wireHint
	if err := json.Unmarshal(plain, &wire); err != nil {
		b.Fatal(err)
	}
	memory := make([]byte, 0, 2*len(plain))
	for name, does := range map[string]func() bool{
		"encode": func() bool { _, err := json.Marshal(&wire); return err == nil },
		"decode": func() bool { return json.Unmarshal(plain, new(wireHint)) == nil },
		"seal":   func() bool { return len(auth.sign(append(memory, plain...), lobby, "")) > len(plain) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !does() {
					b.Fatal(name)
				}
			}
		})
	}
	sealed := auth.sign(bytes.Clone(plain), lobby, "")
	b.Run("check", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !auth.verifies(sealed, lobby, "") {
				b.Fatal("not accepted")
			}
		}
	})
}
