package main

import (
	"context"
	"fmt"
	"time"
)

const (
	// maxWindow is how many messages may be under way: all of them fit the
	// socket buffers, so the sender never has to wait for one.
	maxWindow = 256
	// lostTimeout is how long nothing comes until what is missing counts as lost.
	lostTimeout = 20 * time.Second
	// lookAround is how often a wait ends to see whether it is still wanted.
	lookAround = 100 * time.Millisecond
)

// pace is how fast the sender sends.
type pace struct {
	window int           // messages that not everybody has heard
	every  time.Duration // 0 = as fast as the window allows
}

// fan is one sender and those who hear it. The sender is the first of them.
type fan struct {
	*receivers
	frame   func(number int) []byte // what the sender writes
	flights [maxWindow]flight
	sent    int // messages
	whole   int // of them, heard by everybody
	fanned
}

// flight is a message under way.
type flight struct {
	at    time.Time // it was sent
	heard int       // by so many
}

// fanned is what was measured.
type fanned struct {
	took       time.Duration
	cpu        time.Duration
	deliveries int
	bytes      int
	each, last delays // until a receiver heard a message, until all did
}

// measure warms the server up, measures, and shows with one more message that
// nothing came twice.
func (f *fan) measure(ctx context.Context, s *server, p pace, span time.Duration) error {
	if err := f.talk(ctx, p, span/10); err != nil {
		return err
	}
	before, err := s.usage()
	if err != nil {
		return err
	}
	f.fanned = fanned{}
	began := time.Now()
	if err := f.talk(ctx, p, span); err != nil {
		return err
	}
	measured := f.fanned
	measured.took = time.Since(began)
	after, err := s.usage()
	if err != nil {
		return err
	}
	measured.cpu = after.cpu - before.cpu
	if err := f.send(); err != nil {
		return err
	}
	err = f.settle(ctx)
	f.fanned = measured
	return err
}

// talk sends for some time, at least once, and waits until everybody has heard
// everything.
func (f *fan) talk(ctx context.Context, p pace, span time.Duration) error {
	began := time.Now()
	for first := f.sent; f.sent == first || time.Since(began) < span; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait := lookAround
		if p.every > 0 {
			wait = min(wait, time.Until(began.Add(p.every*time.Duration(f.sent-first))))
		}
		if f.sent-f.whole < p.window && (p.every == 0 || wait <= 0) {
			if err := f.send(); err != nil {
				return err
			}
			wait = 0
		}
		if err := f.listen(max(wait, 0), f.hear); err != nil {
			return err
		}
	}
	return f.settle(ctx)
}

func (f *fan) send() error {
	f.sent++
	f.flights[f.sent%maxWindow] = flight{at: time.Now()}
	if err := f.all[0].write(f.frame(f.sent)); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// hear notes that one more heard a message.
func (f *fan) hear(number, bytes int) {
	at := &f.flights[number%maxWindow]
	took := time.Since(at.at)
	f.each.add(took)
	f.deliveries++
	f.bytes += bytes
	if at.heard++; at.heard == len(f.all) { // everybody hears in order, so this is the oldest
		f.last.add(took)
		f.whole++
	}
}

// settle waits until everybody has heard everything.
func (f *fan) settle(ctx context.Context) error {
	heard, since := f.deliveries, time.Now()
	for f.whole < f.sent {
		if err := f.listen(lookAround, f.hear); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if f.deliveries > heard {
			heard, since = f.deliveries, time.Now()
		}
		if time.Since(since) > lostTimeout {
			lost := f.whole + 1
			return fmt.Errorf("message %d of %d was heard by %d of %d", lost, f.sent, f.flights[lost%maxWindow].heard, len(f.all))
		}
	}
	return nil
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
