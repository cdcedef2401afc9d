package main

import (
	"context"
	"sync"
	"time"
)

// talk is somebody who sends by the clock, alone in a room with somebody who hears it.
type talk struct {
	by, to *sender
	began  time.Time
	every  time.Duration
	sent   []time.Time // by rev, from 1 on
	*times
}

// times is how long it took in all rooms until others heard, and who said it.
type times struct {
	mu                  sync.Mutex // and of what the talks sent
	heard, acknowledged delays
}

// run sends so many messages, and ends when both have heard all of them.
func (t *talk) run(ctx context.Context, n int) error {
	return atOnce(3, func(i int) error {
		switch i {
		case 0:
			return t.talks(ctx, n)
		case 1:
			return t.listens(t.by, n, &t.acknowledged)
		default:
			return t.listens(t.to, n, &t.heard)
		}
	})
}

func (t *talk) talks(ctx context.Context, n int) error {
	for i := range n {
		select {
		case <-time.After(time.Until(t.began.Add(t.every * time.Duration(i)))):
		case <-ctx.Done():
			return ctx.Err()
		}
		t.mu.Lock()
		t.sent = append(t.sent, time.Now())
		t.by.sent++
		t.mu.Unlock()
		if _, err := t.by.sendTo(t.by.room); err != nil {
			return err
		}
	}
	return nil
}

// listens has somebody hear so many messages: the one of a rev is the one that was sent
// at that place.
func (t *talk) listens(who *sender, n int, took *delays) error {
	for rev := range n {
		if err := who.hearOwn(func(string) bool { return true }); err != nil {
			return err
		}
		now := time.Now()
		t.mu.Lock()
		took.add(now.Sub(t.sent[rev]))
		t.mu.Unlock()
	}
	return nil
}
