package main

import "time"

// fanoutResult is a measurement of a fan-out.
type fanoutResult struct {
	took       time.Duration
	cpu        time.Duration
	deliveries int
	bytes      int
	each, last delays // until one receiver had a message, until all in the room had it
}

// frameSize returns the size of a message's frame, rounded.
func (m *fanoutResult) frameSize() int { return (m.bytes + m.deliveries/2) / m.deliveries }

// perMillion returns the CPU seconds for a million deliveries.
func (m *fanoutResult) perMillion() float64 { return m.cpu.Seconds() / float64(m.deliveries) * 1e6 }

// perSecond returns the deliveries a second.
func (m *fanoutResult) perSecond() float64 { return float64(m.deliveries) / m.took.Seconds() }

// note passes each figure to note, next to that of the floor in the same round.
func (m *fanoutResult) note(row string, floor *fanoutResult, note note) {
	if floor.cpu > 0 { // CPU time has a resolution of 0.01 s
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
