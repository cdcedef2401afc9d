package chat

import (
	"context"
	"time"
)

// A stop tells those who are connected one after the other, over the drain time: all
// at once would be elsewhere, or back, in one moment. The page waits by itself, up to
// eight seconds at random, so of it the spread is a small part; but programs in plain
// text may come back at once, other nodes and proxies would get all of them together,
// and saying goodbye to everybody at the same time costs the server itself the most.
//
// Meanwhile nothing new is let in or taken: the recorder has stopped. Whoever says
// something or enters a room is told at once.
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

// drain closes all connections in the random order of the keepalive wheel. When the context
// ends it closes the rest at once.
func (h *hub) drain(ctx context.Context) {
	var all []*Connection
	h.keepalive.each(func(conn *Connection) { all = append(all, conn) })
	began, drain := time.Now(), drainTime(len(all))
	for i, conn := range all {
		due := drain * time.Duration(i) / time.Duration(len(all))
		if wait := due - time.Since(began); wait >= drainStep {
			h.waitUntilDue(ctx, wait)
		}
		conn.Socket.Close(CloseGoingAway)
	}
}

// waitUntilDue waits for a time, or until the last connection has exited or the context
// ends.
func (h *hub) waitUntilDue(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-h.empty:
	case <-ctx.Done():
	}
}
