package chattest

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/google/uuid"
)

// AlsoChanges lets the writers of a company edit and delete their messages, react, pin and
// reply in threads between the messages that they send.
func (c *Company) AlsoChanges() { c.changes = true }

// Changed returns the number of changes that were made.
func (c *Company) Changed() int { return int(c.changed.Load()) }

// Changes lets a writer make a random change of a random message that it knows.
func (c *Company) Changes(writer *Member) {
	c.t.Helper()
	messages := writer.Has(c.Room)
	if len(messages) == 0 {
		return
	}
	c.mu.Lock()
	what, m, emoji, on := c.random.IntN(10), messages[c.random.IntN(len(messages))], rune(0x1F600+c.random.IntN(6)), c.random.IntN(3) > 0
	c.mu.Unlock()
	code := ""
	switch own := m.From == writer.Name; {
	case what < 3 && own:
		code = writer.ChangesUntilAnswered("edit", c.Room, m.Seq, "rev", m.Rev, "text", fmt.Sprintf("%d, edited", c.said.Add(1)))
	case what < 4 && own:
		code = writer.ChangesUntilAnswered("delete", c.Room, m.Seq, "reason", "no longer true")
	case what < 5:
		code = writer.ChangesUntilAnswered("pin", c.Room, m.Seq, "on", on)
	case what < 7:
		text := fmt.Sprintf("%d, a reply", c.said.Add(1))
		_, code = writer.RepliesUntilAcknowledged(c.Room, uuid.NewString(), text, m.Seq)
	default:
		code = writer.ChangesUntilAnswered("react", c.Room, m.Seq, "emoji", string(emoji), "on", on)
	}
	switch code {
	case "":
		c.changed.Add(1)
	case "gone", "conflict", "not_found", "invalid": // what the writer saw has changed, or a reply was chosen as a root
	default:
		c.t.Errorf("%s was refused a change: %s", writer.Name, code)
	}
}

// agreesWithFresh checks that everybody has what a member who joins now reads.
func (c *Company) agreesWithFresh() {
	c.t.Helper()
	fresh := c.world.Join("fresh", c.Room, ReadsEverything())
	defer fresh.Disconnects()
	rev := c.world.settle(c.Room, append(c.everybody(), fresh))
	want := fresh.Has(c.Room)
	for _, m := range c.everybody() {
		has := m.Has(c.Room)
		for i := range min(len(has), len(want)) {
			if a, b := withoutMoment(has[i]), withoutMoment(want[i]); !reflect.DeepEqual(a, b) {
				c.t.Errorf("%s has %+v, and whoever joins now reads %+v", m.Name, a, b)
				break
			}
		}
		if len(has) != len(want) {
			c.t.Errorf("%s has %d messages at rev %d, and whoever joins now reads %d", m.Name, len(has), rev, len(want))
		}
	}
	if tombstones := slices.IndexFunc(want, func(m Message) bool { return m.Deleted != nil }); c.changes && c.Changed() > 100 && tombstones < 0 {
		c.t.Error("nothing was deleted")
	}
}

// withoutMoment returns a message without what differs in pages and live events: the room, and
// the text of a quote, which is that of the moment when the event was sent.
func withoutMoment(m Message) Message {
	m.Room = ""
	if m.ReplyTo != nil {
		m.ReplyTo = &Quote{Seq: m.ReplyTo.Seq}
	}
	return m
}
