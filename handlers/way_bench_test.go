package handlers_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/chattest/tcp"
	"chatserver/chatv1"
	"chatserver/cluster"
	"chatserver/handlers/request"
	"chatserver/handlers/socket"
	"chatserver/node"
	"chatserver/telemetry"
	"chatserver/ws"
)

// BenchmarkWay measures the hot path of a message, part by part, and fails if a part
// allocates more than its limit, because all of this is done for every message and every
// member.
func BenchmarkWay(b *testing.B) {
	const id = "0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b"
	text := strings.Repeat("x", 128)
	command := []byte(`{"cmd":"send","room":"lobby","id":"` + id + `","text":"` + text + `"}`)
	b.Run("a frame is read without a descriptor", func(b *testing.B) {
		var r inputIgnored
		repeating := repeatingConn{frame: unmaskedFrame(command)}
		if err := r.Init(repeating, repeating, 1<<16, &r, newReporter()); err != nil {
			b.Fatal(err)
		}
		limitAllocs(b, 1, func() error { _, err := r.ReadText(); return err })
	})
	b.Run("a command is understood", func(b *testing.B) {
		limitAllocs(b, 10, func() error { _, err := chatv1.Parse(command); return err })
	})
	said := chat.Said{Message: chat.Message{Room: "lobby", Seq: 3, Rev: 3, ID: id, From: "Ann", Text: text, HTML: `<p dir="auto">` + text + `</p>`, HTMLVersion: 1, At: time.Now(), AuthorID: strings.Repeat("a1", 16)}}
	for kind, frames := range socket.Frames(chatv1.NewShortIDs([]byte("secret"))) {
		b.Run("a frame is made in "+chat.Kind(kind).String(), func(b *testing.B) {
			var dst []byte
			var event chat.Event = said
			limitAllocs(b, 0, func() error { dst = frames.Append(dst[:0], event); return nil })
		})
	}
	b.Run("a frame is written", func(b *testing.B) {
		server, client := tcp.Pair(b)
		go func() { _, _ = io.Copy(io.Discard, client) }()
		var w inputIgnored
		if err := w.Init(server, server, 1<<16, &w, newReporter()); err != nil {
			b.Fatal(err)
		}
		frame := socket.Frames(nil)[chat.PlainText].Append(nil, said)
		limitAllocs(b, 0, func() error {
			w.Write(frame)
			return w.Calm()
		})
	})
	b.Run("a message is passed on", func(b *testing.B) {
		c := node.Start(&countingStore{}, socket.Frames(nil), cluster.Alone(), chat.Options{Log: slog.New(slog.DiscardHandler)})
		heard := &notifyingSocket{written: make(chan struct{}, 1)}
		defer func() { // leaves nothing running
			c.BeginStop()
			if err := c.Stop(context.Background()); err != nil {
				b.Error(err)
			}
		}()
		user, err := chat.NewUser("Ann", 0, "")
		if err != nil {
			b.Fatal(err)
		}
		conn := &chat.Connection{Actor: chat.GuestAt(user, netip.IPv6Loopback()), Kind: chat.JSON, Socket: heard}
		if err := errors.Join(c.Enter(conn), c.Join(context.Background(), conn, "lobby", nil)); err != nil {
			b.Fatal(err)
		}
		defer c.Exit(conn)
		<-heard.written                  // the room
		limitAllocs(b, 9, func() error { // one for the HTML, and one for its place in the frame
			draft, err := c.Compose(context.Background(), conn, "lobby", chat.Outgoing{ID: id, Text: text})
			if err == nil {
				err = c.Send(context.Background(), conn, draft)
			}
			<-heard.written
			return err
		})
	})
}

// limitAllocs runs f as often as the benchmark needs, and fails if one run makes more than
// most allocations.
func limitAllocs(b *testing.B, most uint64, f func() error) {
	b.Helper()
	const first = 100 // one-time allocations are not counted
	for range first {
		if err := f(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		if err := f(); err != nil {
			b.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.Mallocs - before.Mallocs) / uint64(b.N); each > most { //nolint:gosec // above 0
		b.Errorf("%d allocations, and not at most %d", each, most)
	}
}

func newReporter() *request.Reporter {
	return &request.Reporter{Telemetry: telemetry.New("", nil), Log: slog.New(slog.DiscardHandler)}
}

// inputIgnored is a WebSocket that ignores what it receives besides messages.
type inputIgnored struct{ ws.Conn }

func (*inputIgnored) Received(int)         {}
func (*inputIgnored) Control(byte, []byte) {}

// unmaskedFrame returns a client's text frame whose mask is zero.
func unmaskedFrame(payload []byte) []byte {
	header := ws.AppendHeader(nil, ws.OpText, len(payload))
	header[1] |= ws.MaskBit
	return append(append(header, 0, 0, 0, 0), payload...)
}

// repeatingConn is a connection that receives the same frame again and again.
type repeatingConn struct {
	net.Conn
	frame []byte
}

func (a repeatingConn) Read(b []byte) (int, error) {
	if len(b) == 1 { // the first byte, and then the rest
		return copy(b, a.frame), nil
	}
	return copy(b, a.frame[1:]), nil
}

// countingStore is a store that only counts.
type countingStore struct {
	chat.Store
	rev int64
}

func (n *countingStore) Commit(_ context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	outcomes := make([]chat.Outcome, len(changes))
	for i, change := range changes {
		n.rev++
		outcomes[i] = chat.Outcome{Rev: n.rev, Message: change.(chat.Post).Message(n.rev)}
	}
	return outcomes, nil
}

func (*countingStore) Before(context.Context, string, int64, chat.Limit) (chat.Page, error) {
	return chat.Page{}, nil
}

func (*countingStore) Epoch() string { return "" }

func (*countingStore) FindRoom(context.Context, string) (*chat.RoomInfo, error) {
	return nil, nil //nolint:nilnil // no room is not an error
}

// notifyingSocket is a socket that sends to a channel on every write.
type notifyingSocket struct{ written chan struct{} }

func (h *notifyingSocket) Write([]byte) bool              { h.written <- struct{}{}; return false }
func (*notifyingSocket) Lag() chat.Lag                    { return chat.Current }
func (*notifyingSocket) Calm() error                      { return nil }
func (*notifyingSocket) CheckIdle()                       {}
func (*notifyingSocket) Close(chat.Close)                 {}
func (*notifyingSocket) Answer(chat.Change, chat.Outcome) {}
