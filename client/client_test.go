package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chatserver/chattest"
	"chatserver/client"
	"chatserver/config"
)

func TestMain(m *testing.M) { chattest.Main(m) }

func TestMembersHearEachOther(t *testing.T) {
	w := chattest.NewWorld(t)
	ann, bob := joins(t, w, "Ann", "lobby", client.Options{Age: 25}), joins(t, w, "Bob", "Lobby", client.Options{})
	eve := joins(t, w, "Eve", "cellar", client.Options{})
	seq := ann.sends("lobby", "hello")
	m := until[client.Message](bob)
	if m.Text != "hello" || m.From != "Ann" || m.Seq != seq || m.Rev != seq || m.Room != "lobby" || m.At.IsZero() {
		t.Errorf("Bob hears %+v", m)
	}
	if at := until[client.Reached](bob); at.Position.Rev != seq || at.Position.Epoch == "" {
		t.Errorf("Bob has reached %+v", at)
	}
	eve.sends("cellar", "is anybody here?")
	if got := eve.hears(1); got[0] != "is anybody here?" { // and not what was said before elsewhere
		t.Errorf("Eve hears %q", got)
	}
	if _, err := eve.Send(t.Context(), "lobby", "hello"); !errors.Is(err, client.ErrNotJoined) {
		t.Errorf("Eve speaks where she is not: %v", err)
	}
}

// Whatever the network does, all is stored once, in the order of each sender, and delivered
// once, in the order of the room.
func TestEverybodyHasEverythingOnceWhateverBreaks(t *testing.T) {
	t.Parallel()
	const senders, each = 3, 60
	w := chattest.NewWorld(t)
	broken := 0
	var mu sync.Mutex
	network := w.Network(func() (chattest.Fault, int) {
		mu.Lock()
		defer mu.Unlock()
		broken++
		return chattest.Faults[broken%len(chattest.Faults)], 3 + broken%9
	})
	var people []*person
	for i := range senders {
		p := comes(t, "ws://"+w.Address(), fmt.Sprint("p", i), hurried(network))
		p.Join("lobby")
		people = append(people, p)
	}
	heard := make([][]string, senders)
	var busy sync.WaitGroup
	for i, p := range people {
		busy.Go(func() {
			for _, text := range numbered(fmt.Sprintf("p%d ", i), each) {
				p.sends("lobby", text)
			}
		})
		busy.Go(func() { heard[i] = p.hears(senders * each) })
	}
	busy.Wait()
	var stored []string
	for _, m := range w.Stored("lobby") {
		stored = append(stored, m.Text)
	}
	for i := range people {
		// Who comes late begins with the newest page, which has all there was then.
		if !slices.Equal(heard[i], stored) {
			t.Errorf("p%d hears %d messages that are not the %d stored:\n%q\n%q", i, len(heard[i]), len(stored), heard[i], stored)
		}
		own := slices.DeleteFunc(slices.Clone(stored), func(text string) bool { return !strings.HasPrefix(text, fmt.Sprintf("p%d ", i)) })
		if !slices.Equal(own, numbered(fmt.Sprintf("p%d ", i), each)) {
			t.Errorf("of p%d are stored %q", i, own)
		}
	}
	if network.Broken() < 20 {
		t.Errorf("the network broke only %d times", network.Broken())
	}
}

// Who reads nothing for a while has a bounded queue, and misses nothing.
func TestAReaderThatFallsBehindMissesNothing(t *testing.T) {
	w := chattest.NewWorld(t)
	bob := joins(t, w, "Bob", "lobby", client.Options{Pending: 10})
	ann := w.Join("Ann", "lobby")
	const n = 150 // more than a page
	for _, text := range numbered("line ", n) {
		ann.SaysUntilAcknowledged("lobby", client.NewID(), text)
	}
	if got := bob.hears(n); !slices.Equal(got, numbered("line ", n)) {
		t.Errorf("Bob hears %q", got)
	}
}

// A program that answers what it hears waits in the goroutine that reads the events.
func TestTheReaderMaySend(t *testing.T) {
	w := chattest.NewWorld(t)
	echo := joins(t, w, "Echo", "lobby", client.Options{Pending: 1})
	ann := w.Join("Ann", "lobby")
	const n = 30
	for _, text := range numbered("line ", n) {
		ann.SaysUntilAcknowledged("lobby", client.NewID(), text)
	}
	var want []string
	for i := 0; i < n; {
		if m := until[client.Message](echo); m.From == "Ann" {
			echo.sends("lobby", "echo of "+m.Text)
			want = append(want, fmt.Sprint("echo of line ", i))
			i++
		}
	}
	var stored []string
	for _, m := range w.Stored("lobby")[n:] {
		stored = append(stored, m.Text)
	}
	if !slices.Equal(stored, want) {
		t.Errorf("stored are %q", stored)
	}
}

// Who stores a position begins there with the next program, and who sends with the same id
// says it once.
func TestAPositionAndAnIDOutliveTheProgram(t *testing.T) {
	w := chattest.NewWorld(t)
	first := joins(t, w, "Ann", "lobby", client.Options{Key: "0123456789abcdef0123456789abcdef"})
	id := strings.ToUpper(client.NewID())
	seq, err := first.SendAs(t.Context(), "lobby", id, "once")
	if err != nil {
		t.Fatal(err)
	}
	at := until[client.Reached](first).Position
	first.leave()
	if err := <-first.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	if _, err := first.Send(t.Context(), "lobby", "too late"); !errors.Is(err, client.ErrEnded) {
		t.Errorf("after the end: %v", err)
	}
	if err := first.Run(t.Context()); !errors.Is(err, client.ErrRunning) {
		t.Errorf("it runs again: %v", err)
	}
	bob := joins(t, w, "Bob", "lobby", client.Options{})
	bob.sends("lobby", "meanwhile")
	second := comes(t, "ws://"+w.Address(), "Ann", client.Options{Key: "0123456789abcdef0123456789abcdef"})
	second.JoinFrom("lobby", at)
	if got := second.hears(1); got[0] != "meanwhile" {
		t.Errorf("it begins with %q", got)
	}
	if again, err := second.SendAs(t.Context(), "lobby", id, "once"); err != nil || again != seq {
		t.Errorf("sent again it is %d, %v, and was %d", again, err, seq)
	}
	if stored := w.Stored("lobby"); len(stored) != 2 {
		t.Errorf("%d messages are stored", len(stored))
	}
}

// A server that was restored from a copy has another history: what was delivered of the
// former one is void, and the newest page follows.
func TestARestoredServerResetsTheRoom(t *testing.T) {
	w := chattest.NewWorld(t)
	ann := joins(t, w, "Ann", "lobby", client.Options{LeastWait: 5 * time.Millisecond, MostWait: 50 * time.Millisecond})
	ann.sends("lobby", "kept")
	ann.hears(1)
	w.Stop()
	old := w.CopiesTheDatabase()
	w.Start()
	until[client.Joined](ann)
	ann.sends("lobby", "lost")
	ann.hears(1)
	w.Stop()
	w.PutsBack(old)
	w.Start()
	if reset := until[client.Reset](ann); reset.Room != "lobby" {
		t.Errorf("reset is %q", reset.Room)
	}
	if got := ann.hears(1); got[0] != "kept" {
		t.Errorf("after it she hears %q", got)
	}
}

// An address that owes more than two seconds of its budget is refused with slow_down: what
// it sends is sent again when the server allows it, and stored once.
func TestWhoIsToldToSlowDownLosesNothing(t *testing.T) {
	t.Parallel()
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.ByteRate, c.TrustedProxies = 1000, []string{"127.0.0.1"} }))
	here := client.Options{Header: http.Header{"X-Forwarded-For": {"203.0.113.7"}}}
	ann, ben := joins(t, w, "Ann", "lobby", here), joins(t, w, "Ben", "lobby", here)
	var sending sync.WaitGroup
	sending.Go(func() { ann.sends("lobby", strings.Repeat("x", 8000)) }) // the budget covers that in seven seconds
	sending.Go(func() {
		for _, text := range numbered("and I ", 4) {
			ben.sends("lobby", text)
		}
	})
	sending.Wait()
	if stored := len(w.Stored("lobby")); stored != 5 {
		t.Errorf("%d are stored", stored)
	}
}

func TestWhatIsRefusedIsAnError(t *testing.T) {
	w := chattest.NewWorld(t)
	ann := joins(t, w, "Ann", "lobby", client.Options{})
	for text, code := range map[string]string{" ": "empty", "\x1b[31mred": "invalid", strings.Repeat("x", 100_000): "too_long"} {
		refused := (*client.CommandError)(nil)
		if _, err := ann.Send(t.Context(), "lobby", text); !errors.As(err, &refused) || refused.Code != code || refused.Room != "lobby" {
			t.Errorf("%.20q is answered with %v", text, err)
		}
	}
	if _, err := ann.Send(t.Context(), "lobby", "\xff"); !errors.Is(err, client.ErrNotUTF8) {
		t.Errorf("what is no text is answered with %v", err)
	}
	ann.Join("no room!")
	if failed := until[client.Failed](ann); failed.Err.Code != "invalid" || failed.Err.Cmd != "join" {
		t.Errorf("the room that is none is answered with %v", failed.Err)
	}
	ann.sends("lobby", "and on") // on the same connection, after all of that
	if got := ann.hears(1); got[0] != "and on" {
		t.Errorf("she hears %q", got)
	}
	ann.Leave("lobby")
	if _, err := ann.Send(t.Context(), "lobby", "still here?"); !errors.Is(err, client.ErrNotJoined) {
		t.Errorf("after she left: %v", err)
	}
}

func TestARefusalForGoodEndsRun(t *testing.T) {
	w := chattest.NewWorld(t)
	wrong := comes(t, "http://"+w.Address(), "a:b", client.Options{}) // no name has a colon
	refused := (*client.RefusedError)(nil)
	if err := <-wrong.ended; !errors.As(err, &refused) || refused.Status != http.StatusBadRequest || refused.Reason == "" {
		t.Errorf("it ends with %v", err)
	}
	if _, err := client.New("localhost:9090", "Ann", client.Options{}); err == nil {
		t.Error("a server without a scheme is taken")
	}
	// A server that is away is not a refusal.
	w.Stop()
	late := comes(t, "ws://"+w.Address(), "Ann", client.Options{LeastWait: 5 * time.Millisecond, MostWait: 50 * time.Millisecond})
	if gone := until[client.Disconnected](late); gone.Err == nil || gone.Wait > 75*time.Millisecond {
		t.Errorf("it is disconnected with %v, for %v", gone.Err, gone.Wait)
	}
	w.Start()
	until[client.Connected](late)
	stopped := w.StopInBackground()
	closed := (*client.CloseError)(nil)
	if gone := until[client.Disconnected](late); !errors.As(gone.Err, &closed) || closed.Code != client.CloseGoingAway {
		t.Errorf("a stop disconnects with %v", gone.Err)
	}
	<-stopped
	w.Start()
	until[client.Connected](late)
}

// After these codes the program would be closed again; after all others, also unknown ones,
// it comes back.
func TestCloseCodesSayWhetherToComeBack(t *testing.T) {
	for _, code := range []client.CloseCode{client.CloseProtocol, client.CloseBinary, client.CloseNotUTF8, client.ClosePolicy, client.CloseTooBig} {
		if code.Reconnects() {
			t.Errorf("after %d it comes back", code)
		}
	}
	for _, code := range []client.CloseCode{client.CloseNormal, client.CloseGoingAway, client.CloseInternal, client.CloseTryLater, 4999} {
		if !code.Reconnects() {
			t.Errorf("after %d it gives up", code)
		}
	}
}
