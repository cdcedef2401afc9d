// Package broker carries hints between the nodes of a fleet. What gets lost on the way is
// found in the store: nothing here is kept, repeated or put in order.
package broker

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"chatserver/chat"
)

const (
	// flushWait is how long whoever enters a room waits for NATS to know of it. When it
	// takes longer the comparison with the store finds what was missed.
	flushWait = 250 * time.Millisecond
	// pingEvery and mostPings notice a server that has fallen silent within ten seconds.
	pingEvery = 5 * time.Second
	mostPings = 2
	// writeWait is how long a server that takes nothing holds up who publishes, twice at
	// most: then it counts as gone.
	writeWait = time.Second
	// reconnectEvery is how often a server that is gone is tried.
	reconnectEvery = 500 * time.Millisecond
	// maxArrived is how many hints wait to be handed on. What comes beyond is dropped.
	maxArrived = 16 << 10
	// maxLoss is how often a loss is told at most: under load each hint may be one.
	maxLoss = time.Second
)

// headerTrace is of W3C Trace Context.
const headerTrace = "traceparent"

// Options are the settings of a connection to NATS.
type Options struct {
	URL   string // nats://… or tls://…, several with commas between them
	Creds string // file of a user's credentials; empty for what the URL says
	CA    string // file of the authorities (PEM) of its certificate; empty for the system's
	Log   *slog.Logger
	// Key authenticates hints, and is the same on all nodes.
	Key []byte
	// Node is a name that no other node has, and Now tells the time that all have.
	Node string
	Now  func() time.Time
	// Carry and Fetch turn a message's trace into a traceparent and back; nil without
	// traces.
	Carry func(trace any) string
	Fetch func(traceparent string) any
}

// NATS is a chat.Broker on core NATS, a subject a room.
type NATS struct {
	conn    *nats.Conn
	options Options
	counts  counts
	auth    *authenticator
	stamps  stamps
	fresh   freshness // of run
	refused sync.Once // the first hint that nobody vouches for is logged
	arrived chan *nats.Msg
	done    chan struct{}

	mu         sync.Mutex
	hears      map[*nats.Subscription]func(chat.Hint)
	lost       func()
	lastLoss   time.Time
	complaints map[string]bool // those since NATS was there
}

var _ chat.Broker = (*NATS)(nil)

// Open connects to NATS, and goes on if it is away: it is tried for as long as it takes,
// now and later. The error is that of a setting.
func Open(options Options) (*NATS, error) {
	n := &NATS{
		auth: newAuthenticator(options.Key), stamps: stamps{node: options.Node, now: options.Now},
		fresh:   freshness{now: options.Now, last: map[string]int64{}},
		options: options, arrived: make(chan *nats.Msg, maxArrived), done: make(chan struct{}),
		hears: map[*nats.Subscription]func(chat.Hint){}, complaints: map[string]bool{}, lost: func() {},
	}
	trusted, err := trust(options)
	if err != nil {
		return nil, err
	}
	n.counts.goes()
	settings := []nats.Option{
		nats.Name("chatserver"), nats.NoEcho(), nats.NoCallbacksAfterClientClose(),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectEvery), nats.ReconnectJitter(reconnectEvery, reconnectEvery),
		nats.ReconnectBufSize(-1), // whoever comes back compares with the store
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(mostPings), nats.Timeout(2 * time.Second), nats.FlusherTimeout(writeWait),
		nats.ConnectHandler(n.connected),
		nats.ReconnectHandler(n.connected),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			n.counts.goes()
			options.Log.Error("NATS is gone: what is said on other nodes is found in the database until it is back", "error", err)
		}),
		nats.IgnoreAuthErrorAbort(), // credentials may be put right while we run
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { n.complain(err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { n.troubled(err) }),
	}
	if n.conn, err = nats.Connect(options.URL, append(settings, trusted...)...); err != nil {
		return nil, fmt.Errorf("cannot use --nats: %w", err)
	}
	go n.run()
	return n, nil
}

// connected tells that what was published meanwhile was not heard.
func (n *NATS) connected(conn *nats.Conn) {
	n.counts.comes()
	n.mu.Lock()
	clear(n.complaints)
	n.mu.Unlock()
	n.options.Log.Info("NATS is there", "server", conn.ConnectedUrlRedacted())
	n.loss()
}

// troubled hears of what goes wrong beside any call.
func (n *NATS) troubled(err error) {
	if errors.Is(err, nats.ErrSlowConsumer) {
		n.loss()
		return
	}
	n.complain(err)
}

// complain says why NATS cannot be spoken to: each reason once, until it is there.
func (n *NATS) complain(err error) {
	if errors.Is(err, nats.ErrNoServers) { // the next try says why
		return
	}
	why := reason(err)
	n.mu.Lock()
	known := n.complaints[why]
	n.complaints[why] = true
	n.mu.Unlock()
	if !known {
		n.options.Log.Error("cannot speak to NATS", "error", err)
	}
}

// reason is what an error says without what is another one each time: a port of ours, or
// a room.
func reason(err error) string {
	var (
		on     *net.OpError
		lookup *net.DNSError
	)
	switch {
	case errors.Is(err, nats.ErrPermissionViolation):
		return nats.ErrPermissionViolation.Error()
	case errors.As(err, &lookup):
		return "look up " + lookup.Name
	case errors.As(err, &on):
		return on.Err.Error()
	}
	return err.Error()
}

func (n *NATS) loss() {
	n.mu.Lock()
	lost := n.lost
	soon := time.Since(n.lastLoss) < maxLoss
	if !soon {
		n.lastLoss = time.Now()
	}
	n.mu.Unlock()
	if !soon {
		lost()
	}
}

// OnLoss implements chat.Broker.
func (n *NATS) OnLoss(lost func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lost = lost
}

// subject is what the nodes of a room subscribe to. A slug has no character that means
// something in a subject.
func subject(room string) string { return "chatserver.room." + room }

// Subscribe implements chat.Broker.
func (n *NATS) Subscribe(room string, hear func(chat.Hint)) (end func()) {
	n.mu.Lock() // a hint must not come before it is known for whom
	sub, err := n.conn.ChanSubscribe(subject(room), n.arrived)
	if err == nil {
		n.hears[sub] = hear
	}
	n.mu.Unlock()
	if err != nil { // the connection is closed for good
		n.options.Log.Error("NATS", "room", room, "error", err)
		return func() {}
	}
	if !n.counts.isGone() {
		_ = n.conn.FlushTimeout(flushWait) // the store is compared with, in any case
	}
	return func() {
		n.mu.Lock()
		n.counts.overflowed += overflowed(sub)
		delete(n.hears, sub)
		n.mu.Unlock()
		_ = sub.Unsubscribe() // of a connection that is closed nothing comes
	}
}

// Close sends what was published, and ends.
func (n *NATS) Close() {
	if n.conn.IsConnected() {
		_ = n.conn.FlushTimeout(flushWait) // hints
	}
	n.conn.Close()
	n.mu.Lock()
	clear(n.hears)
	n.mu.Unlock()
	close(n.arrived)
	<-n.done
}
