package live

import (
	"math"
	"sync/atomic"
	"time"

	"chatserver/chat"
)

// catchingUp is the rev of a subscription that is not live: it still reads the history it
// missed and receives no messages.
const catchingUp = math.MaxInt64

// typingInterval is the minimum time between typing events of one subscription.
const typingInterval = time.Second

// subscription attaches a connection to a room from one moment on. Everything before the
// position from, and all messages up to rev, were sent to it earlier or never will be.
//
// The fields that every delivery reads come first, and are copied from the connection: a
// large room does not fit the processor's cache, and each indirection would be a miss.
type subscription struct {
	socket chat.Socket
	from   int64 // a position in the room
	rev    atomic.Int64
	kind   chat.Kind
	index  int32 // in room.subscriptions; -1 after it left
	conn   *chat.Connection
	room   *OpenRoom
	typed  time.Time // when its typing was last announced; owned by the reading goroutine
}

var _ chat.Subscription = (*subscription)(nil)

// subscriptionOf returns the connection's subscription to a room, or nil.
func subscriptionOf(conn *chat.Connection, slug string) *subscription {
	m, _ := conn.Subscription(slug).(*subscription)
	return m
}

// Slug implements Subscription.
func (m *subscription) Slug() string { return m.room.slug }

// Rev implements Subscription.
func (m *subscription) Rev() (rev int64, live bool) {
	return m.room.handedRev(), m.rev.Load() != catchingUp
}

// Admit implements Subscription.
func (m *subscription) Admit(bytes int) error { return m.room.admit(m.conn.Payer(), bytes) }

// Settled implements Subscription.
func (m *subscription) Settled(bytes int, told bool) { m.room.settled(bytes, told) }

// Sent implements Subscription.
func (m *subscription) Sent() { m.typed = time.Time{} }

// Type implements Subscription.
func (m *subscription) Type() {
	now := time.Now()
	if now.Sub(m.typed) < typingInterval {
		return
	}
	m.typed = now
	m.room.announceTyping(m.conn.User.Name)
}

// Resend implements Resender.
func (m *subscription) Resend() { m.room.resendPresence(m) }

// subscribers are the subscriptions of a room. The room's lock guards them.
type subscribers struct {
	subscriptions []*subscription
	holes         int             // nil elements of subscriptions, see removeLocked
	live          int             // live subscriptions, see OpenRoom.attachLocked
	byKind        [chat.Kinds]int // subscriptions by Kind
}

// emptyLocked reports whether the room has no live subscription. Its current rev is then
// unknown, and nothing needs it.
func (s *subscribers) emptyLocked() bool { return s.live == 0 }

// anyLocked reports whether the room has a subscription.
func (s *subscribers) anyLocked() bool { return len(s.subscriptions) > s.holes }

// jsonLocked returns the number of subscriptions that speak chat.v1.
func (s *subscribers) jsonLocked() int { return s.byKind[chat.JSON] + s.byKind[chat.LargeJSON] }

// addLocked adds a subscription.
func (s *subscribers) addLocked(m *subscription) {
	m.index = int32(len(s.subscriptions)) //nolint:gosec // members are connections
	s.subscriptions = append(s.subscriptions, m)
	s.byKind[m.kind]++
}

// removeLocked leaves a hole in the list, so that a pass in progress skips nobody;
// compactLocked closes it later.
func (s *subscribers) removeLocked(m *subscription) {
	s.subscriptions[m.index] = nil
	m.index = -1
	s.holes++
	s.byKind[m.kind]--
}

// compactLocked closes the holes once they outnumber the subscriptions. No pass may be in
// progress.
func (s *subscribers) compactLocked() {
	if s.holes <= len(s.subscriptions)/2 {
		return
	}
	kept := s.subscriptions[:0]
	for _, m := range s.subscriptions {
		if m != nil {
			m.index = int32(len(kept)) //nolint:gosec // as above
			kept = append(kept, m)
		}
	}
	clear(s.subscriptions[len(kept):])
	s.subscriptions, s.holes = kept, 0
}

// behindLocked returns a subscription that is Behind, or nil. It first checks the one that
// was at the last check, last.
func (s *subscribers) behindLocked(last *subscription) *subscription {
	if last != nil && last.index >= 0 && last.socket.Lag() == chat.Behind {
		return last
	}
	for _, m := range s.subscriptions {
		if m != nil && m.socket.Lag() == chat.Behind {
			return m
		}
	}
	return nil
}

// write writes what the subscription has not received yet of a batch: all of it, or, for a
// new subscription or a filling queue, the parts between the events to skip. It reports
// whether the socket kept a part of the memory.
func (m *subscription) write(b *batch) (kept bool) {
	kind, socket, rev := m.kind, m.socket, m.rev.Load()
	dropping := b.droppable && socket.Lag() != chat.Current
	if m.from <= b.first && (b.rev == 0 || rev < b.rev) && !dropping {
		return socket.Write(b.bytes[kind])
	}
	start, end, dropped := 0, 0, false // the part to write next; and whether a presence event was dropped
	flush := func() {
		if end > start {
			kept = socket.Write(b.bytes[kind][start:end]) || kept
		}
	}
	for i, mark := range b.marks {
		position := b.first + int64(i)
		had := position < m.from || mark.rev != 0 && mark.rev <= rev
		// The first event for a subscription is its own joined line, which is never dropped.
		if drop := dropping && mark.rev == 0 && position > m.from; had || drop {
			dropped = dropped || drop && mark.presence
			flush()
			start = mark.end[kind]
		}
		end = mark.end[kind]
	}
	flush()
	if dropped && !kind.IsText() {
		m.conn.Stale(m)
	}
	return kept
}
