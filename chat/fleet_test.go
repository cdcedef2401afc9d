package chat

import (
	"strings"
	"testing"
	"time"
)

// hinted returns a message in every state that a message can have, as a node sends it.
func hinted() *Message {
	bob := UserRef{"b", "Bob"}
	return &Message{
		Room: "lobby", Seq: 2, Rev: 9, ID: "0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b", AuthorID: "a", From: "Ann", Text: "hello", At: time.UnixMilli(1),
		Thread: 1, ReplyTo: 1, Quote: &Quote{"b", "Bob", "hi"},
		State: State{
			Edits: 2, Versions: 1, Pinned: &PinMark{By: bob}, Replies: &ThreadSummary{Count: 1, Users: []UserRef{bob}},
			Reactions: []Reaction{{"👍", []UserRef{bob}}},
		},
	}
}

// A hint is checked like a command at the door, with everything that it says about a message:
// nothing of another node's fault reaches a page or a terminal.
func TestHintsOfMessagesAreCheckedWhole(t *testing.T) {
	const escape = "\x1b[2J"
	deleted := func(m *Message, by UserRef, reason string) {
		m.Text, m.Quote, m.State = "", nil, State{Deleted: &Deletion{By: by, Reason: reason}}
	}
	for name, c := range map[string]struct {
		change func(*Message)
		right  bool
	}{
		"as it is":               {func(*Message) {}, true},
		"deleted by Bob":         {func(m *Message) { deleted(m, UserRef{"b", "Bob"}, "a secret") }, true},
		"deleted by operator":    {func(m *Message) { deleted(m, UserRef{}, "") }, true},
		"pinned by operator":     {func(m *Message) { m.Pinned.By = UserRef{} }, true},
		"name of a deleter":      {func(m *Message) { deleted(m, UserRef{"b", "Bob" + escape}, "") }, false},
		"deleter without a name": {func(m *Message) { deleted(m, UserRef{"b", ""}, "") }, false},
		"reason":                 {func(m *Message) { deleted(m, UserRef{"b", "Bob"}, escape) }, false},
		"long reason":            {func(m *Message) { deleted(m, UserRef{"b", "Bob"}, strings.Repeat("a", MaxReason+1)) }, false},
		"text of a tombstone":    {func(m *Message) { m.Deleted = &Deletion{} }, false},
		"name of a pinner":       {func(m *Message) { m.Pinned.By.Name = "a: b" }, false},
		"name of a mover":        {func(m *Message) { m.Moved = &MoveMark{By: UserRef{"b", "Bob" + escape}} }, false},
		"moved by operator":      {func(m *Message) { m.Moved = &MoveMark{} }, true},
		"place of a stub":        {func(m *Message) { deleted(m, UserRef{}, ""); m.Deleted.To = &Ref{Room: "den"} }, false},
		"quoted name":            {func(m *Message) { m.Quote.From = escape }, false},
		"quoted text":            {func(m *Message) { m.Quote.Text = escape }, false},
		"long quote":             {func(m *Message) { m.Quote.Text = strings.Repeat("a", MaxQuote+1) }, false},
		"name in a thread":       {func(m *Message) { m.Replies.Users[0].Name = escape }, false},
		"crowd in a thread":      {func(m *Message) { m.Replies.Users = make([]UserRef, MaxParticipants+1) }, false},
		"name of a reaction":     {func(m *Message) { m.Reactions[0].Users[0].Name = escape }, false},
		"too many reactions":     {func(m *Message) { m.Reactions[0].Users = make([]UserRef, MaxReactions+1) }, false},
		"versions":               {func(m *Message) { m.Versions = 3 }, false},
		"negative versions":      {func(m *Message) { m.Versions = -1 }, false},
		"thread":                 {func(m *Message) { m.Thread = -1 }, false},
		"author":                 {func(m *Message) { m.From = escape }, false},
		"text":                   {func(m *Message) { m.Text = escape }, false},
	} {
		message := hinted()
		c.change(message)
		if err := (&Hint{Room: "lobby", Event: Said{Message: *message}}).Check(1000); (err == nil) != c.right {
			t.Errorf("%s: %v", name, err)
		}
	}
}
