package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// roomsMemoryMode shows that rooms without members use no memory in the server, what
// rooms with members cost, and how long a full store takes to open.
type roomsMemoryMode struct {
	Rooms    int           `default:"1000" help:"Rooms in the store."`
	Messages int           `default:"1000" help:"Messages in each."`
	Join     int           `default:"50" help:"Rooms that a user joins, at most 100."`
	Settle   time.Duration `default:"2s" help:"Pause before the memory of the idle server is read."`
}

// Run implements the mode.
func (m *roomsMemoryMode) Run(ctx context.Context, b *bench) error {
	if m.Join > m.Rooms {
		return fmt.Errorf("there are only %d rooms to join", m.Rooms)
	}
	full, empty := b.data(), b.data()
	began := time.Now()
	if _, err := fill(ctx, full, m.Rooms, m.Messages); err != nil {
		return err
	}
	fmt.Fprintf(b.log, "filled %d rooms in %v\n", m.Rooms, time.Since(began).Round(time.Second))
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		return errors.Join(
			b.with(ctx, empty, func(s *server) error {
				const row = "an empty store"
				note(row, "ready after s", s.took.Seconds())
				return m.rss(ctx, s, row, note)
			}),
			b.with(ctx, full, func(s *server) error { return m.measure(ctx, s, note) }),
		)
	})
}

func (m *roomsMemoryMode) measure(ctx context.Context, s *server, note note) error {
	row := fmt.Sprintf("%d rooms of %d messages", m.Rooms, m.Messages)
	note(row, "ready after s", s.took.Seconds())
	if err := m.rss(ctx, s, row, note); err != nil {
		return err
	}
	u, err := enter(ctx, s.address, "Ann", "")
	if err != nil {
		return err
	}
	defer u.cut()
	for i := range m.Join {
		page, err := u.join(filledRoom(i))
		if err != nil {
			return err
		}
		if want := min(100, m.Messages); page.Rev != int64(m.Messages) || len(page.Messages) != want {
			return fmt.Errorf("the page of %s ends at rev %d and has %d messages", filledRoom(i), page.Rev, len(page.Messages))
		}
	}
	if err := m.rss(ctx, s, fmt.Sprintf("a user in %d of them", m.Join), note); err != nil {
		return err
	}
	if err := u.leave(); err != nil {
		return err
	}
	return m.rss(ctx, s, "nobody again", note)
}

// rss notes the server's memory when it is idle again.
func (m *roomsMemoryMode) rss(ctx context.Context, s *server, row string, note note) error {
	used, err := s.settled(ctx, m.Settle)
	note(row, "RSS MB", used.rss)
	note(row, "CPU s", used.cpu.Seconds())
	return err
}
