package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// roomsMode measures many small rooms in which people talk at a steady rate. A message
// has few receivers, so the cost before delivery shows.
type roomsMode struct {
	Rooms     int           `default:"1000" help:"Number of rooms."`
	People    int           `default:"10" help:"People in each room; the first one sends, and receives its own messages too."`
	Rate      float64       `default:"1500" help:"Messages per second in all, sent by the clock in one room after the other."`
	Addresses int           `default:"8" help:"Loopback addresses that they come from, 127.0.0.2 and so on; 0 = 127.0.0.1."`
	Frames    []string      `default:"chat.v1,text" enum:"chat.v1,text" help:"Framings, one measurement each."`
	For       time.Duration `default:"5s" help:"Sending time of each measurement."`
	Floor     string        `placeholder:"COMMAND" help:"Compare with this floor instead of the one in this folder."`
}

// Run implements the mode.
func (m *roomsMode) Run(ctx context.Context, b *bench) error {
	if m.Rooms < 1 || m.People < 1 || m.Rate <= 0 {
		return errors.New("it needs a room, somebody in it, and a message rate above 0")
	}
	c := comparison{
		about:    fmt.Sprintf("%d rooms of %d", m.Rooms, m.People),
		joinPlan: joinPlan{room: "room", people: m.People, addresses: m.Addresses},
		rooms:    m.Rooms, people: m.People, pace: byTheClock(m.Rate),
		span: m.For, frames: m.Frames, floor: m.Floor,
	}
	return c.run(ctx, b)
}
