package live

import (
	"fmt"
	"strings"
	"testing"

	"chatserver/chat"
)

// lines encodes frames that a test can read: "3 " is the message with rev 3, "+Ann " her
// joining and "-Ann " her leaving.
type lines struct{}

func (lines) Append(dst []byte, event chat.Event) []byte {
	switch e := event.(type) {
	case chat.Said:
		return fmt.Appendf(dst, "%d ", e.Message.Rev)
	case chat.Joined:
		return fmt.Appendf(dst, "+%s ", e.User.Name)
	case chat.Left:
		return fmt.Appendf(dst, "-%s ", e.User.Name)
	case chat.Backfill:
		return fmt.Appendf(dst, "(%d,%d] ", e.Page.Since, e.Page.Rev)
	}
	return dst
}

// recordingSocket is a socket that records everything.
type recordingSocket struct {
	strings.Builder
	behind bool
}

func (p *recordingSocket) Write(frames []byte) bool { p.Builder.Write(frames); return false }
func (p *recordingSocket) Lag() chat.Lag {
	if p.behind {
		return chat.Behind
	}
	return chat.Current
}

func (*recordingSocket) Calm() error                      { return nil }
func (*recordingSocket) Answer(chat.Change, chat.Outcome) {}
func (*recordingSocket) CheckIdle()                       {}
func (*recordingSocket) Close(chat.Close)                 {}

func member(socket chat.Socket, from, rev int64) *subscription {
	m := &subscription{conn: &chat.Connection{Socket: socket}, socket: socket, from: from}
	m.rev.Store(rev)
	return m
}

// TestABackfillReachesEveryKind checks that a page is one frame in JSON, and in plain text
// the messages that are new to the member.
func TestABackfillReachesEveryKind(t *testing.T) {
	page := chat.Page{Since: 3, Rev: 7, Messages: []chat.Message{
		{Seq: 4, Rev: 4}, {Seq: 2, Rev: 5}, {Seq: 6, Rev: 6}, {Seq: 3, Rev: 7},
	}}
	b := &batch{first: 1}
	b.backfill([chat.Kinds]chat.Frames{chat.PlainText: lines{}, chat.JSON: lines{}}, [chat.Kinds]int{1, 1}, chat.Backfill{Room: "lobby", Page: page},
		[]bool{true, false, true, false})
	for rev, want := range map[int64][chat.Kinds]string{
		3: {"4 6 ", "(3,7] "}, 5: {"6 ", "(3,7] "}, 7: {"", ""},
	} {
		for kind := range chat.Kinds {
			socket := &recordingSocket{}
			m := member(socket, 0, rev)
			m.kind = kind
			m.write(b)
			if socket.String() != want[kind] {
				t.Errorf("a %v member at rev %d hears %q instead of %q", kind, rev, socket.String(), want[kind])
			}
		}
	}
}

func TestANewMemberHearsWhatFollows(t *testing.T) {
	spoken := [chat.Kinds]int{chat.PlainText: 1}
	b := &batch{first: 10}
	for _, event := range []chat.Event{
		chat.Said{Message: chat.Message{Rev: 4}}, chat.Joined{User: chat.User{Name: "Ann"}}, chat.Said{Message: chat.Message{Rev: 5}}, chat.Left{User: chat.User{Name: "Bob"}}, chat.Said{Message: chat.Message{Rev: 6}},
	} {
		b.append([chat.Kinds]chat.Frames{chat.PlainText: lines{}}, spoken, event)
	}
	for _, test := range []struct {
		who    string
		from   int64
		rev    int64
		behind bool
		hears  string
	}{
		{"an old member", 3, 3, false, "4 +Ann 5 -Bob 6 "},
		{"a member who joined in the middle", 11, 4, false, "+Ann 5 -Bob 6 "},
		{"a member who read later history", 11, 5, false, "+Ann -Bob 6 "},
		{"a member who read all of it", 13, 6, false, "-Bob "},
		{"a member who joins after it", 15, 6, false, ""},
		{"a member who is behind", 3, 3, true, "4 5 6 "},
		{"a member who joins and is behind", 11, 4, true, "+Ann 5 6 "},
	} {
		socket := &recordingSocket{behind: test.behind}
		member(socket, test.from, test.rev).write(b)
		if socket.String() != test.hears {
			t.Errorf("%s hears %q instead of %q", test.who, socket.String(), test.hears)
		}
	}
}

func TestABatchIsReused(t *testing.T) {
	frames, spoken := [chat.Kinds]chat.Frames{chat.PlainText: lines{}}, [chat.Kinds]int{chat.PlainText: 1}
	b := &batch{first: 1}
	b.append(frames, spoken, chat.Joined{User: chat.User{Name: "Ann"}})
	b.append(frames, spoken, chat.Said{Message: chat.Message{Rev: 9}})
	b.reset()
	b.first = 7
	b.append(frames, spoken, chat.Said{Message: chat.Message{Rev: 10}})
	socket := &recordingSocket{}
	member(socket, 0, 9).write(b)
	if socket.String() != "10 " || b.droppable || b.rev != 10 || len(b.marks) != 1 {
		t.Errorf("heard %q from %+v", socket.String(), b)
	}
}

func TestUnusedKindsAreNotEncoded(t *testing.T) {
	b := &batch{}
	b.append([chat.Kinds]chat.Frames{chat.PlainText: lines{}}, [chat.Kinds]int{}, chat.Said{Message: chat.Message{Rev: 1}})
	if len(b.bytes[chat.PlainText]) != 0 {
		t.Errorf("encoded %q without a receiver", b.bytes[chat.PlainText])
	}
}

// countingFrames encodes frames of a given size, and counts the encoded events.
type countingFrames struct {
	size    int
	encoded *int
}

func (f countingFrames) Append(dst []byte, event chat.Event) []byte {
	*f.encoded++
	return append(dst, event.(chat.Said).Message.Fit(f.size).Text...)
}

// TestARoomEncodesAnEventOnceForBothSizes also checks the exception: an event that does not
// fit the smaller size is encoded a second time.
func TestARoomEncodesAnEventOnceForBothSizes(t *testing.T) {
	for text, times := range map[string]int{"hi": 1, strings.Repeat("x", 40_000): 2} {
		encoded := 0
		b := &batch{}
		frames := [chat.Kinds]chat.Frames{chat.JSON: countingFrames{chat.FrameBytes, &encoded}, chat.LargeJSON: countingFrames{chat.LargeFrameBytes, &encoded}}
		b.append(frames, [chat.Kinds]int{chat.JSON: 3, chat.LargeJSON: 2}, chat.Said{Message: chat.Message{Text: text}})
		small, large := string(b.bytes[chat.JSON]), string(b.bytes[chat.LargeJSON])
		if encoded != times || large != text || small == "" || len(small) > chat.FrameBytes || !strings.HasPrefix(text, small) {
			t.Errorf("%d bytes are encoded %d times, as %d and %d bytes", len(text), encoded, len(small), len(large))
		}
	}
}
