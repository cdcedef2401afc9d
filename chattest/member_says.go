package chattest

import (
	"slices"
	"sync/atomic"
)

// This file has the sentences about what members do and receive.

// Asks sends a command: its name, and its fields in pairs.
func (m *Member) Asks(cmd string, fields ...any) {
	m.t.Helper()
	command := map[string]any{"cmd": cmd}
	for i := 0; i < len(fields); i += 2 {
		command[fields[i].(string)] = fields[i+1]
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.command(command)
}

// Command sends a text frame unchanged.
func (m *Member) Command(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.write(m.conn, []byte(text))
}

// Sends sends a text to a room once, and does not wait.
func (m *Member) Sends(room, id, text string) { m.Asks("send", "room", room, "id", id, "text", text) }

// SaysUntilAcknowledged sends a text to a room until it is acknowledged, always with the
// same id and on whichever connection is open. It returns the seq, or the code of a
// permanent error.
func (m *Member) SaysUntilAcknowledged(room, id, text string) (seq int64, code string) {
	m.t.Helper()
	return m.saysUntilAcknowledged(draft{room: room, id: id, text: text})
}

// RepliesUntilAcknowledged is SaysUntilAcknowledged for a reply that quotes a message in its
// thread.
func (m *Member) RepliesUntilAcknowledged(room, id, text string, root int64) (seq int64, code string) {
	m.t.Helper()
	return m.saysUntilAcknowledged(draft{room, id, text, root})
}

func (m *Member) saysUntilAcknowledged(d draft) (seq int64, code string) {
	m.t.Helper()
	id := d.id
	m.mu.Lock()
	delete(m.acked, id) // from an earlier attempt
	delete(m.codes, id)
	m.outbox = append(m.outbox, d)
	if m.welcomed {
		m.send(d)
	}
	m.mu.Unlock()
	m.await("the acknowledgement of "+id, func() bool {
		seq, code = m.acked[id].seq, m.codes[id]
		if code == "not_stored" || code == "busy" || code == "slow_down" {
			code = ""
		}
		return seq > 0 || code != ""
	})
	return seq, code
}

// JoinsAlso joins another room, and waits until it is live.
func (m *Member) JoinsAlso(room string) {
	m.t.Helper()
	m.mu.Lock()
	v := newView(room)
	m.views[room] = v
	m.command(v.ask())
	m.mu.Unlock()
	m.await("the page of "+room, func() bool { return v.live })
}

// LeavesRoom leaves a room, and waits until the server has processed that.
func (m *Member) LeavesRoom(room string) {
	m.t.Helper()
	m.Asks("leave", "room", room)
	m.mu.Lock()
	m.views[room].left = true // except for events already in flight
	m.mu.Unlock()
	m.Pings()
}

// ReturnsToRoom rejoins a room from the rev at which it was left, and waits until it is
// live.
func (m *Member) ReturnsToRoom(room string) {
	m.t.Helper()
	m.mu.Lock()
	v := m.views[room]
	v.cut()
	v.left = false
	m.command(v.ask())
	m.mu.Unlock()
	m.await("the page of "+room, func() bool { return v.live })
}

// Resynchronises joins a room again on the same connection, and waits for the page.
func (m *Member) Resynchronises(room string) {
	m.t.Helper()
	m.mu.Lock()
	v := m.views[room]
	m.command(v.ask())
	m.mu.Unlock()
	m.await("the page of "+room, func() bool { return len(v.asked) == 0 })
}

// Pings sends a ping and waits for the pong: events that the server sent earlier have
// then arrived.
func (m *Member) Pings() {
	m.t.Helper()
	m.mu.Lock()
	pongs := m.pongs
	m.mu.Unlock()
	m.Asks("ping")
	m.await("a pong", func() bool { return m.pongs > pongs })
}

// HearsEvent waits for the next event of a kind, and returns it.
func (m *Member) HearsEvent(kind string) (heard Event) {
	m.t.Helper()
	return m.HearsEventThat("is a "+kind, func(e Event) bool { return e.Event == kind })
}

// HearsEventThat waits for the next event that satisfies a condition, and returns it.
func (m *Member) HearsEventThat(what string, is func(Event) bool) (heard Event) {
	m.t.Helper()
	ok := m.await("an event that "+what, func() bool {
		for ; m.next < len(m.heard); m.next++ {
			if is(m.heard[m.next]) {
				heard = m.heard[m.next]
				m.next++
				return true
			}
		}
		return false
	})
	if !ok {
		m.t.FailNow()
	}
	return heard
}

// HeardSince returns the received events that HearsEvent has not consumed yet.
func (m *Member) HeardSince() []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	rest := slices.Clone(m.heard[m.next:])
	m.next = len(m.heard)
	return rest
}

// Wire returns the wire that carries the current connection.
func (m *Member) Wire() *Wire {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wire
}

// IsCut ends the current connection without a close frame.
func (m *Member) IsCut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.conn.CloseNow() // it may have ended already
}

// IsCutBefore makes the wire, this one or a later one, reset once instead of carrying a
// frame from the server for which match is true.
func (m *Member) IsCutBefore(match func(frame string) bool) {
	var was atomic.Bool
	once := func(frame string) bool { return !was.Load() && match(frame) && was.CompareAndSwap(false, true) }
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cutAt = once
	m.wire.BreaksBefore(once)
}

// StaysAway ends the current connection. The member reconnects only with Returns.
func (m *Member) StaysAway() {
	m.t.Helper()
	m.mu.Lock()
	m.away = true
	_ = m.conn.CloseNow() // it may have ended already
	m.mu.Unlock()
	m.await("the end of the connection", func() bool { return m.ended != nil })
}

// Returns ends StaysAway.
func (m *Member) Returns() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = false
	m.more.Broadcast()
}
