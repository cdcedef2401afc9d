package chat_test

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"testing"

	"chatserver/chat"
	"chatserver/store"
)

// A store that answers when it is told to: the message is stored, and the
// recorder does not know it yet.
type heldStore struct {
	*store.DB
	stored chan struct{} // a batch is stored
	answer chan struct{} // now say so
}

func (s *heldStore) Append(ctx context.Context, drafts []chat.Draft) ([]chat.Outcome, error) {
	outcomes, err := s.DB.Append(ctx, drafts)
	s.stored <- struct{}{}
	<-s.answer
	return outcomes, err
}

// texts are frames of nothing but what was said.
type texts struct{}

func (texts) Append(dst []byte, event chat.Event) []byte {
	switch e := event.(type) {
	case chat.Said:
		return append(append(dst, e.Message.Text...), ' ')
	case chat.Joined:
		return append(append(dst, '+'), (e.User.Name + " ")...)
	case chat.Left:
		return append(append(dst, '-'), (e.User.Name + " ")...)
	}
	return dst
}

// notebook is a socket that notes everything down.
type notebook struct {
	mu    sync.Mutex
	heard []byte
	more  chan struct{}
}

func newNotebook() *notebook { return &notebook{more: make(chan struct{}, 100)} }

func (n *notebook) Write(frames []byte) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.heard = append(n.heard, frames...)
	n.more <- struct{}{}
	return false
}
func (*notebook) Behind() bool                    { return false }
func (*notebook) Calm() error                     { return nil }
func (*notebook) Answer(chat.Draft, chat.Outcome) {}
func (*notebook) Beat()                           {}
func (*notebook) Close(chat.Close)                {}

// waitFor waits until something was heard.
func (n *notebook) waitFor(t *testing.T, heard string) {
	t.Helper()
	for range n.more {
		n.mu.Lock()
		got := string(n.heard)
		n.mu.Unlock()
		if got == heard {
			return
		}
		if len(got) > len(heard) {
			t.Fatalf("heard %q instead of %q", got, heard)
		}
	}
}

func person(t *testing.T, c *chat.Chat, name string, history int) (*chat.Connection, *notebook) {
	t.Helper()
	user, err := chat.NewUser(name, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	socket := newNotebook()
	conn := &chat.Connection{User: user, Socket: socket, Address: netip.MustParseAddr("127.0.0.1")}
	if err := c.Enter(conn); err != nil {
		t.Fatal(err)
	}
	if err := c.JoinWithHistory(context.Background(), conn, chat.Lobby, history); err != nil {
		t.Fatal(err)
	}
	return conn, socket
}

// What is stored and not delivered yet when somebody comes is in their history,
// and is not said to them again; those who were there hear it once as well.
func TestWhatIsStoredWhenSomebodyComesIsHeardOnce(t *testing.T) {
	db, err := store.OpenSQLite(context.Background(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	held := &heldStore{DB: db, stored: make(chan struct{}), answer: make(chan struct{})}
	c := chat.New(held, [...]chat.Frames{chat.PlainText: texts{}, chat.JSON: texts{}}, chat.Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil))})

	ann, annHears := person(t, c, "Ann", 0)
	annHears.waitFor(t, "+Ann ")
	if err := c.Send(ann, chat.Lobby, "", "one"); err != nil {
		t.Fatal(err)
	}
	<-held.stored
	bob, bobHears := person(t, c, "Bob", 10)
	bobHears.waitFor(t, "one +Bob ")
	cid, cidHears := person(t, c, "Cid", 0)
	held.answer <- struct{}{}
	if err := c.Send(bob, chat.Lobby, "", "two"); err != nil {
		t.Fatal(err)
	}
	<-held.stored
	held.answer <- struct{}{}
	annHears.waitFor(t, "+Ann +Bob +Cid one two ")
	bobHears.waitFor(t, "one +Bob +Cid two ")
	cidHears.waitFor(t, "+Cid one two ") // he asked for no history: live is what is delivered after he came

	c.BeginStop()
	for _, conn := range []*chat.Connection{ann, bob, cid} {
		c.Exit(conn)
	}
	if err := c.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
