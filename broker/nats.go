// Package broker carries hints between the nodes of a fleet. It does not store, repeat or
// order them: the store has what gets lost on the way.
package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"chatserver/chat"
	"chatserver/task"
)

const (
	// flushTimeout bounds how long joining a room waits until NATS has registered the
	// subscription. If that takes longer, the comparison with the store finds what was
	// missed.
	flushTimeout = 250 * time.Millisecond
	// pingInterval and maxPings detect an unresponsive server within ten seconds.
	pingInterval = 5 * time.Second
	maxPings     = 2
	// writeTimeout bounds how long an unresponsive server blocks a publisher, twice at
	// most. Then it counts as disconnected.
	writeTimeout = time.Second
	// reconnectWait is the delay between attempts to reconnect.
	reconnectWait = 500 * time.Millisecond
	// maxIncoming is how many hints can be queued for dispatch. Further ones are dropped.
	maxIncoming = 16 << 10
	// lossInterval is the minimum time between two reports of a loss: under load, every
	// hint may be lost.
	lossInterval = time.Second
)

// headerTrace is defined by W3C Trace Context.
const headerTrace = "traceparent"

// Options are the settings of a connection to NATS.
type Options struct {
	URL   string // nats://… or tls://…, several separated by commas
	Creds string // a user's credentials file; empty = those in the URL
	CA    string // file of CA certificates (PEM); empty = the system's
	Log   *slog.Logger
	// Key authenticates hints. It is the same on all nodes.
	Key []byte
	// Node is a unique name of this node, and Now returns the time of the database's
	// clock, which all nodes share.
	Node string
	Now  func() time.Time
	// Inject converts a message's trace to a traceparent, and Extract converts it back.
	// They are nil without tracing.
	Inject  func(trace any) string
	Extract func(traceparent string) any
}

// NATS is a chat.Broker on core NATS, with one subject per room.
type NATS struct {
	conn        *nats.Conn
	options     Options
	counters    counters
	auth        *authenticator
	timestamps  timestamps
	replays     replayGuard // used by dispatch only
	logRejected sync.Once   // only the first hint without a valid MAC is logged
	incoming    chan *nats.Msg
	task        *task.Task // dispatch

	mu       sync.Mutex
	handlers map[*nats.Subscription]func(chat.Hint)
	onLoss   func()
	lastLoss time.Time
	logged   map[string]bool // since the last successful connect
}

var _ chat.Broker = (*NATS)(nil)

// Open connects to NATS. If NATS is unreachable, it returns anyway and retries in the
// background for as long as it takes. The error is that of an invalid setting.
func Open(options Options) (*NATS, error) {
	n := &NATS{
		auth: newAuthenticator(options.Key), timestamps: timestamps{node: options.Node, now: options.Now},
		replays: replayGuard{now: options.Now, last: map[string]int64{}},
		options: options, incoming: make(chan *nats.Msg, maxIncoming),
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
		nats.ReconnectBufSize(-1), // after a reconnect, rooms are compared with the store
		nats.PingInterval(pingInterval), nats.MaxPingsOutstanding(maxPings), nats.Timeout(2 * time.Second), nats.FlusherTimeout(writeTimeout),
		nats.ConnectHandler(n.connected),
		nats.ReconnectHandler(n.connected),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			n.counters.disconnect()
			options.Log.Error("NATS disconnected: polling the database for other nodes' messages until it is back", "error", err)
		}),
		nats.IgnoreAuthErrorAbort(), // credentials may be corrected while we run
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { n.logOnce(err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { n.asyncError(err) }),
	}
	if n.conn, err = nats.Connect(options.URL, append(settings, trusted...)...); err != nil {
		return nil, fmt.Errorf("invalid --nats: %w", err)
	}
	n.task = task.Start(n.dispatch)
	return n, nil
}

// connected handles a new connection: hints published in the meantime were lost.
func (n *NATS) connected(conn *nats.Conn) {
	n.counters.connect()
	n.mu.Lock()
	clear(n.logged)
	n.mu.Unlock()
	n.options.Log.Info("connected to NATS", "server", conn.ConnectedUrlRedacted())
	n.reportLoss()
}

// asyncError handles the client's errors that belong to no call.
func (n *NATS) asyncError(err error) {
	if errors.Is(err, nats.ErrSlowConsumer) {
		n.reportLoss()
		return
	}
	n.logOnce(err)
}

// logOnce logs why NATS cannot be used, each reason once until the next successful
// connect.
func (n *NATS) logOnce(err error) {
	if errors.Is(err, nats.ErrNoServers) { // the next attempt gives the reason
		return
	}
	why := errorKey(err)
	n.mu.Lock()
	known := n.logged[why]
	n.logged[why] = true
	n.mu.Unlock()
	if !known {
		n.options.Log.Error("cannot use NATS", "error", err)
	}
}

// errorKey returns an error's text without the parts that vary between attempts, such as
// a local port or a room.
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

// subject returns the NATS subject of a room. A slug has no characters that are special
// in a subject.
func subject(room string) string { return "chatserver.room." + room }

// Subscribe implements chat.Broker.
func (n *NATS) Subscribe(room string, handle func(chat.Hint)) (end func()) {
	n.mu.Lock() // a hint must not arrive before its handler is registered
	sub, err := n.conn.ChanSubscribe(subject(room), n.incoming)
	if err == nil {
		n.handlers[sub] = handle
	}
	n.mu.Unlock()
	if err != nil { // the connection is closed for good
		n.options.Log.Error("could not subscribe to a room's hints in NATS", "room", room, "error", err)
		return func() {}
	}
	if !n.counters.disconnected() {
		_ = n.conn.FlushTimeout(flushTimeout) // not fatal: the room is compared with the store anyway
	}
	return func() {
		n.mu.Lock()
		n.counters.overflowed += overflowed(sub)
		delete(n.handlers, sub)
		n.mu.Unlock()
		_ = sub.Unsubscribe() // fails only if the connection is closed, and then no hints arrive
	}
}

// Close flushes published hints and closes the connection.
func (n *NATS) Close() {
	if n.conn.IsConnected() {
		_ = n.conn.FlushTimeout(flushTimeout) // hints may be lost
	}
	n.conn.Close()
	n.mu.Lock()
	clear(n.handlers)
	n.mu.Unlock()
	_ = n.task.Stop(context.Background()) // a hint is passed on within microseconds
}
