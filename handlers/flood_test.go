package handlers_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/chattest"
)

// floods connects a client that sends stream repeatedly and reads all answers, until end is
// called, which returns how often the stream was sent.
func floods(t *testing.T, w *chattest.World, name, protocol, stream string) (end func() int) {
	t.Helper()
	return floodsWith(t, w, name, protocol, func(int) string { return stream })
}

// floodsWith is like floods with a stream that differs each time, and with additional lines in
// the handshake of a JSON client.
func floodsWith(t *testing.T, w *chattest.World, name, protocol string, stream func(n int) string, lines ...string) (end func() int) {
	t.Helper()
	conn := w.Dial()
	var in io.Reader
	if protocol == "" {
		in = upgrade(t, w, conn, "/chat/"+name)
	} else {
		in = upgradeTo(t, w, conn, "/chat/"+name, protocol, lines...)
	}
	go func() { _, _ = io.Copy(io.Discard, in) }() // until it is closed
	sent := make(chan int, 1)
	go func() {
		for n := 0; ; n++ {
			if _, err := io.WriteString(conn, stream(n)); err != nil {
				sent <- n
				return
			}
		}
	}()
	return func() int {
		_ = conn.Close()
		return <-sent
	}
}

// used returns the CPU time of this process.
func used(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// A client that floods the server with pings, pongs, empty fragments or useless commands is
// read at a thousand per second at most. Other members do not notice, and it costs little CPU.
func TestAFloodOfEmptyTrafficHurtsNobody(t *testing.T) {
	for _, flood := range []struct{ what, protocol, stream string }{
		{"pings", "", strings.Repeat(part(0x89, "are you there?"), 100)},
		{"pongs", "", strings.Repeat(part(0x8A, ""), 100)},
		{"pings of JSON", "chat.v1", strings.Repeat(part(0x81, `{"cmd":"ping"}`), 100)},
		{"commands of no sense", "chat.v1", strings.Repeat(part(0x81, `{"cmd":"dance"}`), 100)},
		{"empty parts", "", part(0x01, "") + strings.Repeat(part(0x00, ""), 8000)},
	} {
		w := chattest.NewWorld(t)
		ann := w.Join("Ann", "quiet")
		var ends []func() int
		for _, name := range []string{"Eve", "Mallory", "Trudy"} {
			ends = append(ends, floods(t, w, name, flood.protocol, flood.stream))
		}
		cpu, began := used(t), time.Now()
		var took []time.Duration
		pause := time.NewTicker(10 * time.Millisecond)
		for time.Since(began) < time.Second {
			said := time.Now()
			ann.Pings() // a message would wait for the disk
			took = append(took, time.Since(said))
			<-pause.C // or her own pings would use the CPU
		}
		pause.Stop()
		share := float64(used(t)-cpu) / float64(time.Since(began))
		for _, end := range ends {
			end()
		}
		most := chattest.Quantile(0.9, took) // single answers may be delayed by other load
		if chattest.Exceeds(most, time.Second) || share > 0.75 {
			t.Errorf("under a flood of %s, nine of ten answers took up to %v, and the process used %.2f of a core", flood.what, most, share)
		}
		chattest.Figure(t, "attack 12", "3 clients flood with %s: nine of ten answers within %v, CPU %.0f %% of a core, including the clients", flood.what, most.Round(time.Millisecond), 100*share)
	}
}

// fragile is a store in which some calls panic with a secret.
type fragile struct{ chat.Store }

const secret = "the password is 1234"

func (s fragile) Before(ctx context.Context, room string, seq int64, limit chat.Limit) (chat.Page, error) {
	if room == "fragile" {
		panic(secret)
	}
	return s.Store.Before(ctx, room, seq, limit)
}

func (s fragile) Commit(ctx context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	for _, change := range changes {
		if change.(chat.Post).Text == "boom" {
			panic(secret)
		}
	}
	return s.Store.Commit(ctx, changes)
}

// A panic closes only the connection in which it happens, and reveals nothing to its client.
func TestAPanicClosesOnlyItsOwnConnection(t *testing.T) {
	log := &logged{}
	w := chattest.NewWorld(t, chattest.Log(log), chattest.Store(func(inner chat.Store) chat.Store { return fragile{inner} }))
	ann := w.Connect("Ann", "")
	ann.Hears("Ann connected to chat")
	for _, test := range []struct{ what, path, protocol, stream, goodbye, logged string }{
		{"in plain text", "/chat/Bob?room=fragile&history=5", "", "", "something went wrong", "connection panicked"},
		{"in JSON", "/chat/Bob", "chat.v1", part(0x81, `{"cmd":"join","room":"fragile"}`), "something went wrong", "connection panicked"},
		{"while storing", "/chat/Bob?room=quiet", "", part(0x81, "boom"), "not stored", "panic: the password"},
	} {
		before := log.has(test.logged)
		conn := w.Dial()
		var in io.Reader
		if test.protocol == "" {
			in = upgrade(t, w, conn, test.path)
		} else {
			in = upgradeTo(t, w, conn, test.path, test.protocol)
		}
		if _, err := io.WriteString(conn, test.stream); err != nil {
			t.Fatal(err)
		}
		heard, err := io.ReadAll(in)
		if err != nil && !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v", test.what, err)
		}
		if text := string(heard); strings.Contains(text, "1234") || strings.Contains(text, "goroutine") || !strings.HasSuffix(text, "\x03\xf3"+test.goodbye) {
			t.Errorf("%s: heard %q", test.what, text)
		}
		if n := log.has(test.logged) - before; n != 1 {
			t.Errorf("%s: the log has %d new panics", test.what, n)
		}
		_ = conn.Close()
		ann.Says("still here")
		ann.Hears("Ann: still here")
	}
}
