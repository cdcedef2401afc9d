package chat

import (
	"fmt"
	"strings"
	"testing"
)

// lines are frames that a test can read: "3 " is the message with rev 3, "+Ann "
// her coming and "-Ann " her going.
type lines struct{}

func (lines) Append(dst []byte, event Event) []byte {
	switch e := event.(type) {
	case Said:
		return fmt.Appendf(dst, "%d ", e.Message.Rev)
	case Joined:
		return fmt.Appendf(dst, "+%s ", e.User.Name)
	case Left:
		return fmt.Appendf(dst, "-%s ", e.User.Name)
	}
	return dst
}

// page is the socket of a connection that writes everything down.
type page struct {
	strings.Builder
	behind bool
}

func (p *page) Write(frames []byte) bool   { p.Builder.Write(frames); return false }
func (p *page) Behind() bool               { return p.behind }
func (*page) Calm() error                  { return nil }
func (*page) Answer(Draft, Message, error) {}
func (*page) Beat()                        {}
func (*page) Close(Close)                  {}

func TestWhoComesHearsWhatComesAfter(t *testing.T) {
	spoken := [kinds]int{PlainText: 1}
	b := &batch{first: 10}
	for _, event := range []Event{
		Said{Message{Rev: 4}}, Joined{User{Name: "Ann"}}, Said{Message{Rev: 5}}, Left{User{Name: "Bob"}}, Said{Message{Rev: 6}},
	} {
		b.append([kinds]Frames{PlainText: lines{}}, spoken, event)
	}
	for _, test := range []struct {
		who    string
		from   int64
		rev    int64
		behind bool
		hears  string
	}{
		{"a member of old", 3, 3, false, "4 +Ann 5 -Bob 6 "},
		{"who came in the middle", 11, 4, false, "+Ann 5 -Bob 6 "},
		{"who read the history beyond it", 11, 5, false, "+Ann -Bob 6 "},
		{"who read all of it", 13, 6, false, "-Bob "},
		{"who comes after it", 15, 6, false, ""},
		{"who is behind", 3, 3, true, "4 5 6 "},
		{"who is behind with the history, and comes", 11, 4, true, "+Ann 5 6 "},
	} {
		socket := &page{behind: test.behind}
		b.writeTo(&membership{conn: &Connection{Socket: socket}, from: test.from, rev: test.rev})
		if socket.String() != test.hears {
			t.Errorf("%s hears %q instead of %q", test.who, socket.String(), test.hears)
		}
	}
}

func TestABatchIsUsedAgain(t *testing.T) {
	frames, spoken := [kinds]Frames{PlainText: lines{}}, [kinds]int{PlainText: 1}
	b := &batch{first: 1}
	b.append(frames, spoken, Joined{User{Name: "Ann"}})
	b.append(frames, spoken, Said{Message{Rev: 9}})
	b.reset()
	b.first = 7
	b.append(frames, spoken, Said{Message{Rev: 10}})
	socket := &page{}
	b.writeTo(&membership{conn: &Connection{Socket: socket}, rev: 9})
	if socket.String() != "10 " || b.spare || b.rev != 10 || len(b.marks) != 1 {
		t.Errorf("heard %q of %+v", socket.String(), b)
	}
}

func TestNobodySpeaksAKindNobodyIsSent(t *testing.T) {
	b := &batch{}
	b.append([kinds]Frames{PlainText: lines{}}, [kinds]int{}, Said{Message{Rev: 1}})
	if len(b.bytes[PlainText]) != 0 {
		t.Errorf("encoded %q for nobody", b.bytes[PlainText])
	}
}
