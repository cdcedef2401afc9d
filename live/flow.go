package live

import (
	"context"
	"time"

	"chatserver/chat"
	"chatserver/fair"
)

// Flow control: a room admits messages no faster than its members take them. Delivery never
// waits. Senders do, before their message is stored.

const (
	// flowWindow is the number of message bytes that a room admits in advance: those not yet
	// written to all members, and those admitted since all members kept up. Together with
	// what a member may have queued before it counts as Behind (64 kB), they fit a member's
	// queue (256 kB).
	flowWindow = 128 << 10
	// flowRate is the number of bytes per second that a room admits while a member is
	// Behind: the payload of a line with 5 Mbit/s, with a third to spare. Nobody on such a
	// line is closed for being too slow, and a slower one does not delay the others any
	// further.
	flowRate = 384 << 10
	// flowPoll is how often the sender at the head of the queue checks again.
	flowPoll = 2 * time.Millisecond
)

// flow is a room's flow control state. The room's lock guards it.
type flow struct {
	underWay int                    // bytes admitted, and neither stored nor refused yet
	ahead    int                    // bytes admitted since no member was Behind
	due      time.Duration          // after flowStart: when a line of flowRate will have carried the admitted bytes
	slow     *subscription          // the subscription that was Behind at the last check
	gate     *fair.Gate[chat.Payer] // queue of the waiting senders; nil until one waits
}

// flowStart is the zero point of due: a duration takes less memory than a time.
var flowStart = time.Now()

// admit waits until the room of a pump admits a message of the given size; call
// settledLocked when the message is stored or refused. Senders take turns by payer, so that one with many
// connections delays another by one message. The error is ErrStopping.
func (f *flow) admit(p *pump, payer chat.Payer, bytes int) error {
	if f.tryTake(p, bytes) {
		return nil
	}
	turns := f.queue(p)
	if err := turns.Enter(context.Background(), payer, 0); err != nil {
		return err
	}
	defer turns.Leave()
	for !f.tryTake(p, bytes) {
		if p.hub.Stopping() {
			return chat.ErrStopping
		}
		time.Sleep(flowPoll)
	}
	return nil
}

// queue returns the queue of the waiting senders.
func (f *flow) queue(p *pump) *fair.Gate[chat.Payer] {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.gate == nil {
		f.gate = fair.NewGate[chat.Payer](1)
	}
	return f.gate
}

// tryTake admits a message, or returns false if the room cannot take it yet.
func (f *flow) tryTake(p *pump, bytes int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	inHand := f.underWay + p.undelivered
	if inHand > 0 && inHand+bytes > flowWindow {
		return false
	}
	now := time.Since(flowStart)
	if f.ahead+bytes > flowWindow {
		if f.slow = p.behindLocked(f.slow); f.slow == nil {
			f.ahead, f.due = inHand, now
		} else if now < f.due {
			return false
		}
	}
	f.underWay += bytes
	f.ahead += bytes
	f.due = max(f.due, now) + lineTime(bytes)
	return true
}

// lineTime returns how long a line of flowRate takes for a number of bytes.
func lineTime(bytes int) time.Duration { return time.Duration(bytes) * time.Second / flowRate }

// settledLocked notes that an admitted message was stored or refused. If the room is not told
// of it, no line carries it, and it does not count.
func (f *flow) settledLocked(bytes int, told bool) {
	f.underWay -= bytes
	if !told {
		f.ahead = max(0, f.ahead-bytes)
		f.due -= lineTime(bytes)
	}
}
