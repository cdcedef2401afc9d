package main

import (
	"context"
	"fmt"
	"time"
)

// churnMode measures many connections that open and are all reset at once, as when a
// proxy in front of the server restarts. Memory that one storm leaves behind shows after
// the next ones.
type churnMode struct {
	Connections int           `default:"3000" help:"Connections to one room, which are reset together."`
	Storms      int           `default:"3" help:"Storms on one server."`
	Addresses   int           `default:"8" help:"Loopback addresses that they come from, 127.0.0.2 and so on; 0 = 127.0.0.1."`
	Frames      []string      `default:"chat.v1,text" enum:"chat.v1,text" help:"Framings, one measurement each."`
	Settle      time.Duration `default:"1s" help:"Pause before the memory of the idle server is read."`
}

// Run implements the mode.
func (m *churnMode) Run(ctx context.Context, b *bench) error {
	if m.Connections < 1 || m.Storms < 1 {
		return fmt.Errorf("there is nothing to measure in %d storms of %d connections", m.Storms, m.Connections)
	}
	return b.each(ctx, m.Frames, func(ctx context.Context, c system, frames string, note note) error {
		return m.ofServer(ctx, b, c, frames, note)
	}, nothing)
}

func (m *churnMode) ofServer(ctx context.Context, b *bench, c system, frames string, note note) error {
	row := c.row(fmt.Sprintf("%d × %d in %s", m.Storms, m.Connections, frames))
	return b.withServer(ctx, c.command, b.data(), func(s *server) error {
		w := joinPlan{address: s.address, room: "churn", plain: frames == "text", addresses: m.Addresses}
		if err := m.measure(ctx, s, w, func(figure string, value float64) { note(row, figure, value) }); err != nil || c.peer() {
			return err
		}
		return w.alone(ctx, goneTimeout)
	})
}

func (m *churnMode) measure(ctx context.Context, s *server, w joinPlan, note func(figure string, value float64)) error {
	before, err := s.usage()
	if err != nil {
		return err
	}
	note("RSS MB at 0", before.rss)
	var coming time.Duration
	var first, last usage
	for storm := range m.Storms {
		took, err := m.storm(ctx, w)
		if err != nil {
			return fmt.Errorf("storm %d: %w", storm+1, err)
		}
		coming += took
		if last, err = s.settled(ctx, m.Settle); err != nil {
			return err
		}
		if storm == 0 {
			first = last
		}
		note(fmt.Sprint("RSS MB after ", storm+1), last.rss)
	}
	n := float64(m.Connections * m.Storms)
	note("RSS last/first", last.rss/first.rss)
	note("connects/s", n/coming.Seconds())
	note("CPU µs/connect+drop", float64((last.cpu-before.cpu).Microseconds())/n)
	note("connections", n)
	return nil
}

// storm connects all people and resets them. It returns how long it took until they were
// in.
func (m *churnMode) storm(ctx context.Context, w joinPlan) (time.Duration, error) {
	began := time.Now()
	rs, err := w.enterAll(ctx, m.Connections)
	if err != nil {
		return 0, err
	}
	return time.Since(began), rs.reset()
}

// alone joins the room and waits until nobody else is in it. Anyone left after the
// timeout is a reset connection that the server has not noticed.
func (w joinPlan) alone(ctx context.Context, within time.Duration) error {
	u, err := enter(ctx, w.address, "last", "")
	if err != nil {
		return err
	}
	defer u.cut()
	for began := time.Now(); ; {
		page, err := u.join(w.room)
		if err != nil || page.Online == 1 {
			return err
		}
		if time.Since(began) > within {
			return fmt.Errorf("%d are in a room that all others have left", page.Online-1)
		}
		if err := u.leaveRoom(w.room); err != nil {
			return err
		}
		time.Sleep(lookAround)
	}
}

// goneTimeout is less than the time after which a server misses a pong, so a connection
// whose reset went unnoticed is found.
const goneTimeout = 10 * time.Second
