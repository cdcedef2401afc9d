package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// fanoutMode is what it costs that many hear what one says. Each round measures
// the floor too, with frames of the same size: a machine is never the same, and
// the ratio is what a server can be held to.
type fanoutMode struct {
	Receivers  int           `default:"1000" help:"How many hear the sender, who hears itself too."`
	Frames     []string      `default:"chat.v1,text" enum:"chat.v1,text" help:"The frames that they speak, one measurement each."`
	Window     int           `default:"4" help:"Messages that may be under way, at most 256."`
	Rate       float64       `help:"Messages a second; 0 = as fast as the window allows."`
	For        time.Duration `default:"5s" help:"How long each measurement sends."`
	Floor      string        `placeholder:"COMMAND" help:"Compare with this floor instead of the one in this folder, for example one that taskset starts."`
	FloorMerge int           `default:"1" help:"Messages that the floor may write at once."`
}

// Run implements the mode.
func (m *fanoutMode) Run(ctx context.Context, b *bench) error {
	if m.Window < 1 || m.Window > maxWindow || m.Receivers < 1 {
		return fmt.Errorf("a window has 1 to %d messages, and at least one receives them", maxWindow)
	}
	all, err := b.contenders(ctx)
	if err != nil {
		return err
	}
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		for _, frames := range m.Frames {
			if err := m.compare(ctx, b, speakers(all, frames), frames, note); err != nil {
				return fmt.Errorf("%s: %w", frames, err)
			}
		}
		return nil
	})
}

// compare measures the servers and then the floor, with frames of the size that
// the first of them wrote.
func (m *fanoutMode) compare(ctx context.Context, b *bench, all []contender, frames string, note note) error {
	var measured []fanned
	for _, c := range all {
		err := b.withServer(ctx, c.command, b.data(), func(s *server) error {
			one, err := m.ofServer(ctx, s, frames == "text")
			measured = append(measured, one)
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", c.row("the server"), err)
		}
	}
	var bare fanned
	flags := []string{"--connections", strconv.Itoa(m.Receivers + 1), "--merge", strconv.Itoa(m.FloorMerge)}
	err := b.withFloor(ctx, m.Floor, flags, func(s *server) (err error) {
		bare, err = m.ofFloor(ctx, s, measured[0].frameSize())
		return err
	})
	if err != nil {
		return fmt.Errorf("the floor: %w", err)
	}
	for i, c := range all {
		measured[i].note(c.row(fmt.Sprintf("1 to %d in %s", m.Receivers, frames)), &bare, note)
	}
	bare.note("floor of "+frames, &bare, note)
	return nil
}

func (m *fanoutMode) pace() (p pace) {
	p.window = m.Window
	if m.Rate > 0 { // a server that is behind must show it in its delays
		p.window = maxWindow
		p.every = time.Duration(float64(time.Second) / m.Rate)
	}
	return p
}

// ofServer measures a server.
func (m *fanoutMode) ofServer(ctx context.Context, s *server, plain bool) (fanned, error) {
	const room = "fanout"
	rs, err := way{address: s.address, room: room, plain: plain}.enterAll(ctx, m.Receivers+1)
	if err != nil {
		return fanned{}, err
	}
	defer rs.cut()
	f := fan{receivers: rs, frame: func(number int) []byte {
		if plain {
			return appendFrame(nil, opText, []byte(numbered(number)))
		}
		return appendFrame(nil, opText, []byte(sendCommand(room, uuid.NewString(), numbered(number))))
	}}
	err = f.measure(ctx, s, m.pace(), m.For)
	return f.fanned, err
}

// ofFloor measures the floor with frames of a size.
func (m *fanoutMode) ofFloor(ctx context.Context, s *server, size int) (fanned, error) {
	rs, err := newReceivers()
	if err != nil {
		return fanned{}, err
	}
	defer rs.cut()
	for range m.Receivers + 1 { // one after the other: the first is the sender
		if err := rs.dial(ctx, s.address, ""); err != nil {
			return fanned{}, err
		}
	}
	f := fan{receivers: rs, frame: func(number int) []byte { return serverFrame(number, size) }}
	err = f.measure(ctx, s, m.pace(), m.For)
	return f.fanned, err
}

// dial adds a connection of nothing but TCP.
func (rs *receivers) dial(ctx context.Context, address, from string) error {
	dialer := net.Dialer{}
	if from != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	tcp, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer tcp.Close() // it is taken over
	_, err = rs.add(tcp, nil)
	return err
}
