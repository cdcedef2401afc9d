package main

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// fanoutMode measures what a message with many receivers costs.
type fanoutMode struct {
	Receivers  int           `default:"1000" help:"Receivers, in addition to the sender, who receives its own messages too."`
	Frames     []string      `default:"chat.v1,text" enum:"chat.v1,text" help:"Framings, one measurement each."`
	Window     int           `default:"4" help:"Messages that may be in flight, at most 256."`
	Rate       float64       `help:"Messages per second; 0 = as fast as the window allows."`
	For        time.Duration `default:"5s" help:"Sending time of each measurement."`
	Floor      string        `placeholder:"COMMAND" help:"Compare with this floor instead of the one in this folder, for example one that taskset starts."`
	FloorMerge int           `default:"1" help:"Messages that the floor may write at once."`
}

// Run implements the mode.
func (m *fanoutMode) Run(ctx context.Context, b *bench) error {
	if m.Window < 1 || m.Window > maxWindow || m.Receivers < 1 {
		return fmt.Errorf("a window has 1 to %d messages, and at least one receives them", maxWindow)
	}
	c := comparison{
		about: fmt.Sprintf("1 to %d", m.Receivers), joinPlan: joinPlan{room: "fanout"}, rooms: 1, people: m.Receivers + 1,
		pace: pace{window: m.Window}, span: m.For, frames: m.Frames,
		floor: m.Floor, flags: []string{"--merge", strconv.Itoa(m.FloorMerge)},
	}
	if m.Rate > 0 {
		c.pace = byTheClock(m.Rate)
	}
	return c.run(ctx, b)
}
