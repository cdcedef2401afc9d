package main

import (
	"context"
	"sync"
	"time"
)

// talk is a person who sends by the clock, in a room with one listener.
type talk struct {
	by, to *sender
	began  time.Time
	every  time.Duration
	sent   []time.Time // by rev, from 1
	*times
}

// times holds the delays in all rooms, and the senders' CPU time.
type times struct {
	mu                  sync.Mutex // also protects the talks' send times
	heard, acknowledged delays
}

// run sends n messages, and returns when both have received all of them.
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

// listens receives n messages: the message with a rev is the one that was sent at that
// position.
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
