package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// sender is a user who sends messages to one room, and receives all of the room's
// messages.
type sender struct {
	*user
	room  string
	order order
	sent  int
}

// enterSenders connects users and spreads them over rooms; 0 rooms means a room for
// each.
func enterSenders(ctx context.Context, s *server, users, rooms int) ([]*sender, error) {
	if rooms == 0 {
		rooms = users
	}
	return enterNodes(ctx, []*server{s}, users, rooms)
}

// enterNodes connects users and spreads them over rooms. The users of each room are on
// one node after the other.
func enterNodes(ctx context.Context, nodes []*server, users, rooms int) ([]*sender, error) {
	senders := make([]*sender, users)
	for i := range senders {
		node := nodes[(i%rooms+i/rooms)%len(nodes)]
		u, err := enter(ctx, node.address, fmt.Sprint("p", i), "")
		if err != nil {
			return senders[:i], err
		}
		senders[i] = &sender{user: u, room: fmt.Sprint("r", i%rooms)}
		if _, err := u.join(senders[i].room); err != nil {
			return senders[:i+1], err
		}
	}
	return senders, nil
}

// sendAndHear sends a message and waits until it comes back.
func (s *sender) sendAndHear() error {
	id, err := s.sendTo(s.room)
	if err != nil {
		return err
	}
	s.sent++
	return s.hearOwn(func(heard string) bool { return heard == id })
}

// sendAll makes all users send one message after the other for a time, each after its
// last one has come back. It returns how long that took.
func sendAll(senders []*sender, span time.Duration) (took time.Duration, err error) {
	began := time.Now()
	err = atOnce(len(senders), func(i int) error {
		for {
			if err := senders[i].sendAndHear(); err != nil || time.Since(began) > span {
				return err
			}
		}
	})
	return time.Since(began), err
}

// hearOwn reads until one of the user's own messages arrives, and checks the order of
// all messages.
func (s *sender) hearOwn(own func(id string) bool) error {
	for {
		message, err := s.hear()
		if err != nil {
			return err
		}
		if err := s.order.check(message.rev); err != nil {
			return fmt.Errorf("%s in %s: %w", s.name, s.room, err)
		}
		if own(message.id) {
			return nil
		}
	}
}

// checkStored checks that the server has stored exactly what was sent to each room.
func checkStored(ctx context.Context, s *server, senders []*sender) (total int, err error) {
	u, err := enter(ctx, s.address, "auditor", "")
	if err != nil {
		return 0, err
	}
	defer u.cut()
	sent := map[string]int{}
	for _, sender := range senders {
		sent[sender.room] += sender.sent
		total += sender.sent
	}
	for room, n := range sent {
		answer, err := u.join(room)
		if err != nil {
			return 0, err
		}
		if answer.Rev != int64(n) {
			return 0, fmt.Errorf("%d messages were sent to %s, but %d are stored", n, room, answer.Rev)
		}
		if err := u.leaveRoom(room); err != nil {
			return 0, err
		}
	}
	return total, nil
}

func cutAll(senders []*sender) {
	for _, s := range senders {
		s.cut()
	}
}

// atOnce runs f for all n values concurrently, and waits for all.
func atOnce(n int, f func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = f(i) })
	}
	wg.Wait()
	return firstOf(errs)
}

// inTurn runs f for all n values, some at a time.
func inTurn(n int, f func(i int) error) error {
	for done := 0; done < n; done += atATime {
		if err := atOnce(min(atATime, n-done), func(i int) error { return f(done + i) }); err != nil {
			return err
		}
	}
	return nil
}

// firstOf returns the first error, and the number of others: ten thousand lines would
// help nobody.
func firstOf(errs []error) (first error) {
	more := -1
	for _, err := range errs {
		if err != nil {
			more++
			if first == nil {
				first = err
			}
		}
	}
	if more > 0 {
		return errors.Join(first, fmt.Errorf("and %d more", more))
	}
	return first
}
