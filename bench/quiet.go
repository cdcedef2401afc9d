package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// quietMode measures whether people in a quiet room wait for the traffic of busy ones: a
// few talk by the clock, beside rooms that run at full speed.
type quietMode struct {
	Quiet     int           `default:"10" help:"People in the quiet room."`
	Rate      float64       `default:"20" help:"Messages per second in the quiet room, sent by the clock."`
	Saturated int           `default:"4" help:"Loud rooms; 0 measures the quiet room alone."`
	People    int           `default:"250" help:"People in each loud room."`
	Window    int           `default:"4" help:"Messages that may be in flight in each loud room, at most 256."`
	Addresses int           `default:"8" help:"Loopback addresses that they come from, 127.0.0.2 and so on; 0 = 127.0.0.1."`
	Frames    []string      `default:"chat.v1,text" enum:"chat.v1,text" help:"Framings, one measurement each."`
	For       time.Duration `default:"10s" help:"Sending time of each measurement."`
}

// Run implements the mode.
func (m *quietMode) Run(ctx context.Context, b *bench) error {
	if m.Quiet < 1 || m.Rate <= 0 || m.Saturated < 0 || m.People < 1 || m.Window < 1 || m.Window > maxWindow {
		return errors.New("it needs somebody in each room, a message rate above 0, and a window of 1 to 256 messages")
	}
	return b.each(ctx, m.Frames, func(ctx context.Context, c system, frames string, note note) error {
		return m.ofServer(ctx, b, c, frames, note)
	}, nothing)
}

func (m *quietMode) ofServer(ctx context.Context, b *bench, c system, frames string, note note) error {
	row := c.row(fmt.Sprintf("%d beside %d rooms of %d in %s", m.Quiet, m.Saturated, m.People, frames))
	var measured []fanoutResult
	err := b.withServer(ctx, c.command, b.data(), func(s *server) (err error) {
		measured, err = m.measure(ctx, s, joinPlan{address: s.address, plain: frames == "text", addresses: m.Addresses})
		return err
	})
	if err != nil {
		return err
	}
	quiet := &measured[0]
	note(row, "p50 ms", quiet.each.ms(0.5))
	note(row, "p99 ms", quiet.each.ms(0.99))
	note(row, "slowest ms", quiet.each.ms(1))
	note(row, "quiet deliveries", float64(quiet.deliveries))
	for _, saturated := range measured[1:] {
		note(row, "loud deliveries", float64(saturated.deliveries))
		note(row, "loud deliveries/s", saturated.perSecond())
	}
	return nil
}

// measure reads the quiet room separately from the busy ones, so that its messages do
// not queue behind theirs in this program.
func (m *quietMode) measure(ctx context.Context, s *server, w joinPlan) ([]fanoutResult, error) {
	w.room, w.people = "quiet", m.Quiet
	quiet, err := w.enterAll(ctx, m.Quiet)
	if err != nil {
		return nil, err
	}
	defer quiet.cut()
	all := fanouts{newFan(quiet, 1, byTheClock(m.Rate), w.frame)}
	if m.Saturated > 0 {
		w.room, w.people = "loud", m.People
		loud, err := w.enterAll(ctx, m.Saturated*m.People)
		if err != nil {
			return nil, err
		}
		defer loud.cut()
		if err := loud.tellOf(quiet); err != nil {
			return nil, err
		}
		all = append(all, newFan(loud, m.Saturated, pace{window: m.Window}, w.frame))
	}
	return all.measure(ctx, s, m.For)
}
