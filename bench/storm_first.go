package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// toldTimeout is more than a server needs to send the number of members.
const toldTimeout = 30 * time.Second

// firstMember joins the room before everybody else, keeps reading, and sees them leave.
type firstMember struct {
	*connection
	plain bool
	heard atomic.Int64 // received frames
	came  atomic.Int64 // received bytes
	ended chan struct{}
	err   error // why the connection ended

	mu     sync.Mutex
	online int
	want   int
	told   chan struct{} // closed when online has the expected value
}

func (r *storm) firstMember(ctx context.Context) (*firstMember, error) {
	conn, err := r.joinPlan().enter(ctx, "first", "")
	if err != nil {
		return nil, err
	}
	m := &firstMember{connection: conn, plain: r.plain, ended: make(chan struct{})}
	go m.listen()
	return m, nil
}

// listen reads until the connection ends.
func (m *firstMember) listen() {
	defer close(m.ended)
	for {
		frame, err := m.next()
		if err != nil {
			m.err = err
			return
		}
		m.heard.Add(1)
		m.came.Store(m.bytes)
		online, err := m.onlineOf(frame)
		if err != nil {
			m.err = err
			return
		}
		m.tell(online)
	}
}

// onlineOf returns the number of members if a frame contains it: a presence event does,
// and, in plain text, the first member's own message. Otherwise it returns 0.
func (m *firstMember) onlineOf(frame []byte) (int, error) {
	if m.plain {
		if said, own := strings.CutPrefix(string(frame), "first: "); own {
			return strconv.Atoi(said)
		}
		return 0, nil
	}
	e, err := parse(frame)
	if err != nil || e.Event != "presence" {
		return 0, err
	}
	return e.Online, nil
}

func (m *firstMember) tell(online int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if online > 0 {
		m.online = online
	}
	if online == m.want && m.told != nil {
		close(m.told)
		m.told = nil
	}
}

// expect returns a channel that is closed when the room has that many members.
func (m *firstMember) expect(online int) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	told := make(chan struct{})
	m.want, m.told = online, told
	return told
}

// wait waits for what was expected.
func (m *firstMember) wait(ctx context.Context, told <-chan struct{}, online int) error {
	ctx, cancel := context.WithTimeout(ctx, toldTimeout)
	defer cancel()
	select {
	case <-told:
		return nil
	case <-m.ended:
		return fmt.Errorf("the first member was disconnected: %w", m.err)
	case <-ctx.Done():
		m.mu.Lock()
		defer m.mu.Unlock()
		return fmt.Errorf("the first member was told that there are %d members, want %d", m.online, online)
	}
}
