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
		t.Errorf("Bob receives %+v", m)
	}
	if at := until[client.Reached](bob); at.Position.Rev != seq || at.Position.Epoch == "" {
		t.Errorf("Bob has reached %+v", at)
	}
	eve.sends("cellar", "is anybody here?")
	if got := eve.hears(1); got[0] != "is anybody here?" { // and not what was said elsewhere before
		t.Errorf("Eve hears %q", got)
	}
	if _, err := eve.Send(t.Context(), "lobby", "hello"); !errors.Is(err, client.ErrNotJoined) {
		t.Errorf("Eve writes to a room that she has not joined: %v", err)
	}
}

// Whatever the network does, every message is stored once, in the order of its sender,
// and delivered once, in the order of the room.
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
		// Members who join late begin with the newest page, which had everything at that time.
		if !slices.Equal(heard[i], stored) {
			t.Errorf("p%d received %d messages that are not the %d stored ones:\n%q\n%q", i, len(heard[i]), len(stored), heard[i], stored)
		}
		own := slices.DeleteFunc(slices.Clone(stored), func(text string) bool { return !strings.HasPrefix(text, fmt.Sprintf("p%d ", i)) })
		if !slices.Equal(own, numbered(fmt.Sprintf("p%d ", i), each)) {
			t.Errorf("stored messages of p%d: %q", i, own)
		}
	}
	if network.Broken() < 20 {
		t.Errorf("the network broke only %d times", network.Broken())
	}
}

// A reader that pauses has a bounded queue, and misses nothing.
func TestAReaderThatFallsBehindMissesNothing(t *testing.T) {
	w := chattest.NewWorld(t)
	bob := joins(t, w, "Bob", "lobby", client.Options{Pending: 10})
	ann := w.Join("Ann", "lobby")
	const n = 150 // more than a page
	for _, text := range numbered("line ", n) {
		ann.SaysUntilAcknowledged("lobby", client.NewID(), text)
	}
	if got := bob.hears(n); !slices.Equal(got, numbered("line ", n)) {
		t.Errorf("Bob receives %q", got)
	}
}

// A program may send in the goroutine that reads the events.
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

// A program that stores a position continues there after a restart, and sending with the
// same id again stores the message once.
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
		t.Errorf("Run returns %v", err)
	}
	if _, err := first.Send(t.Context(), "lobby", "too late"); !errors.Is(err, client.ErrEnded) {
		t.Errorf("after the end, Send returns %v", err)
	}
	if err := first.Run(t.Context()); !errors.Is(err, client.ErrRunning) {
		t.Errorf("the second Run returns %v", err)
	}
	bob := joins(t, w, "Bob", "lobby", client.Options{})
	bob.sends("lobby", "meanwhile")
	second := comes(t, "ws://"+w.Address(), "Ann", client.Options{Key: "0123456789abcdef0123456789abcdef"})
	second.JoinFrom("lobby", at)
	if got := second.hears(1); got[0] != "meanwhile" {
		t.Errorf("the new program begins with %q", got)
	}
	if again, err := second.SendAs(t.Context(), "lobby", id, "once"); err != nil || again != seq {
		t.Errorf("the repeated send returns %d, %v; the first one returned %d", again, err, seq)
	}
	if stored := w.Stored("lobby"); len(stored) != 2 {
		t.Errorf("%d messages are stored", len(stored))
	}
}

// A server restored from a backup has another history: everything delivered from the old
// one is void, and the newest page follows.
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
		t.Errorf("the room %q was reset", reset.Room)
	}
	if got := ann.hears(1); got[0] != "kept" {
		t.Errorf("after the reset she receives %q", got)
	}
}

// An address that owes more than two seconds of its budget is refused with slow_down.
// The client sends the message again when the server allows it, and it is stored once.
func TestAThrottledSenderLosesNothing(t *testing.T) {
	t.Parallel()
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.ByteRate, c.TrustedProxies = 1000, []string{"127.0.0.1"} }))
	here := client.Options{Header: http.Header{"X-Forwarded-For": {"203.0.113.7"}}}
	ann, ben := joins(t, w, "Ann", "lobby", here), joins(t, w, "Ben", "lobby", here)
	var sending sync.WaitGroup
	sending.Go(func() { ann.sends("lobby", strings.Repeat("x", 8000)) }) // the budget covers that within seven seconds
	sending.Go(func() {
		for _, text := range numbered("and I ", 4) {
			ben.sends("lobby", text)
		}
	})
	sending.Wait()
	if stored := len(w.Stored("lobby")); stored != 5 {
		t.Errorf("%d messages are stored", stored)
	}
}

func TestRefusedCommandsReturnErrors(t *testing.T) {
	w := chattest.NewWorld(t)
	ann := joins(t, w, "Ann", "lobby", client.Options{})
	for text, code := range map[string]string{" ": "empty", "\x1b[31mred": "invalid", strings.Repeat("x", 100_000): "too_long"} {
		refused := (*client.CommandError)(nil)
		if _, err := ann.Send(t.Context(), "lobby", text); !errors.As(err, &refused) || refused.Code != code || refused.Room != "lobby" {
			t.Errorf("%.20q returns %v", text, err)
		}
	}
	if _, err := ann.Send(t.Context(), "lobby", "\xff"); !errors.Is(err, client.ErrNotUTF8) {
		t.Errorf("invalid UTF-8 returns %v", err)
	}
	ann.Join("no room!")
	if failed := until[client.Failed](ann); failed.Err.Code != "invalid" || failed.Err.Cmd != "join" {
		t.Errorf("an invalid room name returns %v", failed.Err)
	}
	ann.sends("lobby", "and on") // on the same connection, after all of that
	if got := ann.hears(1); got[0] != "and on" {
		t.Errorf("she receives %q", got)
	}
	ann.Leave("lobby")
	if _, err := ann.Send(t.Context(), "lobby", "still here?"); !errors.Is(err, client.ErrNotJoined) {
		t.Errorf("after leaving, Send returns %v", err)
	}
}

func TestAPermanentRefusalEndsRun(t *testing.T) {
	w := chattest.NewWorld(t)
	wrong := comes(t, "http://"+w.Address(), "a:b", client.Options{}) // names cannot contain a colon
	refused := (*client.RefusedError)(nil)
	if err := <-wrong.ended; !errors.As(err, &refused) || refused.Status != http.StatusBadRequest || refused.Reason == "" {
		t.Errorf("Run returns %v", err)
	}
	if _, err := client.New("localhost:9090", "Ann", client.Options{}); err == nil {
		t.Error("New accepts a URL without a scheme")
	}
	// An unreachable server is not a refusal.
	w.Stop()
	late := comes(t, "ws://"+w.Address(), "Ann", client.Options{LeastWait: 5 * time.Millisecond, MostWait: 50 * time.Millisecond})
	if gone := until[client.Disconnected](late); gone.Err == nil || gone.Wait > 75*time.Millisecond {
		t.Errorf("it disconnected with %v, and waits for %v", gone.Err, gone.Wait)
	}
	w.Start()
	until[client.Connected](late)
	stopped := w.StopInBackground()
	closed := (*client.CloseError)(nil)
	if gone := until[client.Disconnected](late); !errors.As(gone.Err, &closed) || closed.Code != client.CloseGoingAway {
		t.Errorf("stopping the server disconnects with %v", gone.Err)
	}
	<-stopped
	w.Start()
	until[client.Connected](late)
}

// After these codes the server would close the next connection too; after all others,
// including unknown ones, the client reconnects.
func TestCloseCodesSayWhetherToComeBack(t *testing.T) {
	for _, code := range []client.CloseCode{client.CloseProtocol, client.CloseBinary, client.CloseNotUTF8, client.ClosePolicy, client.CloseTooBig} {
		if code.Reconnects() {
			t.Errorf("it reconnects after %d", code)
		}
	}
	for _, code := range []client.CloseCode{client.CloseNormal, client.CloseGoingAway, client.CloseInternal, client.CloseTryLater, 4999} {
		if !code.Reconnects() {
			t.Errorf("it gives up after %d", code)
		}
	}
}
