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
	// flushTimeout is how long whoever enters a room waits for NATS to know of it. When it
	// takes longer the comparison with the store finds what was missed.
	flushTimeout = 250 * time.Millisecond
	// pingInterval and mostPings notice a server that has fallen silent within ten seconds.
	pingInterval = 5 * time.Second
	maxPings = 2
	// writeTimeout is how long a server that takes nothing holds up who publishes, twice at
	// most: then it counts as gone.
	writeTimeout = time.Second
	// reconnectWait is how often a server that is gone is tried.
	reconnectWait = 500 * time.Millisecond
	// maxIncoming is how many hints wait to be handed on. What comes beyond is dropped.
	maxIncoming = 16 << 10
	// lossInterval is how often a loss is told at most: under load each hint may be one.
	lossInterval = time.Second
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
	// Inject and Fetch turn a message's trace into a traceparent and back; nil without
	// traces.
	Inject func(trace any) string
	Extract func(traceparent string) any
}

// NATS is a chat.Broker on core NATS, a subject a room.
type NATS struct {
	conn    *nats.Conn
	options Options
	counters  counters
	auth    *authenticator
	timestamps  timestamps
	replays   replayGuard // of run
	logRejected sync.Once // the first hint that nobody vouches for is logged
	incoming chan *nats.Msg
	done    chan struct{}

	mu         sync.Mutex
	handlers      map[*nats.Subscription]func(chat.Hint)
	onLoss       func()
	lastLoss   time.Time
	logged map[string]bool // those since NATS was there
}

var _ chat.Broker = (*NATS)(nil)

// Open connects to NATS, and goes on if it is away: it is tried for as long as it takes,
// now and later. The error is that of a setting.
func Open(options Options) (*NATS, error) {
	n := &NATS{
		auth: newAuthenticator(options.Key), timestamps: timestamps{node: options.Node, now: options.Now},
		replays:   replayGuard{now: options.Now, last: map[string]int64{}},
		options: options, incoming: make(chan *nats.Msg, maxIncoming), done: make(chan struct{}),
		handlers: map[*nats.Subscription]func(chat.Hint){}, logged: map[string]bool{}, onLoss: func() {},
	}
	trusted, err := securityOptions(options)
	if err != nil {
		return nil, err
	}
	n.counters.disconnect()
	settings := []nats.Option{
		nats.Name("chatserver"), nats.NoEcho(), nats.NoCallbacksAfterClientClose(),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.ReconnectJitter(reconnectWait, reconnectWait),
		nats.ReconnectBufSize(-1), // whoever comes back compares with the store
		nats.PingInterval(pingInterval), nats.MaxPingsOutstanding(maxPings), nats.Timeout(2 * time.Second), nats.FlusherTimeout(writeTimeout),
		nats.ConnectHandler(n.connected),
		nats.ReconnectHandler(n.connected),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			n.counters.disconnect()
			options.Log.Error("NATS is gone: what is said on other nodes is found in the database until it is back", "error", err)
		}),
		nats.IgnoreAuthErrorAbort(), // credentials may be put right while we run
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { n.logOnce(err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { n.asyncError(err) }),
	}
	if n.conn, err = nats.Connect(options.URL, append(settings, trusted...)...); err != nil {
		return nil, fmt.Errorf("cannot use --nats: %w", err)
	}
	go n.dispatch()
	return n, nil
}

// connected tells that what was published meanwhile was not heard.
func (n *NATS) connected(conn *nats.Conn) {
	n.counters.connect()
	n.mu.Lock()
	clear(n.logged)
	n.mu.Unlock()
	n.options.Log.Info("NATS is there", "server", conn.ConnectedUrlRedacted())
	n.reportLoss()
}

// asyncError hears of what goes wrong beside any call.
func (n *NATS) asyncError(err error) {
	if errors.Is(err, nats.ErrSlowConsumer) {
		n.reportLoss()
		return
	}
	n.logOnce(err)
}

// logOnce says why NATS cannot be spoken to: each reason once, until it is there.
func (n *NATS) logOnce(err error) {
	if errors.Is(err, nats.ErrNoServers) { // the next try says why
		return
	}
	why := errorKey(err)
	n.mu.Lock()
	known := n.logged[why]
	n.logged[why] = true
	n.mu.Unlock()
	if !known {
		n.options.Log.Error("cannot speak to NATS", "error", err)
	}
}

// errorKey is what an error says without what is another one each time: a port of ours, or
// a room.
func errorKey(err error) string {
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

func (n *NATS) reportLoss() {
	n.mu.Lock()
	lost := n.onLoss
	soon := time.Since(n.lastLoss) < lossInterval
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
	n.onLoss = lost
}

// subject is what the nodes of a room subscribe to. A slug has no character that means
// something in a subject.
func subject(room string) string { return "chatserver.room." + room }

// Subscribe implements chat.Broker.
func (n *NATS) Subscribe(room string, handle func(chat.Hint)) (end func()) {
	n.mu.Lock() // a hint must not come before it is known for whom
	sub, err := n.conn.ChanSubscribe(subject(room), n.incoming)
	if err == nil {
		n.handlers[sub] = handle
	}
	n.mu.Unlock()
	if err != nil { // the connection is closed for good
		n.options.Log.Error("NATS", "room", room, "error", err)
		return func() {}
	}
	if !n.counters.disconnected() {
		_ = n.conn.FlushTimeout(flushTimeout) // the store is compared with, in any case
	}
	return func() {
		n.mu.Lock()
		n.counters.overflowed += overflowed(sub)
		delete(n.handlers, sub)
		n.mu.Unlock()
		_ = sub.Unsubscribe() // of a connection that is closed nothing comes
	}
}

// Close sends what was published, and ends.
func (n *NATS) Close() {
	if n.conn.IsConnected() {
		_ = n.conn.FlushTimeout(flushTimeout) // hints
	}
	n.conn.Close()
	n.mu.Lock()
	clear(n.handlers)
	n.mu.Unlock()
	close(n.incoming)
	<-n.done
}
