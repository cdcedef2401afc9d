package main

import (
	"errors"
	"fmt"
)

// slowed is the measurement of a room with stalled readers.
type slowed struct {
	fanoutResult        // of the readers that keep up
	stallers            []*staller
	before, peak, after float64 // MB of memory
	lost                int     // messages that not all of these readers received
	why                 error   // the reason
	perReader           int     // bytes received by each of these readers
}

// held is more than a server may hold for a connection: its queue of 256 kB, and the
// kernel's buffers.
const held = 1 << 20

// void returns why the figures of our server are void, or nil.
func (f *slowed) void() error {
	if f.why != nil {
		return f.why
	}
	for i, s := range f.stallers {
		var code closed
		switch {
		case s.hole != nil:
			return fmt.Errorf("stalled reader %d: %w", i, s.hole)
		case s.ended == nil && f.perReader > held:
			return fmt.Errorf("stalled reader %d was not disconnected, and %d bytes waited for it", i, f.perReader)
		case errors.As(s.ended, &code) && code != 1013:
			return fmt.Errorf("stalled reader %d: %w", i, s.ended)
		}
	}
	return nil
}

// note notes the figures, and compares them with the same room without stalled readers.
func (f *slowed) note(row string, without *slowed, note note) {
	cut, holes := 0, 0
	for _, s := range f.stallers {
		if s.ended != nil {
			cut++
		}
		if s.hole != nil {
			holes++
		}
	}
	note(row, "p50 ms", f.each.ms(0.5))
	note(row, "p99 ms", f.each.ms(0.99))
	note(row, "slowest ms", f.each.ms(1))
	note(row, "p99 without", without.each.ms(0.99))
	note(row, "deliveries", float64(f.deliveries))
	note(row, "lost", float64(f.lost))
	note(row, "cut", float64(cut))
	note(row, "not cut", float64(len(f.stallers)-cut))
	note(row, "with holes", float64(holes))
	note(row, "RSS MB before", f.before)
	note(row, "at its peak", f.peak)
	note(row, "after", f.after)
	note(row, "grown MB", f.grown())
	note(row, "grown without", without.grown())
	note(row, "kB/stalled", f.perStaller(without))
}

// grown is the growth of the server's memory to its peak.
func (f *slowed) grown() float64 { return f.peak - f.before }

// perStaller is the additional growth per stalled reader in kB. The traffic itself makes
// a heap grow by varying amounts, so a small cost disappears in it; then the result is
// 0.
func (f *slowed) perStaller(without *slowed) float64 {
	return max(0, f.grown()-without.grown()) * 1e3 / float64(len(f.stallers))
}
