package main

import (
	"context"
	"fmt"
	"time"
)

// echoMode measures rooms with one member: everybody sends as fast as their own messages
// come back. Each message has a single delivery, so the cost per message shows.
type echoMode struct {
	Connections int           `default:"1000" help:"People, each alone in a room."`
	Window      int           `default:"1000" help:"Messages that may be in flight in all, at most 256 for each connection."`
	Addresses   int           `default:"8" help:"Loopback addresses that they come from, 127.0.0.2 and so on; 0 = 127.0.0.1."`
	Frames      []string      `default:"chat.v1,text" enum:"chat.v1,text" help:"Framings, one measurement each."`
	For         time.Duration `default:"5s" help:"Sending time of each measurement."`
	Floor       string        `placeholder:"COMMAND" help:"Compare with this floor instead of the one in this folder."`
}

// Run implements the mode.
func (m *echoMode) Run(ctx context.Context, b *bench) error {
	if m.Connections < 1 || m.Window < 1 || m.Window > maxWindow*m.Connections {
		return fmt.Errorf("it needs at least one person, and a window of 1 to %d messages for each", maxWindow)
	}
	c := comparison{
		about:    fmt.Sprintf("%d alone, %d under way", m.Connections, m.Window),
		joinPlan: joinPlan{room: "echo", people: 1, addresses: m.Addresses},
		rooms:    m.Connections, people: 1,
		pace: pace{window: (m.Window + m.Connections - 1) / m.Connections, inAll: m.Window},
		span: m.For, frames: m.Frames, floor: m.Floor,
	}
	return c.run(ctx, b)
}
