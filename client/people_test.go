package client_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"chatserver/chattest"
	"chatserver/client"
)

// person is a client whose events the test reads.
type person struct {
	*client.Client
	t     testing.TB
	leave context.CancelFunc
	ended chan error
}

// comes runs a client until the test ends.
func comes(t testing.TB, server, name string, options client.Options) *person {
	t.Helper()
	c, err := client.New(server, name, options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	p := &person{Client: c, t: t, leave: leave, ended: make(chan error, 1)}
	go func() { p.ended <- c.Run(ctx) }()
	t.Cleanup(func() {
		leave()
		for range c.Events() { // until Run has ended
		}
	})
	return p
}

// joins runs a client until the test ends, and waits until it is live in a room.
func joins(t testing.TB, w *chattest.World, name, room string, options client.Options) *person {
	t.Helper()
	p := comes(t, "ws://"+w.Address(), name, options)
	p.Join(room)
	until[client.Joined](p)
	return p
}

// until reads events up to one of a type.
func until[E client.Event](p *person) (e E) {
	p.t.Helper()
	late := time.After(chattest.Patience)
	for {
		select {
		case event, more := <-p.Events():
			if !more {
				p.t.Fatalf("waited in vain for %T", e)
			}
			if e, is := event.(E); is {
				return e
			}
		case <-late:
			p.t.Fatalf("the client ended before %T", e)
		}
	}
}

// hears reads n messages and returns their texts.
func (p *person) hears(n int) (texts []string) {
	p.t.Helper()
	for range n {
		texts = append(texts, until[client.Message](p).Text)
	}
	return texts
}

// sends sends a text while nothing reads the events.
func (p *person) sends(room, text string) int64 {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), chattest.Patience)
	defer cancel()
	seq, err := p.Send(ctx, room, text)
	if err != nil {
		p.t.Fatalf("%q was not sent: %v", text, err)
	}
	return seq
}

// through dials through a fault-injecting network.
func through(n *chattest.Network) *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, _, err := n.Dial(ctx)
		return conn, err
	}}}
}

// hurried returns options for a client that reconnects soon.
func hurried(n *chattest.Network) client.Options {
	return client.Options{
		HTTPClient: through(n), LeastWait: 5 * time.Millisecond, MostWait: 50 * time.Millisecond,
		PingEvery: 100 * time.Millisecond, Silence: time.Second,
	}
}

func numbered(what string, n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprint(what, i))
	}
	return all
}
