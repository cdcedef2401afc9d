package live

import (
	"math"
	"sync"
	"time"

	"chatserver/chat"
)

// OpenRoom is a room that connections have open: its subscriptions, the order of its
// messages, its presence and the batches to deliver. One lock, the pump's, guards all of
// it, because a subscription becomes live at one moment for all of them.
//
// An idle room costs only its memory.
type OpenRoom struct {
	pump
	refs int // subscriptions, and connections about to subscribe; guarded by the hub's lock

	connecting sync.Once
	disconnect func() // from the same room on other nodes

	info *chat.RoomInfo
	order
	gap      gap // of a backfill with several pages
	tail     tail
	presence presence
	flow     flow
}

func newRoom(h *Hub, info *chat.RoomInfo) *OpenRoom {
	r := &OpenRoom{pump: pump{slug: info.ID, hub: h}, info: info, order: order{shared: h.nodes.Shared()}, disconnect: func() {}}
	r.passing = sync.Cond{L: &r.mu}
	return r
}

// Slug implements LiveRoom.
func (r *OpenRoom) Slug() string { return r.slug }

// setInfo tells the members of a room that has another address or title.
func (r *OpenRoom) setInfo(info *chat.RoomInfo) {
	r.mu.Lock()
	defer r.mu.Unlock()
	renamed := info.Address != r.info.Address || info.Title != r.info.Title
	if r.info = info; renamed && r.anyLocked() {
		r.deliverLocked(chat.Renamed{Room: r.slug, Address: info.Address, Title: info.Title})
	}
}

// CurrentRev returns the room's current rev; known is false without a live subscription.
func (r *OpenRoom) CurrentRev() (rev int64, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rev, !r.emptyLocked()
}

// Behind reports whether the members lack a message up to a rev.
func (r *OpenRoom) Behind(rev int64) bool {
	current, known := r.CurrentRev()
	return known && current < rev
}

// MatchesHead reports whether the room may be consistent with the store's head.
func (r *OpenRoom) MatchesHead(head chat.Head) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.matchesLocked(head.Rev, head.ID)
}

// connect connects the room with the same room on other nodes. It returns when the room may
// be read.
func (r *OpenRoom) connect() {
	r.connecting.Do(func() { r.disconnect = r.hub.nodes.Open(r) })
}

// Apply delivers a message in order. It returns false if the members already have the
// message, or if an earlier one is missing; the message then waits for that one, or comes
// with a page.
func (r *OpenRoom) Apply(m chat.Message) (live bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.emptyLocked():
		r.beginLocked(m.Rev) // connections that are joining have read less
		return false
	case m.Rev <= r.rev:
		if !r.matchesLocked(m.Rev, m.ID) {
			go r.hub.Restart(r, "another message arrived for a delivered rev") // in a goroutine, because the lock is held
		}
		return false
	case m.Rev > r.rev+1:
		if r.holdLocked(m) {
			time.AfterFunc(r.hub.nodes.GapTimeout(), r.checkHeld)
		}
		return false
	}
	r.nextMessageLocked(m)
	r.applyHeldLocked()
	return true
}

// nextMessageLocked delivers the next message in order.
func (r *OpenRoom) nextMessageLocked(m chat.Message) {
	r.deliveredLocked(m.Rev, m.ID)
	isNew := r.gap.take(m.Seq) || m.Rev == m.Seq
	if isNew {
		r.tail.addLocked(m.Seq)
	}
	r.deliverLocked(chat.Said{Message: m, New: isNew, Recent: r.tail.hasLocked(m.Seq)})
}

// applyHeldLocked delivers the held messages that are now in order.
func (r *OpenRoom) applyHeldLocked() {
	for m, ok := r.nextLocked(); ok; m, ok = r.nextLocked() {
		r.nextMessageLocked(m)
	}
}

// checkHeld has the room compared with the store if it still waits for a message after the
// gap timeout.
func (r *OpenRoom) checkHeld() {
	r.mu.Lock()
	waiting := r.checkedLocked()
	r.mu.Unlock()
	if waiting {
		r.hub.Suspect(r.slug, chat.Gap)
	}
}

// Deliver delivers an event of another node that has no place in the order of messages.
func (r *OpenRoom) Deliver(event chat.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.anyLocked() {
		r.deliverLocked(event)
	}
}

// backfill delivers a page that continues at the room's current rev, and reports whether it
// does.
func (r *OpenRoom) backfill(page chat.Page) (filled bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.emptyLocked() || page.Since != r.rev || page.Rev <= r.rev {
		return false
	}
	if !r.matchesLocked(page.Since, page.SinceID) {
		go r.hub.Restart(r, "the stored page continues from another message")
		return false
	}
	r.gap.open(page.Since)
	isNew := make([]bool, len(page.Messages))
	for i := range page.Messages {
		r.deliveredLocked(page.Messages[i].Rev, page.Messages[i].ID)
		if isNew[i] = r.gap.take(page.Messages[i].Seq); isNew[i] {
			r.tail.addLocked(page.Messages[i].Seq)
		}
	}
	r.rev = page.Rev
	r.backfillLocked(chat.Backfill{Room: r.slug, Page: page}, isNew)
	if !page.More {
		r.gap.close()
	}
	r.dropDeliveredLocked()
	r.applyHeldLocked()
	return true
}

// filled notes that the store has nothing after a rev, which closes a gap that ends there.
func (r *OpenRoom) filled(rev int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rev == rev {
		r.gap.close()
	}
}

// heldRevs returns the revs in the reorder buffer.
func (r *OpenRoom) heldRevs() []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.heldRevsLocked()
}

// dropFalse removes the given revs that the store does not have from the reorder buffer.
func (r *OpenRoom) dropFalse(revs []int64, stored int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropFalseLocked(revs, stored)
}

// admit waits until the room admits a message of the given size; call settled when the
// message is stored or refused. The error is ErrStopping.
func (r *OpenRoom) admit(payer chat.Payer, bytes int) error {
	return r.flow.admit(&r.pump, payer, bytes)
}

// settled notes that an admitted message was stored or refused, and whether the room is told.
func (r *OpenRoom) settled(bytes int, told bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flow.settledLocked(bytes, told)
}

// beginLocked sets the current rev of a room that had no live subscription.
func (r *OpenRoom) beginLocked(rev int64) {
	if r.emptyLocked() {
		r.rev, r.handed = max(r.rev, rev), max(r.handed, rev)
	}
}

// subscribeLocked subscribes a connection to the room. The subscription catches up until
// attachLocked.
func (r *OpenRoom) subscribeLocked(conn *chat.Connection) *subscription {
	m := &subscription{socket: conn.Socket, kind: conn.Kind, conn: conn, room: r, from: r.position}
	m.rev.Store(catchingUp)
	r.addLocked(m)
	conn.Subscribe(m)
	r.enterPresenceLocked(conn.User)
	return m
}

// attachLocked makes a subscription live for the messages after a rev, which is not below
// the room's; with catchingUp it ends that.
func (r *OpenRoom) attachLocked(m *subscription, rev int64) {
	if m.rev.Load() != catchingUp {
		r.live--
	}
	if rev != catchingUp {
		r.beginLocked(rev)
		r.live++
	}
	m.rev.Store(rev)
	if r.emptyLocked() {
		r.held, r.tail, r.gap = nil, tail{}, gap{}
		if callbacks := r.dueCallbacksLocked(math.MaxInt64); len(callbacks) > 0 { // no live subscription is left to deliver to first
			go callAll(callbacks)
		}
	}
}

// unsubscribeLocked ends a subscription.
func (r *OpenRoom) unsubscribeLocked(m *subscription) {
	r.attachLocked(m, catchingUp)
	r.removeLocked(m)
	if !r.pumping {
		r.compactLocked()
	}
}

// announceLocked delivers the joined line of a connection: to the room, or, if it is a
// crowd, to that connection alone.
func (r *OpenRoom) announceLocked(conn *chat.Connection) {
	if r.crowdedLocked() {
		r.hub.send(conn, chat.Joined{User: conn.User})
	} else {
		r.deliverLocked(chat.Joined{User: conn.User})
		r.hub.nodes.Publish(r.slug, chat.Joined{User: conn.User})
	}
}

// leave ends a subscription and announces it to the room, and to the connection itself: its
// left line comes after all earlier messages and is the last thing that it receives. The
// room's size is checked after the wait: when a crowd leaves together, the last ones no
// longer form a crowd.
func (r *OpenRoom) leave(m *subscription) {
	stopping := r.hub.Stopping() // then everyone leaves, and each connection gets a close frame instead
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waitForPassLocked(r.position)
	if !r.crowdedLocked() && !stopping {
		r.deliverLocked(chat.Left{User: m.conn.User})
		r.waitForPassLocked(r.position)
	}
	if !r.crowdedLocked() {
		r.hub.nodes.Publish(r.slug, chat.Left{User: m.conn.User})
	}
	r.unsubscribeLocked(m)
	r.exitPresenceLocked(m.conn.User, stopping)
}
