package chat_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/cluster"
	"chatserver/node"
	"chatserver/store"
)

// heldStore is a store that answers on request: the message is stored before the recorder
// knows it.
type heldStore struct {
	*store.DB
	stored chan struct{} // a batch is stored
	answer chan struct{} // lets Append return
}

func (s *heldStore) Commit(ctx context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	outcomes, err := s.DB.Commit(ctx, changes)
	s.stored <- struct{}{}
	<-s.answer
	return outcomes, err
}

// texts are frames with only the texts of messages, and the names of those who join and
// leave.
type texts struct{}

func (texts) Append(dst []byte, event chat.Event) []byte {
	switch e := event.(type) {
	case chat.Said:
		return append(append(dst, e.Message.Text...), ' ')
	case chat.Joined:
		return append(append(dst, '+'), (e.User.Name + " ")...)
	case chat.Left:
		return append(append(dst, '-'), (e.User.Name + " ")...)
	case chat.RoomSnapshot:
		dst = fmt.Appendf(dst, "{%d-%d", e.Page.Since, e.Page.Rev)
		for _, m := range e.Page.Messages[max(0, len(e.Page.Messages)-3):] {
			dst = append(append(dst, ' '), m.Text...)
		}
		return fmt.Appendf(dst, " more:%t reset:%t} ", e.Page.More, e.Reset)
	case chat.Backfill:
		return fmt.Appendf(dst, "(%d,%d] ", e.Page.Since, e.Page.Rev)
	}
	return dst
}

// notebook is a socket that records everything.
type notebook struct {
	mu      sync.Mutex
	heard   []byte
	more    chan struct{}
	answers chan chat.Outcome
	gate    chan struct{} // if not nil, writing waits for it
}

func newNotebook() *notebook {
	return &notebook{more: make(chan struct{}, 1), answers: make(chan chat.Outcome, 1000)}
}

func (n *notebook) Write(frames []byte) bool {
	n.mu.Lock()
	gate := n.gate
	n.mu.Unlock()
	if gate != nil {
		<-gate
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.heard = append(n.heard, frames...)
	select {
	case n.more <- struct{}{}:
	default: // a signal is pending
	}
	return false
}

// Answer records the outcome of a draft.
func (n *notebook) Answer(_ chat.Change, outcome chat.Outcome) { n.answers <- outcome }

func (*notebook) Lag() chat.Lag    { return chat.Current }
func (*notebook) Calm() error      { return nil }
func (*notebook) CheckIdle()       {}
func (*notebook) Close(chat.Close) {}

// waitFor waits until exactly this was heard.
func (n *notebook) waitFor(t *testing.T, heard string) {
	t.Helper()
	for {
		n.mu.Lock()
		got := string(n.heard)
		n.mu.Unlock()
		if got == heard {
			return
		}
		if !strings.HasPrefix(heard, got) {
			t.Fatalf("heard %q instead of %q", got, heard)
		}
		select {
		case <-n.more:
		case <-time.After(time.Minute):
			t.Fatalf("heard %q and waits for %q", got, heard)
		}
	}
}

// startChat starts a chat that ends with the test, on a real store in an optional wrapper.
func startChat(t *testing.T, around func(*store.DB) chat.Store) *chat.Chat {
	t.Helper()
	return startChatWith(t, chat.Options{}, around)
}

func startChatWith(t *testing.T, options chat.Options, around func(*store.DB) chat.Store) *chat.Chat {
	t.Helper()
	db, err := store.OpenSQLite(context.Background(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	frames := [chat.Kinds]chat.Frames{chat.PlainText: texts{}, chat.JSON: texts{}, chat.LargeJSON: texts{}}
	options.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	c := node.Start(around(db), frames, cluster.Alone(), options)
	t.Cleanup(func() {
		c.BeginStop()
		if err := errors.Join(c.Stop(context.Background()), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return c
}

// visitor connects a JSON client that has joined no room yet.
func visitor(t *testing.T, c *chat.Chat, name string) (*chat.Connection, *notebook) {
	t.Helper()
	return visitorAt(t, c, name, netip.MustParseAddr("127.0.0.1"))
}

func visitorAt(t *testing.T, c *chat.Chat, name string, address netip.Addr) (*chat.Connection, *notebook) {
	t.Helper()
	user, err := chat.NewUser(name, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	socket := newNotebook()
	conn := &chat.Connection{Actor: chat.GuestAt(user, address), Kind: chat.JSON, Socket: socket}
	if err := c.Enter(conn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Exit(conn) })
	return conn, socket
}

func person(t *testing.T, c *chat.Chat, name string, history int) (*chat.Connection, *notebook) {
	t.Helper()
	user, err := chat.NewUser(name, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	socket := newNotebook()
	conn := &chat.Connection{Actor: chat.GuestAt(user, netip.MustParseAddr("127.0.0.1")), Socket: socket}
	if err := c.Enter(conn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Exit(conn) })
	if err := c.JoinWithHistory(context.Background(), conn, chat.Lobby, history); err != nil {
		t.Fatal(err)
	}
	return conn, socket
}

// TestAMessageStoredDuringAJoinIsHeardOnce joins between the commit and the delivery of a
// message: it is in the history of the new member, who must not hear it live as well.
func TestAMessageStoredDuringAJoinIsHeardOnce(t *testing.T) {
	held := &heldStore{stored: make(chan struct{}), answer: make(chan struct{})}
	c := startChat(t, func(db *store.DB) chat.Store { held.DB = db; return held })

	ann, annHears := person(t, c, "Ann", 0)
	annHears.waitFor(t, "+Ann ")
	if err := compose(c, ann, chat.Lobby, "", "one"); err != nil {
		t.Fatal(err)
	}
	<-held.stored
	bob, bobHears := person(t, c, "Bob", 10)
	bobHears.waitFor(t, "one +Bob ")
	_, cidHears := person(t, c, "Cid", 0)
	held.answer <- struct{}{}
	if err := compose(c, bob, chat.Lobby, "", "two"); err != nil {
		t.Fatal(err)
	}
	<-held.stored
	held.answer <- struct{}{}
	annHears.waitFor(t, "+Ann +Bob +Cid one two ")
	bobHears.waitFor(t, "one +Bob +Cid two ")
	cidHears.waitFor(t, "+Cid one two ") // he requested no history: messages delivered after his join are live
}

// TestTheLastToLeaveACrowdAreAnnounced has a crowd leave together: the last to leave no
// longer form a crowd, so those who stay hear of them.
func TestTheLastToLeaveACrowdAreAnnounced(t *testing.T) {
	const limit, people = 3, 8
	c := startChatWith(t, chat.Options{AnnounceLimit: limit}, func(db *store.DB) chat.Store { return db })
	ann, annHears := person(t, c, "Ann", 0)
	_, eveHears := person(t, c, "Eve", 0) // she stays and delays the pump
	var others []*chat.Connection
	for i := range people {
		conn, _ := person(t, c, fmt.Sprint("p", i), 0)
		others = append(others, conn)
	}
	eveHears.waitFor(t, "+Eve +p0 ") // then nothing is pending for her
	gate := make(chan struct{})
	open := sync.OnceFunc(func() { close(gate) })
	t.Cleanup(open)
	eveHears.mu.Lock()
	eveHears.gate = gate
	eveHears.mu.Unlock()
	send(t, c, ann, "", "hello")
	annHears.waitFor(t, "+Ann +Eve +p0 hello ")

	var wg sync.WaitGroup
	for _, conn := range others {
		wg.Go(func() { _ = c.Leave(context.Background(), conn, chat.Lobby) })
	}
	for waiting := 0; waiting < people; {
		stacks := make([]byte, 1<<20)
		waiting = strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "waitForPassLocked(")
	}
	open()
	wg.Wait()
	send(t, c, ann, "", "bye")
	annHears.ends(t, "bye ")
	annHears.mu.Lock()
	defer annHears.mu.Unlock()
	if announced := strings.Count(string(annHears.heard), " -p"); announced != limit-2 {
		t.Errorf("%d left, the last %d of them not as a crowd; she hears %q", people, limit-2, annHears.heard)
	}
}

// ends waits until what was heard ends with this.
func (n *notebook) ends(t *testing.T, with string) {
	t.Helper()
	for {
		n.mu.Lock()
		got := string(n.heard)
		n.mu.Unlock()
		if strings.HasSuffix(got, with) {
			return
		}
		select {
		case <-n.more:
		case <-time.After(time.Minute):
			t.Fatalf("heard %q and waits for %q", got, with)
		}
	}
}
