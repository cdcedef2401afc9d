package chat_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"chatserver/chat"
	"chatserver/cluster"
	"chatserver/node"
	"chatserver/store"
)

// author is the socket of a client that waits for the answer to each message.
type author struct{ answers chan error }

func (author) Write([]byte) bool { return false }
func (author) Lag() chat.Lag     { return chat.Current }
func (author) Calm() error       { return nil }
func (author) CheckIdle()        {}
func (author) Close(chat.Close)  {}

// Answer passes on the outcome of a draft.
func (a author) Answer(_ chat.Change, outcome chat.Outcome) { a.answers <- outcome.Err }

// BenchmarkSend measures a message with a number of concurrent senders that each wait for
// the answer: those that wait together share a commit. It uses no real sockets.
func BenchmarkSend(b *testing.B) {
	for _, senders := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(senders, " senders"), func(b *testing.B) {
			db, err := store.OpenSQLite(context.Background(), b.TempDir(), store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			c := node.Start(db, [chat.Kinds]chat.Frames{chat.PlainText: texts{}, chat.JSON: texts{}, chat.LargeJSON: texts{}}, cluster.Alone(), chat.Options{Log: slog.New(slog.DiscardHandler)})
			defer func() { // leave no goroutine behind
				c.BeginStop()
				if err := c.Stop(context.Background()); err != nil {
					b.Error(err)
				}
			}()
			turns := make(chan struct{})
			var wg sync.WaitGroup
			for i := range senders {
				conn, answers := enter(b, c, i)
				defer c.Exit(conn)
				wg.Go(func() {
					for range turns {
						if err := compose(c, conn, chat.Lobby, "", strings.Repeat("x", 128)); err != nil {
							b.Error(err)
						}
						if err := <-answers; err != nil {
							b.Error(err)
						}
					}
				})
			}
			b.ReportAllocs()
			for b.Loop() {
				turns <- struct{}{}
			}
			close(turns)
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

func enter(b *testing.B, c *chat.Chat, i int) (*chat.Connection, chan error) {
	b.Helper()
	user, err := chat.NewUser(fmt.Sprint("user ", i), 0, "")
	if err != nil {
		b.Fatal(err)
	}
	socket := author{make(chan error, 1)}
	conn := &chat.Connection{Actor: chat.GuestAt(user, netip.MustParseAddr("127.0.0.1")), Kind: chat.JSON, Socket: socket}
	if err := c.Enter(conn); err != nil {
		b.Fatal(err)
	}
	if err := c.Join(context.Background(), conn, chat.Lobby, nil); err != nil {
		b.Fatal(err)
	}
	return conn, socket.answers
}
