// Package task gives everything that runs until it is stopped one shape: a function that
// returns when its context ends, started as a Task and stopped by it. It needs nothing of
// the chat.
package task

import (
	"context"
	"time"
)

// Task is a function that runs in a goroutine of its own until it is stopped.
type Task struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// Start runs a function in a goroutine. The function must return soon after its context
// ends.
func Start(run func(context.Context)) *Task {
	ctx, cancel := context.WithCancel(context.Background())
	t := &Task{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		run(ctx)
	}()
	return t
}

// Interrupt ends the function's context and does not wait.
func (t *Task) Interrupt() { t.cancel() }

// Stop interrupts the function and returns when it has returned, or with the error of ctx.
// It may be called more than once.
func (t *Task) Stop(ctx context.Context) error {
	t.cancel()
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Sleep waits for a time, and returns false if the context ended first.
func Sleep(ctx context.Context, span time.Duration) bool {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
