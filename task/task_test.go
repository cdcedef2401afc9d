package task_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"chatserver/task"
)

// TestAStopWaitsForTheEnd stops a task twice: the first time it does not end in time, and
// says so.
func TestAStopWaitsForTheEnd(t *testing.T) {
	interrupted, finish := make(chan struct{}), make(chan struct{})
	running := task.Start(func(ctx context.Context) {
		<-ctx.Done()
		close(interrupted)
		<-finish
	})
	late, cancel := context.WithCancel(context.Background())
	cancel()
	if err := running.Stop(late); !errors.Is(err, context.Canceled) {
		t.Errorf("a stop that gives up returns %v", err)
	}
	<-interrupted
	close(finish)
	if err := running.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestAnInterruptDoesNotWait interrupts a task that ends only afterwards.
func TestAnInterruptDoesNotWait(t *testing.T) {
	finish := make(chan struct{})
	running := task.Start(func(ctx context.Context) {
		<-ctx.Done()
		<-finish
	})
	running.Interrupt()
	close(finish)
	if err := running.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestASleepEndsWithItsContext sleeps for much longer than the test may take.
func TestASleepEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if task.Sleep(ctx, 24*time.Hour) {
		t.Error("a sleep whose context ended claims to be complete")
	}
	if !task.Sleep(context.Background(), 0) {
		t.Error("a sleep of no time was not complete")
	}
}
