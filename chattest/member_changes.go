package chattest

import (
	"fmt"
	"time"
)

// This file lets members change stored messages.

// change is a change that a member asks for until it is answered.
type change struct {
	command  map[string]any
	answered bool
	code     string // of a permanent error
}

func (c *change) is(e Event) bool {
	return c != nil && !c.answered && c.command["cmd"] == e.Cmd && c.command["seq"] == e.Seq
}

// ChangesUntilAnswered asks for a change of a message: the command, and its further fields in
// pairs. It asks again on each connection until the server answers, and returns the code of a
// permanent error.
func (m *Member) ChangesUntilAnswered(cmd, room string, seq int64, fields ...any) (code string) {
	m.t.Helper()
	c := &change{command: map[string]any{"cmd": cmd, "room": room, "seq": seq}}
	for i := 0; i < len(fields); i += 2 {
		c.command[fields[i].(string)] = fields[i+1]
	}
	m.mu.Lock()
	m.changing = c
	if m.welcomed {
		m.command(c.command)
	}
	m.mu.Unlock()
	m.await(fmt.Sprintf("the answer to %v", c.command), func() bool { return c.answered })
	return c.code
}

// changesAgain asks again for the change that is not answered.
func (m *Member) changesAgain() {
	if c := m.changing; c != nil && !c.answered && m.welcomed {
		m.command(c.command)
	}
}

// onChangeAnswered handles the ack or error of a change.
func (m *Member) onChangeAnswered(e Event) {
	switch c := m.changing; {
	case !c.is(e):
	case e.Code == "not_joined": // until the page arrives
	case e.Code == "not_stored", e.Code == "busy", e.Code == "internal":
		m.changesAgain()
	case e.Code == "slow_down":
		time.AfterFunc(time.Duration(e.After)*time.Second, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.changesAgain()
		})
	default:
		c.answered, c.code = true, e.Code
	}
}
