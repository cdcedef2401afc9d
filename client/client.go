package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options configure a client. The zero value is a guest without a key or an age.
type Options struct {
	// Key is the guest key. Clients with the same key and name are the same user. The key
	// reserves the name for 60 seconds after a lost connection, and is sent as a cookie.
	Key string
	// Age is 1 to 199, or 0 to give none.
	Age int
	// Header has additional header fields for the handshake, such as a proxy may require.
	Header http.Header
	// HTTPClient opens the connection; nil means http.DefaultClient.
	HTTPClient *http.Client
	// LeastWait and MostWait bound the delay before the client reconnects. It doubles with
	// each failure, and is randomized between 0.5 and 1.5 times its value. 0 means half a
	// second, and 30 seconds. The server's Retry-After is a lower bound.
	LeastWait, MostWait time.Duration
	// PingEvery is the interval of the client's pings, and Silence the time without any
	// data from the server after which the connection counts as lost. 0 means 20 seconds,
	// and one minute.
	PingEvery, Silence time.Duration
	// Pending is the approximate number of events that may wait for the reader of Events;
	// it may be exceeded by one page. 0 means 1000. While Send waits there may be more.
	Pending int
}

// Client is one user's client. Create it with New.
type Client struct {
	url     string
	header  http.Header
	options Options
	events  chan Event
	wake    chan struct{} // something is ready to be sent

	mu        sync.Mutex
	more      sync.Cond // pending has grown, or the client has ended
	pending   []Event   // for Events, oldest first
	rooms     map[string]*room
	left      []string // rooms that the server must still be told to leave
	epoch     string   // from this connection's welcome; empty before it
	limits    Limits
	connected bool // at least once
	started   bool
	ended     error // why Run returned
	done      chan struct{}
}

// New returns a client for a server, such as ws://localhost:9090 or
// https://chat.example/team, and a name. It does not connect; Run does. It returns an
// error if the URL is invalid.
func New(server, name string, options Options) (*Client, error) {
	base, err := url.Parse(server)
	if err != nil {
		return nil, fmt.Errorf("parse the server's URL: %w", err)
	}
	switch base.Scheme {
	case "ws", "wss", "http", "https":
	default:
		return nil, fmt.Errorf("the server's URL %q begins with none of ws://, wss://, http:// and https://", server)
	}
	query := url.Values{"frame_bytes": {strconv.Itoa(LargeFrameBytes)}}
	if options.Age != 0 {
		query.Set("age", strconv.Itoa(options.Age))
	}
	header := http.Header{}
	if options.Header != nil {
		header = options.Header.Clone()
	}
	if options.Key != "" {
		cookie := "chat_guest"
		if strings.HasSuffix(base.Scheme, "s") {
			cookie = "__Host-chat_guest"
		}
		header.Add("Cookie", cookie+"="+options.Key)
	}
	c := &Client{
		url:    strings.TrimSuffix(base.String(), "/") + "/chat/" + url.PathEscape(name) + "?" + query.Encode(),
		header: header, options: options.withDefaults(), events: make(chan Event), wake: make(chan struct{}, 1),
		rooms: map[string]*room{}, done: make(chan struct{}),
	}
	c.more.L = &c.mu
	return c, nil
}

func (o Options) withDefaults() Options {
	for field, otherwise := range map[*time.Duration]time.Duration{
		&o.LeastWait: 500 * time.Millisecond, &o.MostWait: 30 * time.Second, &o.PingEvery: 20 * time.Second, &o.Silence: time.Minute,
	} {
		if *field == 0 {
			*field = otherwise
		}
	}
	if o.Pending == 0 {
		o.Pending = 1000
	}
	return o
}

// Events returns the channel of the server's events and the connection's state changes,
// in order. It is closed when Run has returned. A program that stops reading must end
// Run's context.
func (c *Client) Events() <-chan Event { return c.events }

// Run connects and reconnects until ctx ends, and returns its error, or until the server
// refuses permanently, and returns a *RefusedError or a *CloseError. It can run only
// once. At the end it disconnects, which frees the name.
func (c *Client) Run(ctx context.Context) error {
	c.mu.Lock()
	if c.started {
		c.mu.Unlock()
		return ErrRunning
	}
	c.started = true
	c.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	delivered := make(chan struct{})
	go func() {
		defer close(delivered)
		c.deliver(ctx)
	}()
	err := c.reconnects(ctx)
	cancel()
	c.end(err)
	<-delivered
	close(c.events)
	return err
}

// end wakes all waiting calls, which return that the client has ended.
func (c *Client) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = err
	close(c.done)
	c.more.Broadcast()
}

// reconnects opens one connection after the other.
func (c *Client) reconnects(ctx context.Context) error {
	for wait := c.options.LeastWait; ; wait = min(2*wait, c.options.MostWait) {
		welcomed, err := c.connection(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if c.isForGood(err) {
			return err
		}
		if welcomed { // the server was reachable
			wait = c.options.LeastWait
		}
		pause := wait/2 + rand.N(wait) //nolint:gosec // at random, or all clients come back at once
		if refused := (*RefusedError)(nil); errors.As(err, &refused) {
			pause += refused.RetryAfter
		}
		c.mu.Lock()
		c.emitLocked(Disconnected{Err: err, Wait: pause})
		c.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (c *Client) isForGood(err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if closed := (*CloseError)(nil); errors.As(err, &closed) {
		return !closed.Code.Reconnects()
	}
	refused := (*RefusedError)(nil)
	return errors.As(err, &refused) && refused.forGood(c.connected)
}

// wakeUp makes the connection, if there is one, check what to send.
func (c *Client) wakeUp() {
	select {
	case c.wake <- struct{}{}:
	default: // it will check anyway
	}
}
