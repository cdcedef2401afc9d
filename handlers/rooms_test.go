package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/config"
)

// A person who joins while others write gets the history and then the live messages, without
// a gap or a duplicate between them.
func TestAPersonWhoJoinsDuringAConversationMissesNothing(t *testing.T) {
	const readers = 60
	w := chattest.NewWorld(t)
	speaker := w.Connect("speaker", "")
	speaker.Hears("speaker connected to chat")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for n := 0; ; n++ {
			select {
			case <-stop:
				speaker.Says("end")
				return
			default:
				speaker.Says(fmt.Sprint(n))
			}
		}
	}()
	go func() { // keep reading, or she would be closed as too slow
		for {
			if _, err := speaker.Line(); err != nil {
				return
			}
		}
	}()
	var wg sync.WaitGroup
	for i := range readers {
		wg.Go(func() {
			p := w.Connect(fmt.Sprint("reader", i), fmt.Sprintf("history=%d", i))
			own, last := false, -1
			for heard := 0; heard < i+50 || !own; {
				line, err := p.Line()
				if err != nil {
					t.Errorf("%s: %v", p.Name, err)
					return
				}
				text, said := strings.CutPrefix(line, "speaker: ")
				if line == p.Name+" connected to chat" {
					own = true
				}
				if !said {
					if !own {
						t.Errorf("%s hears %q before the line of joining", p.Name, line)
					}
					continue
				}
				var n int
				if _, err := fmt.Sscan(text, &n); err != nil || last >= 0 && n != last+1 {
					t.Errorf("%s hears %q after %d", p.Name, text, last)
					return
				}
				if !own && heard == i+1000 {
					t.Errorf("%s never reaches the end of the history", p.Name)
					return
				}
				last = n
				heard++
			}
			p.IsCut()
		})
	}
	wg.Wait()
	close(stop)
	<-stopped
}

func TestHistoryIsAsLongAsAskedFor(t *testing.T) {
	w := chattest.NewWorld(t)
	ann := w.Connect("Ann", "")
	ann.Hears("Ann connected to chat")
	var said []string
	for i := range 120 {
		line := fmt.Sprintf("%d %s", i, strings.Repeat("x", 8000)) // together more than a queue holds
		ann.Says(line)
		said = append(said, "Ann: "+line)
		ann.Hears("Ann: " + line)
	}
	for _, n := range []int{0, 1, 7, 100} {
		p := w.Connect("reader", fmt.Sprintf("history=%d", n))
		p.Hears(said[len(said)-n:]...)
		p.Hears("reader connected to chat")
		p.Leaves()
	}
	w.Connect("stranger", "room=other&history=100").Hears("stranger connected to chat")
}

func TestHistoryIsThereAfterARestart(t *testing.T) {
	w := chattest.NewWorld(t)
	ann := w.Connect("Ann", "")
	ann.Says("before")
	ann.Hears("Ann connected to chat", "Ann: before")
	ann.IsCut()
	w.Stop()
	w.Start()
	bob := w.Connect("Bob", "history=10")
	bob.Hears("Ann: before", "Bob connected to chat")
	bob.Says("after")
	bob.Hears("Bob: after")
	w.Connect("Cid", "history=10").Hears("Ann: before", "Bob: after", "Cid connected to chat")
}

// In a crowd, announcing everyone who joins would cost n² lines, so each person gets only
// their own.
func TestInACrowdPeopleSeeOnlyTheirOwnJoin(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.AnnounceLimit = 2 }))
	ann := w.Connect("Ann", "")
	ann.Hears("Ann connected to chat")
	bob := w.Connect("Bob", "")
	bob.Hears("Bob connected to chat")
	ann.Hears("Bob connected to chat")
	cid := w.Connect("Cid", "")
	cid.Hears("Cid connected to chat")
	cid.Says("hello")
	for _, p := range []*chattest.Person{ann, bob, cid} {
		p.Hears("Cid: hello") // without a line about Cid
	}
	if heard := cid.Leaves(); len(heard) != 0 {
		t.Errorf("Cid hears %q when leaving a crowd", heard)
	}
	bob.Says("he is gone")
	ann.Hears("Bob: he is gone") // without a line about Bob
	bob.Hears("Bob: he is gone")
	bob.Leaves()
	ann.Hears("Bob left the chat") // two people are not a crowd
}

func TestOneRoomTooManyIsRefused(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.MaxRooms = 1 }))
	ann := w.Connect("Ann", "room=first")
	ann.Says("hello")
	ann.Hears("Ann connected to chat", "Ann: hello")
	bob := w.Connect("Bob", "room=second")
	bob.Says("hello")
	if code, reason, heard := bob.IsClosed(); code != 1008 || !strings.Contains(reason, "has reached its limit of rooms") || strings.Contains(fmt.Sprint(heard), "hello") {
		t.Errorf("Bob is closed with %d %q after %q", code, reason, heard)
	}
	ann.Says("still here")
	ann.Hears("Ann: still here")
}

func TestAMessageTooBigOrNotTextClosesItsConnection(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.MaxText = 100 }))
	witness := w.Connect("witness", "")
	witness.Hears("witness connected to chat")
	for _, test := range []struct {
		name string
		send func(*chattest.Person)
		code int
	}{
		{"big", func(p *chattest.Person) { p.Says(strings.Repeat("x", 101)) }, 1009},
		{"binary", func(p *chattest.Person) { p.SaysBinary([]byte("x")) }, 1003},
		{"escape", func(p *chattest.Person) { p.Says("\x1b[2J") }, 1008},
		{"return", func(p *chattest.Person) { p.Says("hi\rBob: hi") }, 1008},
		{"nul", func(p *chattest.Person) { p.Says("a\x00b") }, 1008},
		{"latin", func(p *chattest.Person) { p.Says("\xe9") }, 1007},
	} {
		p := w.Connect(test.name, "")
		p.Hears(test.name + " connected to chat")
		p.Says(strings.Repeat("é", 50)) // exactly the limit
		test.send(p)
		if code, _, heard := p.IsClosed(); code != test.code || len(heard) != 2 {
			t.Errorf("%s is closed with %d after %q", test.name, code, heard)
		}
		witness.Hears(test.name+" connected to chat", test.name+": "+strings.Repeat("é", 50), test.name+" left the chat")
	}
}

// failingStore is a real store that fails on request.
type failingStore struct {
	chat.Store
	now atomic.Bool
}

var errGone = errors.New("the disk is gone")

func (f *failingStore) Commit(ctx context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	if f.now.Load() {
		return nil, errGone
	}
	return f.Store.Commit(ctx, changes)
}

func (f *failingStore) Before(ctx context.Context, room string, seq int64, limit chat.Limit) (chat.Page, error) {
	if f.now.Load() {
		return chat.Page{}, errGone
	}
	return f.Store.Before(ctx, room, seq, limit)
}

// When the store fails, people get an error; when it recovers, so does the chat.
func TestAFailingStoreIsReported(t *testing.T) {
	kept := &failingStore{}
	w := chattest.NewWorld(t, chattest.Store(func(real chat.Store) chat.Store { kept.Store = real; return kept }))
	ann := w.Connect("Ann", "")
	ann.Says("hello")
	ann.Hears("Ann connected to chat", "Ann: hello")
	witness := w.Connect("witness", "")
	witness.Hears("witness connected to chat")
	kept.now.Store(true)
	if code, reason, _ := w.Connect("Bob", "history=5").IsClosed(); code != 1011 || reason != "something went wrong" {
		t.Errorf("Bob is closed with %d %q", code, reason)
	}
	ann.Says("is this kept?")
	if code, reason, heard := ann.IsClosed(); code != 1011 || reason != "not stored" || strings.Contains(fmt.Sprint(heard), "kept") {
		t.Errorf("Ann is closed with %d %q after %q", code, reason, heard)
	}
	kept.now.Store(false)
	witness.Hears("Ann left the chat")
	cid := w.Connect("Cid", "history=5")
	cid.Says("again")
	cid.Hears("Ann: hello", "Cid connected to chat", "Cid: again")
}
