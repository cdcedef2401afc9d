package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// comparison is what fanout, rooms and echo have in common: people talk in rooms of
// every server, and then over the floor. Each round measures the floor too, with frames
// of the same size. Machines vary, so a server is judged by its ratio to the floor.
type comparison struct {
	about    string // what is measured; the table adds the framing
	joinPlan joinPlan
	rooms    int
	people   int // in each room
	pace     pace
	span     time.Duration
	frames   []string
	floor    string   // the command, or empty
	flags    []string // additional flags of the floor
}

// run measures all rounds.
func (c *comparison) run(ctx context.Context, b *bench) error {
	all, err := b.systems(ctx)
	if err != nil {
		return err
	}
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		for _, frames := range c.frames {
			if err := c.compare(ctx, b, speakers(all, frames), frames, note); err != nil {
				return fmt.Errorf("%s: %w", frames, err)
			}
		}
		return nil
	})
}

// compare measures the servers and then the floor, with frames of the size that the
// first server wrote.
func (c *comparison) compare(ctx context.Context, b *bench, all []system, frames string, note note) error {
	var measured []fanoutResult
	for _, one := range all {
		err := b.withServer(ctx, one.command, b.data(), func(s *server) error {
			fanoutResult, err := c.ofServer(ctx, s, frames == "text")
			measured = append(measured, fanoutResult)
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", one.row("the server"), err)
		}
	}
	var bare fanoutResult
	flags := append([]string{"--connections", strconv.Itoa(c.rooms * c.people), "--rooms", strconv.Itoa(c.rooms)}, c.flags...)
	err := b.withFloor(ctx, c.floor, flags, func(s *server) (err error) {
		bare, err = c.ofFloor(ctx, s, measured[0].frameSize())
		return err
	})
	if err != nil {
		return fmt.Errorf("the floor: %w", err)
	}
	for i, one := range all {
		measured[i].note(one.row(c.about+" in "+frames), &bare, note)
	}
	bare.note("floor of "+frames, &bare, note)
	return nil
}

// ofServer measures a server.
func (c *comparison) ofServer(ctx context.Context, s *server, plain bool) (fanoutResult, error) {
	w := c.joinPlan
	w.address, w.plain = s.address, plain
	rs, err := w.enterAll(ctx, c.rooms*c.people)
	if err != nil {
		return fanoutResult{}, err
	}
	return c.measure(ctx, s, rs, w.frame)
}

// ofFloor measures the floor with frames of a size. People connect one after the other,
// because the order decides their rooms.
func (c *comparison) ofFloor(ctx context.Context, s *server, size int) (fanoutResult, error) {
	w := c.joinPlan
	w.address = s.address
	rs, err := w.dialAll(ctx, c.rooms*c.people)
	if err != nil {
		return fanoutResult{}, err
	}
	return c.measure(ctx, s, rs, func(_, number int) []byte { return serverFrame(number, size) })
}

func (c *comparison) measure(ctx context.Context, s *server, rs *receivers, frame func(room, number int) []byte) (fanoutResult, error) {
	defer rs.cut()
	measured, err := fanouts{newFan(rs, c.rooms, c.pace, frame)}.measure(ctx, s, c.span)
	if err != nil {
		return fanoutResult{}, err
	}
	return measured[0], nil
}

// frame returns the frame that sends the message with a number to a room.
func (w joinPlan) frame(room, number int) []byte {
	w.room, w.people = w.roomOf(room), 0
	return w.said(numbered(number))
}

// dial adds a bare TCP connection.
func (rs *receivers) dial(ctx context.Context, address, from string) error {
	dialer := net.Dialer{}
	if from != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	tcp, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer tcp.Close() // the descriptor was duplicated
	_, err = rs.add(tcp, nil)
	return err
}
