package main

import (
	"context"
	"fmt"
	"time"
)

// sendMode measures what a message costs until it is stored, and what group commit
// saves: the more senders wait at once, the more messages are in a batch.
type sendMode struct {
	Senders []int         `default:"1,16,256" help:"Concurrent senders, one measurement each."`
	InRooms int           `help:"Rooms that they are spread over; 0 = one each."`
	For     time.Duration `default:"3s" help:"Sending time of each measurement."`
}

// Run implements the mode.
func (m *sendMode) Run(ctx context.Context, b *bench) error {
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		first := 0.0
		for _, n := range m.Senders {
			err := b.with(ctx, b.data(), func(s *server) error {
				rate, err := m.measure(ctx, s, n, note)
				if first == 0 {
					first = rate
				}
				note(m.row(n), fmt.Sprint("ratio to ", m.Senders[0]), rate/first)
				return err
			})
			if err != nil {
				return fmt.Errorf("%d senders: %w", n, err)
			}
		}
		return nil
	})
}

func (m *sendMode) row(senders int) string {
	if m.InRooms == 0 {
		return fmt.Sprintf("%d senders, a room each", senders)
	}
	return fmt.Sprintf("%d senders in %d rooms", senders, min(m.InRooms, senders))
}

func (m *sendMode) measure(ctx context.Context, s *server, n int, note note) (rate float64, err error) {
	senders, err := enterSenders(ctx, s, n, m.InRooms)
	defer func() { cutAll(senders) }()
	if err != nil {
		return 0, err
	}
	before, err := s.usage()
	if err != nil {
		return 0, err
	}
	took, err := sendAll(senders, m.For)
	if err != nil {
		return 0, err
	}
	after, err := s.usage()
	if err != nil {
		return 0, err
	}
	sent, err := checkStored(ctx, s, senders)
	rate = float64(sent) / took.Seconds()
	note(m.row(n), "messages/s", rate)
	note(m.row(n), "messages", float64(sent))
	note(m.row(n), "CPU µs/message", float64((after.cpu-before.cpu).Microseconds())/float64(sent))
	return rate, err
}
