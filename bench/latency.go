package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// latencyMode measures how long a sender waits on a server that is not saturated.
// Messages are sent by the clock and not after the last acknowledgement: a server that
// stalls for a second delays all messages of that second, and not only one.
type latencyMode struct {
	Rate    int           `default:"200" help:"Messages per second, of all senders."`
	Senders int           `default:"20" help:"Senders."`
	InRooms int           `help:"Rooms that they are spread over; 0 = one each."`
	For     time.Duration `default:"10s" help:"Sending time."`
	Readers int           `help:"Clients that continuously read old messages; each round also measures without them."`
	Filled  int           `default:"1000" help:"Old messages in each room that readers read."`
}

// Run implements the mode.
func (m *latencyMode) Run(ctx context.Context, b *bench) error {
	beside := []int{0}
	if m.Readers > 0 {
		beside = append(beside, m.Readers)
	}
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		for _, readers := range beside {
			if err := m.ofServer(ctx, b, readers, note); err != nil {
				return fmt.Errorf("%s: %w", m.row(readers), err)
			}
		}
		return nil
	})
}

func (m *latencyMode) ofServer(ctx context.Context, b *bench, readers int, note note) error {
	data := b.data()
	if m.Readers > 0 { // also without readers, so that the store has the same size
		if _, err := fill(ctx, data, m.filledRooms(), m.Filled); err != nil {
			return err
		}
	}
	return b.with(ctx, data, func(s *server) error {
		senders, err := enterSenders(ctx, s, m.Senders, m.InRooms)
		defer func() { cutAll(senders) }()
		if err != nil {
			return err
		}
		return m.besideReaders(ctx, s, readers, note, func() error {
			return m.measure(ctx, s, senders, m.row(readers), note)
		})
	})
}

func (m *latencyMode) row(readers int) string {
	row := fmt.Sprintf("%d messages/s of %d senders", m.Rate, m.Senders)
	if readers > 0 {
		row += fmt.Sprintf(" beside %d readers", readers)
	}
	return row
}

func (m *latencyMode) measure(ctx context.Context, s *server, senders []*sender, row string, note note) error {
	var (
		mu    sync.Mutex
		all   []float64
		began = time.Now()
	)
	before, err := s.usage()
	if err != nil {
		return err
	}
	err = atOnce(len(senders), func(i int) error {
		took, err := m.converse(ctx, senders[i], began.Add(m.every()*time.Duration(i)/time.Duration(m.Senders)))
		mu.Lock()
		defer mu.Unlock()
		all = append(all, took...)
		return err
	})
	if err != nil {
		return err
	}
	after, err := s.usage()
	if err != nil {
		return err
	}
	sent, err := checkStored(ctx, s, senders)
	note(row, "p50 ms", quantile(all, 0.5))
	note(row, "p99 ms", quantile(all, 0.99))
	note(row, "slowest ms", quantile(all, 1))
	note(row, "messages", float64(sent))
	note(row, "CPU % of a core", 100*(after.cpu-before.cpu).Seconds()/time.Since(began).Seconds())
	return err
}

// every returns the interval of one sender's messages.
func (m *latencyMode) every() time.Duration {
	return time.Second * time.Duration(m.Senders) / time.Duration(m.Rate)
}

// converse sends by the clock and receives concurrently. It returns the time in
// milliseconds that each acknowledgement took.
func (m *latencyMode) converse(ctx context.Context, s *sender, began time.Time) (took []float64, err error) {
	n := max(1, int(m.For/m.every()))
	w := waiting{since: map[string]time.Time{}}
	err = atOnce(2, func(i int) error {
		if i == 0 {
			return m.talk(ctx, s, began, n, &w)
		}
		for range n {
			if err := s.hearOwn(func(id string) bool {
				ms, own := w.acknowledged(id)
				if own {
					took = append(took, ms)
				}
				return own
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return took, err
}

func (m *latencyMode) talk(ctx context.Context, s *sender, began time.Time, n int, w *waiting) error {
	for i := range n {
		select {
		case <-time.After(time.Until(began.Add(m.every() * time.Duration(i)))):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := w.send(s); err != nil {
			return err
		}
	}
	return nil
}

// waiting holds the send times of unacknowledged messages.
type waiting struct {
	mu    sync.Mutex
	since map[string]time.Time
}

// send holds the lock while it sends, or the acknowledgement could arrive before the
// send time is recorded.
func (w *waiting) send(s *sender) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := time.Now()
	id, err := s.sendTo(s.room)
	s.sent++
	w.since[id] = at
	return err
}

// acknowledged returns how long a message took, if it is one of the sender's own.
func (w *waiting) acknowledged(id string) (ms float64, own bool) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	at, own := w.since[id]
	delete(w.since, id)
	return float64(now.Sub(at).Microseconds()) / 1000, own
}
