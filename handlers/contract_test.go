package handlers_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chatserver/chattest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with testdata/name.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n--- want\n%s\n--- got\n%s", path, want, got)
	}
}

// transcript records what people received, in the order of the story.
type transcript struct {
	t *testing.T
	strings.Builder
}

func (tr *transcript) note(format string, args ...any) { fmt.Fprintf(tr, format+"\n", args...) }

// hear reads one line from each of them.
func (tr *transcript) hear(people ...*chattest.Person) {
	tr.t.Helper()
	for _, p := range people {
		line, err := p.Line()
		if err != nil {
			tr.t.Fatalf("%s hears no more: %v", p.Name, err)
		}
		if len(line) > 200 {
			line = fmt.Sprintf("%s… %d bytes", line[:60], len(line))
		}
		tr.note("  %s < %q", p.Name, line)
	}
}

// The plain-text protocol of the original guide must not change by a byte.
func TestTheGuidesContract(t *testing.T) {
	w := chattest.NewWorld(t)
	tr := &transcript{t: t}

	tr.note("Ann connects with an age")
	ann := w.Connect("Ann", "age=25")
	tr.hear(ann)
	tr.note("Наталья connects without")
	natalya := w.Connect("Наталья", "")
	tr.hear(ann, natalya)
	tr.note("Yuki is in another room")
	yuki := w.Connect("Yuki", "room=Night-Watch&age=199")
	tr.hear(yuki)

	for _, text := range []string{
		"hello", "<b>bold</b> & <script>alert('1')</script>", "two\nlines\r\nor three", "  leading blanks", "trailing blanks  ",
		"a: colon: in: it", "日本語 👩‍👩‍👧 مرحبا", "Ann left the chat", `{"json":"is text"}`, strings.Repeat("4000 ", 800), "\"quotes\" \\ and \t a tab",
	} {
		tr.note("Ann says something of %d bytes", len(text))
		ann.Says(text)
		tr.hear(ann, natalya)
	}

	tr.note("blank frames are ignored: an empty one, blanks, a line break")
	ann.Says("")
	ann.Says("   ")
	ann.Says("\n\t")
	natalya.Says("after the blanks")
	tr.hear(ann, natalya)

	tr.note("Yuki, alone, hears only the own words")
	yuki.Says("anybody here?")
	tr.hear(yuki)

	tr.note("a second connection of the name Ann, and it is the same Ann")
	second := w.Connect("Ann", "")
	tr.hear(ann, natalya, second)
	second.Says("from my phone")
	tr.hear(ann, natalya, second)
	tr.note("it leaves with a close frame")
	for _, line := range second.Leaves() {
		tr.note("  Ann < %q", line)
	}
	tr.hear(ann, natalya)

	tr.note("Bob comes, reads the last three, and is cut off")
	bob := w.Connect("Bob", "history=3&age=7")
	tr.hear(bob, bob, bob, bob)
	tr.hear(ann, natalya)
	bob.IsCut()
	tr.hear(ann, natalya)

	tr.note("Ann leaves with a close frame")
	for _, line := range ann.Leaves() {
		tr.note("  Ann < %q", line)
	}
	tr.hear(natalya)

	tr.note("the server stops")
	stopped := w.StopInBackground()
	for _, p := range []*chattest.Person{natalya, yuki} {
		code, reason, heard := p.IsClosed()
		tr.note("  %s < %q, closed with %d %q", p.Name, heard, code, reason)
	}
	<-stopped
	golden(t, "contract", tr.String())
}
