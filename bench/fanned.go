package main

import "time"

// fanned is what was measured.
type fanned struct {
	took       time.Duration
	cpu        time.Duration
	deliveries int
	bytes      int
	each, last delays // until a receiver heard a message, until all in the room did
}

// frameSize is the size of a message's frame, rounded.
func (m *fanned) frameSize() int { return (m.bytes + m.deliveries/2) / m.deliveries }

// perMillion is the CPU in seconds of a million deliveries.
func (m *fanned) perMillion() float64 { return m.cpu.Seconds() / float64(m.deliveries) * 1e6 }

// perSecond is how many deliveries there were a second.
func (m *fanned) perSecond() float64 { return float64(m.deliveries) / m.took.Seconds() }

// note notes the figures, beside those of the floor of the same round.
func (m *fanned) note(row string, floor *fanned, note note) {
	if floor.cpu > 0 { // it is counted in hundredths of a second
		note(row, "× floor", m.perMillion()/floor.perMillion())
	}
	note(row, "CPU s/M", m.perMillion())
	note(row, "deliveries/s", m.perSecond())
	note(row, "× floor's", m.perSecond()/floor.perSecond())
	note(row, "each p50 ms", m.each.ms(0.5))
	note(row, "each p99 ms", m.each.ms(0.99))
	note(row, "last p50 ms", m.last.ms(0.5))
	note(row, "last p99 ms", m.last.ms(0.99))
	note(row, "deliveries", float64(m.deliveries))
	note(row, "bytes", float64(m.bytes)/float64(m.deliveries))
}
