package main

import (
	"context"
	"fmt"
	"time"
)

// idleMode measures what idle connections cost a server. The floor is a goroutine that
// waits for each, and nothing else.
type idleMode struct {
	Connections int           `default:"5000" help:"Connections."`
	Rooms       int           `default:"1" help:"Rooms that they are spread over."`
	Addresses   int           `default:"8" help:"Loopback addresses that they come from, 127.0.0.2 and so on; 0 = 127.0.0.1."`
	Frames      []string      `default:"chat.v1,text" enum:"chat.v1,text" help:"Framings, one measurement each."`
	Settle      time.Duration `default:"2s" help:"Pause before the memory of the idle server is read."`
	Floor       string        `placeholder:"COMMAND" help:"Compare with this floor instead of the one in this folder."`
}

// Run implements the mode.
func (m *idleMode) Run(ctx context.Context, b *bench) error {
	if m.Connections < 1 || m.Rooms < 1 || m.Connections%m.Rooms > 0 {
		return fmt.Errorf("%d connections cannot be spread evenly over %d rooms", m.Connections, m.Rooms)
	}
	return b.each(ctx, m.Frames, func(ctx context.Context, c system, frames string, note note) error {
		return m.ofServer(ctx, b, c, frames, note)
	}, func(ctx context.Context, note note) error { return m.floor(ctx, b, note) })
}

func (m *idleMode) ofServer(ctx context.Context, b *bench, c system, frames string, note note) error {
	about, people := fmt.Sprintf("%d in %s", m.Connections, frames), 0
	if m.Rooms > 1 {
		about, people = fmt.Sprintf("%d in %d rooms in %s", m.Connections, m.Rooms, frames), m.Connections/m.Rooms
	}
	row := c.row(about)
	return b.withServer(ctx, c.command, b.data(), func(s *server) error {
		w := joinPlan{address: s.address, room: "idle", people: people, plain: frames == "text", addresses: m.Addresses}
		return m.measure(ctx, s, w.enterAll, func(figure string, value float64) { note(row, figure, value) })
	})
}

func (m *idleMode) floor(ctx context.Context, b *bench, note note) error {
	err := b.withFloor(ctx, m.Floor, []string{"--park"}, func(s *server) error {
		w := joinPlan{address: s.address, addresses: m.Addresses}
		return m.measure(ctx, s, w.dialAll, func(figure string, value float64) { note("floor", figure, value) })
	})
	if err != nil {
		return fmt.Errorf("the floor: %w", err)
	}
	return nil
}

// measure connects people, and reads what they cost when all of them are idle.
func (m *idleMode) measure(ctx context.Context, s *server, come func(context.Context, int) (*receivers, error), note func(figure string, value float64)) error {
	before, err := s.usage()
	if err != nil {
		return err
	}
	rs, err := come(ctx, m.Connections)
	if err != nil {
		return err
	}
	defer rs.cut()
	in, err := s.usage()
	if err != nil {
		return err
	}
	if err := rs.rest(ctx, m.Settle); err != nil {
		return err
	}
	after, err := s.usage()
	if err != nil {
		return err
	}
	n := float64(m.Connections)
	note("connections", float64(len(rs.all)))
	note("RSS bytes/connection", (after.rss-before.rss)*1e6/n)
	note("RSS MB at 0", before.rss)
	note("CPU µs/connect", float64((in.cpu-before.cpu).Microseconds())/n)
	return nil
}

// dialAll opens bare TCP connections.
func (w joinPlan) dialAll(ctx context.Context, people int) (*receivers, error) {
	rs, err := newReceivers()
	for i := 0; i < people && err == nil; i++ {
		err = rs.dial(ctx, w.address, w.from(i))
	}
	if err != nil {
		rs.cut()
		return nil, err
	}
	return rs, nil
}

// rest reads for some time, in which no connection may end.
func (rs *receivers) rest(ctx context.Context, span time.Duration) error {
	for began := time.Now(); time.Since(began) < span; {
		if err := rs.listen(lookAround, func(int, int, int) {}); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
