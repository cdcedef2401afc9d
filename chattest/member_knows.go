package chattest

import (
	"fmt"
	"maps"
	"slices"
)

// This file has the sentences about what members know.

// Reaches waits until the member has a room up to a rev, and, if it reads everything,
// from the first message on.
func (m *Member) Reaches(room string, rev int64) bool {
	m.t.Helper()
	return m.await(fmt.Sprintf("rev %d of %s", rev, room), func() bool {
		v := m.views[room]
		return v.live && v.last >= rev && len(v.asked) == 0 && (!m.readsBack || v.oldest <= 1)
	})
}

// Has returns the messages that the member has of a room, by seq.
func (m *Member) Has(room string) []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.views[room].list()
}

// Sees returns the users that the member believes to be in a room, by name, and their
// number.
func (m *Member) Sees(room string) (members []Who, online int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.views[room].people()
}

// SeesJust waits until the member believes exactly these users to be in a room, in this
// order.
func (m *Member) SeesJust(room string, names ...string) {
	m.t.Helper()
	is := m.await(fmt.Sprint("just ", names), func() bool {
		members, online := m.views[room].people()
		return online == len(names) && slices.EqualFunc(members, names, func(who Who, name string) bool { return who.Name == name })
	})
	if !is {
		members, online := m.Sees(room)
		m.t.Errorf("%s sees %d %v in %s", m.Name, online, members, room)
	}
}

// SeesLike waits until the member sees the same users in a room as another member does.
// In a crowd, that is, above the given number, it compares only how many there are.
func (m *Member) SeesLike(other *Member, room string, crowd int) {
	m.t.Helper()
	other.mu.Lock()
	other.listener = m
	other.mu.Unlock()
	is := m.await("the same people as "+other.Name, func() bool {
		members, online := m.views[room].people()
		others, all := other.Sees(room)
		return online == all && (online > crowd || slices.Equal(members, others))
	})
	if !is {
		members, online := m.Sees(room)
		others, all := other.Sees(room)
		m.t.Errorf("%s sees %d %v in %s, but %s sees %d %v", m.Name, online, members, room, other.Name, all, others)
	}
}

// Shown counts how often each id of a room was shown as new.
func (m *Member) Shown(room string) map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.views[room].shown)
}

// Acknowledged returns the seqs that were acknowledged in a room, by id.
func (m *Member) Acknowledged(room string) map[string]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	seqs := map[string]int64{}
	for id, at := range m.acked {
		if at.room == room {
			seqs[id] = at.seq
		}
	}
	return seqs
}

// Opened returns the number of connections so far.
func (m *Member) Opened() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.opened
}

// Found returns the number of losses that a pong revealed.
func (m *Member) Found() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.found
}

// Resets returns how often the server told the member to discard a room.
func (m *Member) Resets() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range m.views {
		n += v.resets
	}
	return n
}

// ForgetsAcknowledged discards the member's acknowledgements: they were sent before the
// store went back in time.
func (m *Member) ForgetsAcknowledged() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.acked)
}

// Jumps lists the live messages whose rev was not the next one.
func (m *Member) Jumps() (jumps []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range m.views {
		jumps = append(jumps, v.jumps...)
	}
	return jumps
}

// Wrongs lists the server's other violations of the protocol.
func (m *Member) Wrongs() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	wrongs := slices.Clone(m.wrongs)
	for _, v := range m.views {
		wrongs = append(wrongs, v.wrongs...)
	}
	return wrongs
}
