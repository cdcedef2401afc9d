package main

import (
	"context"
	"errors"
	"fmt"
)

// resumeMode measures the reconnection after a restart: everybody notices it at the same
// moment, and resumes. Real clients first wait for a random time; here nobody does,
// which is the worst case.
type resumeMode struct {
	Connections int `default:"1000" help:"Reconnecting clients."`
	Missed      int `default:"100" help:"Missed messages."`
	Addresses   int `default:"8" help:"Loopback addresses that they come from, 127.0.0.2 and so on; 0 = 127.0.0.1."`
}

// heardBefore is the rev that everybody has received when the server stops.
const heardBefore = 1

// Run implements the mode.
func (m *resumeMode) Run(ctx context.Context, b *bench) error {
	if m.Connections < 1 || m.Missed < 1 {
		return fmt.Errorf("there is nothing to measure with %d connections that miss %d messages", m.Connections, m.Missed)
	}
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		data := b.data()
		epoch, err := fill(ctx, data, 1, heardBefore)
		if err != nil {
			return err
		}
		address, err := m.loseServer(ctx, b, data)
		if err != nil {
			return err
		}
		if _, err := fill(ctx, data, 1, heardBefore+m.Missed); err != nil { // messages received earlier have known ids
			return err
		}
		s, err := b.launch(b.server, data, address)
		if err != nil {
			return err
		}
		return errors.Join(m.measure(ctx, s, epoch, note), s.stop())
	})
}

// loseServer connects everybody, waits until they have all messages, and stops the
// server. It returns the server's address.
func (m *resumeMode) loseServer(ctx context.Context, b *bench, data string) (address string, err error) {
	s, err := b.start(ctx, b.server, data)
	if err != nil {
		return "", err
	}
	users := make([]*user, m.Connections)
	defer func() {
		for _, u := range users {
			if u != nil {
				u.cut()
			}
		}
	}()
	if err := inTurn(len(users), func(i int) (err error) {
		users[i], err = m.hearAll(ctx, s, i)
		return err
	}); err != nil {
		return "", errors.Join(err, s.stop())
	}
	ended := make(chan error, 1)
	go func() { ended <- atOnce(len(users), func(i int) error { return users[i].hearStop() }) }()
	return s.address, errors.Join(s.stop(), <-ended)
}

func (m *resumeMode) enter(ctx context.Context, s *server, i int) (*user, error) {
	return enter(ctx, s.address, fmt.Sprint("p", i), joinPlan{addresses: m.Addresses}.from(i))
}

// hearAll joins and reads all messages.
func (m *resumeMode) hearAll(ctx context.Context, s *server, i int) (*user, error) {
	u, err := m.enter(ctx, s, i)
	if err != nil {
		return nil, err
	}
	page, err := u.join(filledRoom(0))
	if err == nil && page.Rev != heardBefore {
		err = fmt.Errorf("%s received rev %d, want %d", u.name, page.Rev, heardBefore)
	}
	return u, err
}

// hearStop reads until the server announces that it stops.
func (u *user) hearStop() error {
	for {
		if _, err := u.next(); errors.Is(err, closed(1001)) {
			u.cut()
			return nil
		} else if err != nil {
			return fmt.Errorf("%s was disconnected: %w", u.name, err)
		}
	}
}
