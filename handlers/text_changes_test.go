package handlers_test

import (
	"fmt"
	"testing"

	"chatserver/chattest"
)

// In plain text, an edit or a deletion is told only to those who ask for changes, and only of
// the last 50 messages. Reactions and pins are told to nobody there.
func TestEditsAndDeletionsInPlainTextAreForWhoAsks(t *testing.T) {
	t.Parallel()
	w := chattest.NewWorld(t)
	c := &changing{t: t, w: w, ann: w.Join("Ann", "lobby")}
	old := c.says(c.ann, "lobby", "old")
	var seqs []int64
	for i := range 49 {
		seqs = append(seqs, c.says(c.ann, "lobby", fmt.Sprint("message ", i)))
	}
	bob := w.Connect("Bob", "changes=1&history=1")
	bob.Hears("Ann: message 48", "Bob connected to chat")
	cid := w.Connect("Cid", "")
	cid.Hears("Cid connected to chat")
	bob.Hears("Cid connected to chat")
	c.makes(c.ann, "edit", "seq", old, "rev", old, "text", "one of the last 50")
	bob.Hears("Ann edited: one of the last 50")
	next := c.says(c.ann, "lobby", "next")
	bob.Hears("Ann: next")
	c.makes(c.ann, "edit", "seq", old, "rev", 1<<40-1, "text", "one of the last 50") // as it is
	c.makes(c.ann, "react", "seq", next, "emoji", "👍", "on", true)
	c.makes(c.ann, "pin", "seq", next, "on", true)
	c.makes(c.ann, "delete", "seq", old) // no longer one of the last 50
	c.makes(c.ann, "edit", "seq", next, "rev", c.latest(next), "text", "next\nline")
	bob.Hears("Ann edited: next\nline")
	c.makes(c.ann, "delete", "seq", seqs[0])
	bob.Hears("Ann deleted a message")
	c.makes(c.ann, "react", "seq", next, "emoji", "👍", "on", false)
	bob.Says("hello")
	bob.Hears("Bob: hello")
	cid.Hears("Ann: next", "Bob: hello")
}

// The history in plain text has edited messages as they are now, and no deleted ones.
func TestTheHistoryInPlainTextIsAsItIsNow(t *testing.T) {
	t.Parallel()
	w := chattest.NewWorld(t)
	c := &changing{t: t, w: w, ann: w.Join("Ann", "lobby")}
	first, second := c.says(c.ann, "lobby", "frist"), c.says(c.ann, "lobby", "oops")
	c.says(c.ann, "lobby", "third")
	c.makes(c.ann, "edit", "seq", first, "rev", first, "text", "first")
	c.makes(c.ann, "delete", "seq", second)
	for _, query := range []string{"history=9", "history=9&changes=0", "history=9&changes=1"} {
		bob := w.Connect("Bob", query)
		bob.Hears("Ann: first", "Ann: third", "Bob connected to chat")
		bob.Leaves()
	}
	for _, query := range []string{"changes=2", "changes=yes", "changes=1&changes=1"} {
		if _, response, err := w.TryConnect("Bob", query, nil); err == nil || response == nil || response.StatusCode != 400 {
			t.Errorf("%s is accepted: %v", query, err)
		}
	}
}
