package chattest

import (
	"slices"
	"sync/atomic"
)

// What members do and find, for sentences.

// Asks sends a command: its fields in pairs after its name.
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

// Command sends a text as it is.
func (m *Member) Command(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.write(m.conn, []byte(text))
}

// Sends says a text in a room once, and does not wait.
func (m *Member) Sends(room, id, text string) { m.Asks("send", "room", room, "id", id, "text", text) }

// SaysUntilAcknowledged says a text in a room, again and again with the same id,
// on whatever connection, until it is acknowledged. It returns the seq, or the
// code of an error that no repetition mends.
func (m *Member) SaysUntilAcknowledged(room, id, text string) (seq int64, code string) {
	m.t.Helper()
	d := draft{room, id, text}
	m.mu.Lock()
	delete(m.acked, id) // of when it was said before
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

// LeavesRoom leaves a room, and waits until the server knows.
func (m *Member) LeavesRoom(room string) {
	m.t.Helper()
	m.Asks("leave", "room", room)
	m.mu.Lock()
	m.views[room].left = true // but for what is under way
	m.mu.Unlock()
	m.Pings()
}

// ReturnsToRoom joins a room again that was left, from where it was left, and
// waits until it is live.
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

// Resynchronises joins a room again on the same connection, and waits for the
// page.
func (m *Member) Resynchronises(room string) {
	m.t.Helper()
	m.mu.Lock()
	v := m.views[room]
	m.command(v.ask())
	m.mu.Unlock()
	m.await("the page of "+room, func() bool { return len(v.asked) == 0 })
}

// Pings asks whether the server is there, and waits for the answer: whatever was
// told before it was heard.
func (m *Member) Pings() {
	m.t.Helper()
	m.mu.Lock()
	pongs := m.pongs
	m.mu.Unlock()
	m.Asks("ping")
	m.await("a pong", func() bool { return m.pongs > pongs })
}

// HearsEvent waits for the next event of a kind and returns it.
func (m *Member) HearsEvent(kind string) (heard Event) {
	m.t.Helper()
	return m.HearsEventThat("is a "+kind, func(e Event) bool { return e.Event == kind })
}

// HearsEventThat waits for the next event of which something is true.
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

// HeardSince is what was heard and not asked for by HearsEvent yet.
func (m *Member) HeardSince() []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	rest := slices.Clone(m.heard[m.next:])
	m.next = len(m.heard)
	return rest
}

// Wire is the one that this connection goes through.
func (m *Member) Wire() *Wire {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wire
}

// IsCut ends this connection without a word.
func (m *Member) IsCut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.conn.CloseNow() // it may have ended
}

// IsCutBefore has the wire, this one or a later one, reset once instead of
// carrying a frame of the server for which match is true.
func (m *Member) IsCutBefore(match func(frame string) bool) {
	var was atomic.Bool
	once := func(frame string) bool { return !was.Load() && match(frame) && was.CompareAndSwap(false, true) }
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cutAt = once
	m.wire.BreaksBefore(once)
}

// StaysAway ends this connection, and comes back only with Returns.
func (m *Member) StaysAway() {
	m.t.Helper()
	m.mu.Lock()
	m.away = true
	_ = m.conn.CloseNow() // it may have ended
	m.mu.Unlock()
	m.await("the end of the connection", func() bool { return m.ended != nil })
}

// Returns is the end of StaysAway.
func (m *Member) Returns() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = false
	m.more.Broadcast()
}
