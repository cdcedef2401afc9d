package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// slowMode measures what other members of a room notice of people who read nothing, like
// a phone in a tunnel, and what the server holds for those. Each round also measures the
// same room without them.
type slowMode struct {
	People  int           `default:"20" help:"People in the room. The sender is one of those who read."`
	Stalled int           `default:"4" help:"Stalled readers among them."`
	Bytes   int           `default:"480" help:"Size of the texts in bytes, 128 to 8192."`
	Rate    float64       `default:"1000" help:"Messages per second."`
	For     time.Duration `default:"10s" help:"Sending time of each measurement."`
	Frames  []string      `default:"chat.v1,text" enum:"chat.v1,text" help:"Framings, one measurement each."`
	Settle  time.Duration `default:"1s" help:"Pause before the memory of the idle server is read."`
}

// Run implements the mode.
func (m *slowMode) Run(ctx context.Context, b *bench) error {
	if m.Stalled < 1 || m.People <= m.Stalled {
		return errors.New("it needs at least one stalled reader, and at least one that reads")
	}
	if m.Bytes < textBytes || m.Bytes > maxText || m.Rate <= 0 {
		return fmt.Errorf("texts need %d to %d bytes, and at least one must be sent", textBytes, maxText)
	}
	return b.each(ctx, m.Frames, func(ctx context.Context, c system, frames string, note note) error {
		return m.compare(ctx, b, c, frames, note)
	}, nothing)
}

// maxText is the default limit of a message's size.
const maxText = 8192

// compare measures a server without stalled readers and with them.
func (m *slowMode) compare(ctx context.Context, b *bench, c system, frames string, note note) error {
	var measured [2]slowed
	for i, stalled := range []int{0, m.Stalled} {
		err := b.withServer(ctx, c.command, b.data(), func(s *server) (err error) {
			w := joinPlan{address: s.address, room: "slow", plain: frames == "text"}
			measured[i], err = m.ofServer(ctx, s, w, stalled)
			if err != nil || c.peer() {
				return err
			}
			return measured[i].void()
		})
		if err != nil {
			return fmt.Errorf("%d stalled: %w", stalled, err)
		}
	}
	measured[1].note(c.row(fmt.Sprintf("%d of %d stalled in %s", m.Stalled, m.People, frames)), &measured[0], note)
	return nil
}

// pace keeps few enough messages in flight to fit the socket's buffer, so that the
// sender never waits for a slow server, and the delays show it instead.
func (m *slowMode) pace() pace {
	const underWay = 128 << 10
	return pace{
		window: min(underWay/m.Bytes, maxWindow),
		every:  time.Duration(float64(time.Second) / m.Rate),
	}
}

// ofServer measures a server with stalled readers in its room. They connect when the
// server is warm, because it soon disconnects them.
func (m *slowMode) ofServer(ctx context.Context, s *server, w joinPlan, stalled int) (slowed, error) {
	rs, err := w.enterAll(ctx, m.People-m.Stalled)
	if err != nil {
		return slowed{}, err
	}
	defer rs.cut()
	more := strings.Repeat("x", m.Bytes-textBytes)
	f := newFan(rs, 1, m.pace(), func(_, number int) []byte { return w.said(numbered(number) + more) })
	if err := (fanouts{f}).talk(ctx, m.For/10); err != nil {
		return slowed{}, err
	}
	silent, err := w.enterStalled(ctx, stalled, f.sent)
	defer func() { cutStalled(silent) }()
	if err != nil {
		return slowed{}, err
	}
	return m.measure(ctx, s, f, silent)
}

// measure sends, and then checks what became of the stalled readers.
func (m *slowMode) measure(ctx context.Context, s *server, f *fanout, silent []*staller) (slowed, error) {
	before, err := s.usage()
	if err != nil {
		return slowed{}, err
	}
	found := slowed{stallers: silent, before: before.rss}
	peak := s.watch()
	measured, why := fanouts{f}.count(ctx, s, m.For)
	found.why, found.peak = why, max(peak(), before.rss)
	if len(measured) > 0 {
		found.fanoutResult, found.lost, found.perReader = measured[0], f.sent-f.whole, measured[0].bytes/len(f.all)
	}
	_ = atOnce(len(silent), func(i int) error { silent[i].readRest(f.sent, lostTimeout); return nil })
	if ctx.Err() != nil { // the run was interrupted, so the stalled readers' state proves nothing
		return slowed{}, ctx.Err()
	}
	cutStalled(silent)
	after, err := s.settled(ctx, m.Settle)
	found.after = after.rss
	return found, err
}
