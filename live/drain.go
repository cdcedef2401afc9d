package live

import (
	"context"
	"time"

	"chatserver/chat"
)

// Before it exits, a server closes its connections one after another, over the drain time:
// closing all at once would make all clients reconnect at once, here or on another node. The
// web page waits up to eight random seconds by itself, so the drain matters less for it. But
// plain-text programs may reconnect immediately, other nodes and proxies would receive all
// of them together, and simultaneous closing is also the most expensive for this server.
//
// During the drain nothing new is accepted, because the recorder has stopped: senders and
// new connections are refused immediately.
const (
	// drainRate is the number of connections closed per second, unless that takes too long.
	drainRate = 500
	// maxDrain is the longest drain. The last connection may take another closeWait, five
	// seconds, for its closing handshake, and a stop has nine.
	maxDrain = 3 * time.Second
	// drainStep is the interval in which connections that are due are closed together.
	drainStep = 10 * time.Millisecond
)

// drainTime returns how long it takes to close a number of connections.
func drainTime(connections int) time.Duration {
	return min(time.Duration(connections)*time.Second/drainRate, maxDrain)
}

// drain closes all connections in the random order of the wheel, until they have exited,
// which empty tells. When the context ends it closes the rest at once.
func (k *keepalive) drain(ctx context.Context, empty <-chan struct{}) {
	var all []*chat.Connection
	k.each(func(conn *chat.Connection) { all = append(all, conn) })
	began, drain := time.Now(), drainTime(len(all))
	for i, conn := range all {
		due := drain * time.Duration(i) / time.Duration(len(all))
		if wait := due - time.Since(began); wait >= drainStep {
			waitUntilDue(ctx, empty, wait)
		}
		conn.Socket.Close(chat.CloseGoingAway)
	}
}

// waitUntilDue waits for a time, or until the last connection has exited or the context
// ends.
func waitUntilDue(ctx context.Context, empty <-chan struct{}, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-empty:
	case <-ctx.Done():
	}
}
