package handlers_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
	"chatserver/config"
)

// crowdFrom is the announce limit of these tests.
const crowdFrom = 4

// scene is a room that Ann joined at the beginning.
type scene struct {
	*chattest.World
	ann, bob *chattest.Member
}

func (s *scene) says(m *chattest.Member, text string) {
	m.SaysUntilAcknowledged("lobby", uuid.NewString(), text)
}

// changes has somebody post the room's fourth message and change it.
func (s *scene) changes(m *chattest.Member, cmd string, fields ...any) {
	s.says(m, "about to change")
	m.ChangesUntilAnswered(cmd, "lobby", 4, fields...)
}

// Whatever happens after Ann got her page: her page and the events together equal the page
// of a client that joins now.
func TestAPageAndItsEventsEqualANewPage(t *testing.T) {
	actions := map[string]func(*scene){
		"nothing":          func(*scene) {},
		"somebody writes":  func(s *scene) { s.says(s.bob, "hi"); s.says(s.ann, "hello") },
		"somebody comes":   func(s *scene) { s.Join("Cid", "lobby") },
		"somebody leaves":  func(s *scene) { s.bob.LeavesRoom("lobby") },
		"somebody is gone": func(s *scene) { s.bob.Goes() },
		"somebody comes and goes and comes": func(s *scene) {
			s.Join("Cid", "lobby").Goes()
			s.Join("Cid", "lobby")
		},
		"somebody comes in plain text": func(s *scene) {
			tom := s.Connect("Tom", "age=30")
			tom.Hears("Tom with age 30 connected to chat")
			tom.Says("plain")
			tom.Hears("Tom: plain")
		},
		"somebody of plain text leaves": func(s *scene) { s.Connect("Tom", "").Leaves() },
		"somebody comes back with another age": func(s *scene) {
			cid := s.Join("Cid", "lobby", chattest.Aged(30))
			s.says(cid, "I am 30")
			cid.Goes()
			s.Join("Cid", "lobby", chattest.Aged(31))
		},
		"a second connection of somebody comes": func(s *scene) { s.Join("Bob", "lobby") },
		"a second connection of somebody goes":  func(s *scene) { s.Join("Bob", "lobby").Goes() },
		"the first connection of somebody goes": func(s *scene) { s.Join("Bob", "lobby"); s.bob.Goes() },
		"somebody joins twice":                  func(s *scene) { s.bob.Resynchronises("lobby"); s.says(s.bob, "still here") },
		"Ann joins twice":                       func(s *scene) { s.says(s.bob, "1"); s.ann.Resynchronises("lobby"); s.says(s.bob, "2") },
		"Ann is given a list with somebody who goes at once": func(s *scene) {
			cid := s.Join("Cid", "lobby")
			s.ann.Resynchronises("lobby")
			cid.Goes()
		},
		"Ann is given a list without somebody who is back at once": func(s *scene) {
			s.bob.LeavesRoom("lobby")
			s.ann.Resynchronises("lobby")
			s.bob.ReturnsToRoom("lobby")
		},
		"Ann leaves and comes back": func(s *scene) {
			s.ann.LeavesRoom("lobby")
			s.says(s.bob, "while she is away")
			s.ann.ReturnsToRoom("lobby")
		},
		"Ann is elsewhere too": func(s *scene) { s.ann.JoinsAlso("night-watch"); s.bob.JoinsAlso("night-watch"); s.says(s.bob, "hi") },
		"a message is changed behind the back": func(s *scene) {
			s.ChangesBehindTheBack("lobby", 2, "changed")
			s.says(s.bob, "next")
		},
		"a message is changed behind the back, and again, and Bob joins twice": func(s *scene) {
			s.ChangesBehindTheBack("lobby", 2, "changed")
			s.bob.Resynchronises("lobby")
			s.ChangesBehindTheBack("lobby", 2, "changed again")
			s.ChangesBehindTheBack("lobby", 1, "changed too")
			s.says(s.bob, "next")
		},
		"somebody edits": func(s *scene) { s.changes(s.bob, "edit", "text", "better", "rev", 4) },
		"somebody edits twice": func(s *scene) {
			s.changes(s.bob, "edit", "text", "better", "rev", 4)
			s.bob.ChangesUntilAnswered("edit", "lobby", 4, "text", "best", "rev", 5)
			s.bob.ChangesUntilAnswered("purge", "lobby", 4, "version", 1)
		},
		"somebody edits, reacts, pins and deletes": func(s *scene) {
			s.changes(s.bob, "edit", "text", "better", "rev", 4)
			s.bob.ChangesUntilAnswered("react", "lobby", 4, "emoji", "🎉", "on", true)
			s.bob.ChangesUntilAnswered("pin", "lobby", 4, "on", true)
			s.bob.ChangesUntilAnswered("delete", "lobby", 4, "reason", "wrong room")
		},
		"two react, and one takes it back": func(s *scene) {
			s.changes(s.bob, "react", "emoji", "👍🏽", "on", true)
			s.ann.ChangesUntilAnswered("react", "lobby", 4, "emoji", "👍🏽", "on", true)
			s.ann.ChangesUntilAnswered("react", "lobby", 4, "emoji", "🎉", "on", true)
			s.bob.ChangesUntilAnswered("react", "lobby", 4, "emoji", "👍🏽", "on", false)
		},
		"somebody pins and unpins": func(s *scene) {
			s.changes(s.bob, "pin", "on", true)
			s.ann.ChangesUntilAnswered("pin", "lobby", 4, "on", false)
		},
		"the operator moves a message away": func(s *scene) {
			s.bob.JoinsAlso("den")
			s.bob.SaysUntilAcknowledged("den", uuid.NewString(), "first")
			s.changes(s.bob, "react", "emoji", "🎉", "on", true)
			s.MovesMessages("lobby", "den", 4)
			s.says(s.bob, "next")
		},
		"the operator moves a thread into the room, and back": func(s *scene) {
			s.bob.JoinsAlso("den")
			root, _ := s.bob.SaysUntilAcknowledged("den", uuid.NewString(), "root")
			s.bob.RepliesUntilAcknowledged("den", uuid.NewString(), "reply", root)
			places := s.MovesMessages("den", "lobby", root)
			s.says(s.bob, "next")
			s.MovesMessages("lobby", "den", places...)
			s.says(s.bob, "and next")
		},
		"an edit is refused": func(s *scene) {
			s.says(s.bob, "his own")
			if code := s.ann.ChangesUntilAnswered("edit", "lobby", 4, "text", "not hers", "rev", 4); code != "forbidden" {
				panic("the edit of another's message is answered with " + code)
			}
		},
		"it becomes a crowd": func(s *scene) {
			for i := range crowdFrom {
				s.Join(fmt.Sprint("guest", i), "lobby")
			}
		},
		"it was a crowd": func(s *scene) {
			var guests []*chattest.Member
			for i := range crowdFrom {
				guests = append(guests, s.Join(fmt.Sprint("guest", i), "lobby"))
			}
			s.ann.HearsEventThat("is a count", func(e chattest.Event) bool { return e.Event == "presence" && e.Online > crowdFrom })
			for _, guest := range guests[1:] {
				guest.Goes()
			}
		},
		"all of it": func(s *scene) {
			cid := s.Join("Cid", "lobby")
			s.ChangesBehindTheBack("lobby", 1, "changed")
			s.Join("Bob", "lobby").Goes()
			s.says(cid, "one")
			s.bob.Goes()
			s.ann.Resynchronises("lobby")
			s.ChangesBehindTheBack("lobby", 2, "changed too")
			s.says(cid, "two")
			cid.Goes()
			s.Join("Dan", "lobby", chattest.Aged(7))
		},
		"somebody types":               func(s *scene) { s.bob.Asks("typing", "room", "lobby"); s.says(s.bob, "what was typed") },
		"somebody lists rooms":         func(s *scene) { s.bob.Asks("rooms"); s.ann.Asks("rooms"); s.bob.HearsEvent("rooms") },
		"somebody asks who is alive":   func(s *scene) { s.ann.Pings(); s.says(s.bob, "alive"); s.ann.Pings() },
		"somebody reads what was said": func(s *scene) { s.ann.Asks("history", "room", "lobby", "before", 3); s.ann.HearsEvent("history") },
		"somebody says the same again": func(s *scene) {
			id := uuid.NewString()
			s.bob.SaysUntilAcknowledged("lobby", id, "once")
			s.bob.SaysUntilAcknowledged("lobby", id, "twice")
			s.ann.Sends("lobby", id, "not mine")
			s.ann.HearsEvent("error")
		},
		"somebody says what is refused": func(s *scene) {
			s.bob.Sends("lobby", uuid.NewString(), " ")
			s.bob.HearsEvent("error")
			s.bob.Command("{")
			s.bob.HearsEvent("error")
		},
		"somebody is cut and comes back": func(s *scene) {
			cid := s.Join("Cid", "lobby", chattest.ComesBack())
			cid.IsCut()
			s.says(s.bob, "meanwhile")
			s.says(cid, "back")
		},
	}
	t.Cleanup(func() { // after all subtests
		chattest.Figure(t, "P9", "%d actions after the page, every command among them: page and events together are a fresh page", len(actions))
	})
	for name, happens := range actions {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait for presence, which is sent at intervals
			s := &scene{World: chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.AnnounceLimit = crowdFrom }))}
			first := s.Join("first", "lobby")
			for i := range 3 {
				s.says(first, fmt.Sprint("before ", i))
			}
			s.ann, s.bob = s.Join("Ann", "lobby", chattest.Aged(25)), s.Join("Bob", "lobby")
			happens(s)
			comparePages(t, s)
		})
	}
}

// comparePages lets a new member join and compares what Ann has with the new page. Ann
// learns of the new member after all earlier events.
func comparePages(t *testing.T, s *scene) {
	t.Helper()
	fresh := s.Join("Zoe", "lobby")
	s.says(fresh, "that was it") // everything before it has arrived
	s.ann.HearsEventThat("is the last message", func(e chattest.Event) bool { return strings.HasPrefix(e.Text, "that was it") })
	s.ann.SeesLike(fresh, "lobby", crowdFrom)
	if ann, zoe := s.ann.Has("lobby"), fresh.Has("lobby"); !reflect.DeepEqual(withoutRoom(ann), withoutRoom(zoe)) {
		t.Errorf("Ann has\n%v\nand a new member\n%v", ann, zoe)
	}
	for _, m := range []*chattest.Member{s.ann, fresh} {
		for _, wrong := range append(m.Jumps(), m.Wrongs()...) {
			t.Errorf("%s: %s", m.Name, wrong)
		}
	}
}

// withoutRoom removes the field that only events have.
func withoutRoom(messages []chattest.Message) []chattest.Message {
	for i := range messages {
		messages[i].Room = ""
	}
	return messages
}

// A frame that is lost on the way is noticed at the next message, and the gap is filled.
func TestALostMessageIsNoticedByTheNext(t *testing.T) {
	ann, bob := losesAMessage(t)
	bob.SaysUntilAcknowledged("lobby", uuid.NewString(), "next")
	ann.Reaches("lobby", 3)
	if jumps := ann.Jumps(); len(jumps) != 1 || jumps[0] != "lobby: from 1 to 3" {
		t.Errorf("Ann noticed %q", jumps)
	}
	checkFilled(t, ann, bob)
	chattest.Figure(t, "P8", "a lost event is noticed by the next one's rev, and the gap is filled: nothing missing, nothing twice")
}

// If the lost frame was the last one, the next pong reveals it.
func TestTheLastMessageThatIsLostIsNoticedByAPong(t *testing.T) {
	ann, bob := losesAMessage(t)
	for range 1000 { // the first pong may arrive before the message counts as sent
		if ann.Found() > 0 || t.Failed() {
			break
		}
		ann.Pings()
	}
	ann.Reaches("lobby", 2)
	if jumps, found := ann.Jumps(), ann.Found(); len(jumps) != 0 || found != 1 {
		t.Errorf("Ann found %d losses by a pong, and jumps %q", found, jumps)
	}
	checkFilled(t, ann, bob)
	chattest.Figure(t, "P8", "the last event lost: noticed by the next pong, and filled")
}

// losesAMessage lets Bob send "one" and "two", of which Ann receives only the first.
func losesAMessage(t *testing.T) (ann, bob *chattest.Member) {
	t.Helper()
	w := chattest.NewWorld(t)
	ann = w.Join("Ann", "lobby", chattest.ThroughOneWire(w.Network(nil)))
	bob = w.Join("Bob", "lobby")
	bob.SaysUntilAcknowledged("lobby", uuid.NewString(), "one")
	ann.Reaches("lobby", 1)
	lost := make(chan struct{})
	ann.Wire().Loses(func(frame string) bool {
		is := chattest.Said(`"event":"message"`, `"text":"two"`)(frame)
		if is {
			close(lost)
		}
		return is
	})
	bob.SaysUntilAcknowledged("lobby", uuid.NewString(), "two")
	<-lost
	return ann, bob
}

func checkFilled(t *testing.T, ann, bob *chattest.Member) {
	t.Helper()
	bob.Pings()
	if has, all := ann.Has("lobby"), bob.Has("lobby"); !reflect.DeepEqual(withoutRoom(has), withoutRoom(all)) {
		t.Errorf("Ann has %v of %v", has, all)
	}
	for id, times := range ann.Shown("lobby") {
		if times != 1 {
			t.Errorf("Ann was shown %s %d times", id, times)
		}
	}
	if wrongs := ann.Wrongs(); len(wrongs) != 0 || ann.Opened() != 1 {
		t.Errorf("%q on %d connections", wrongs, ann.Opened())
	}
}
