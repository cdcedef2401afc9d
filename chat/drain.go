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
	// drainRate is how many are told each second, unless that takes too long.
	drainRate = 500
	// maxDrain is the drain time at most. The last one told may take closeWait,
	// five seconds, to hang up, and a stop has nine.
	maxDrain = 3 * time.Second
	// drainStep is for how long those who are due are told together.
	drainStep = 10 * time.Millisecond
)

// drainTime is how long the goodbyes to so many take.
func drainTime(connections int) time.Duration {
	return min(time.Duration(connections)*time.Second/drainRate, maxDrain)
}

// drain tells everybody who is connected, in the order of the wheel of beats,
// which is by chance. When the context ends the rest are told at once.
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

// waitUntilDue waits, but no longer than somebody is there and the context lasts.
func (h *hub) waitUntilDue(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-h.empty:
	case <-ctx.Done():
	}
}
