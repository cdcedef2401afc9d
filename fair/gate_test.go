package fair

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// queued waits until a number of callers of a payer are in the queue.
func queued(t *testing.T, g *Gate[string], payer string, callers int) {
	t.Helper()
	for began := time.Now(); ; {
		n := g.Waiting(payer)
		if n == callers {
			return
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("%d of %d wait", n, callers)
		}
		time.Sleep(time.Millisecond)
	}
}

// TestAnAddressWithAHundredCallersGetsOneShare checks that payers take turns, one caller
// each.
func TestAnAddressWithAHundredCallersGetsOneShare(t *testing.T) {
	g := NewGate[string](1)
	if err := g.Enter(context.Background(), "", 0); err != nil {
		t.Fatal(err)
	}
	served := make(chan string)
	ask := func(name string, payer string) {
		if err := g.Enter(context.Background(), payer, 0); err != nil {
			t.Error(err)
		}
		served <- name
		g.Leave()
	}
	eve := "203.0.113.7"
	for range 100 {
		go ask("Eve", eve)
	}
	queued(t, g, eve, 100)
	for i, name := range []string{"Ann", "Bob", "Ann"} {
		payer := fmt.Sprintf("198.51.100.%d", i%2)
		go ask(name, payer)
		queued(t, g, payer, 1+i/2)
	}
	g.Leave()
	var first [6]string
	for i := range first {
		first[i] = <-served
	}
	if want := [6]string{"Eve", "Ann", "Bob", "Eve", "Ann", "Eve"}; first != want {
		t.Errorf("the callers were served in the order %v, not %v", first, want)
	}
	for range 97 {
		if name := <-served; name != "Eve" {
			t.Errorf("%s is served twice", name)
		}
	}
}

func TestTooManyCallersOfAnAddressAreRefused(t *testing.T) {
	g := NewGate[string](1)
	eve, ctx := "203.0.113.7", context.Background()
	if err := g.Enter(ctx, eve, 1); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- g.Enter(ctx, eve, 1) }()
	queued(t, g, eve, 1)
	if err := g.Enter(ctx, eve, 1); !errors.Is(err, ErrFull) {
		t.Errorf("one too many gets %v", err)
	}
	go func() { done <- g.Enter(ctx, "198.51.100.1", 1) }()
	queued(t, g, "198.51.100.1", 1)
	for range 2 {
		g.Leave()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestACallerWhoGivesUpHoldsUpNobody cancels a waiting caller, which must leave the queue
// without losing a turn.
func TestACallerWhoGivesUpHoldsUpNobody(t *testing.T) {
	g := NewGate[string](1)
	eve, ann := "203.0.113.7", "198.51.100.1"
	if err := g.Enter(context.Background(), ann, 0); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	given := make(chan error)
	go func() { given <- g.Enter(ctx, eve, 0) }()
	queued(t, g, eve, 1)
	go func() { given <- g.Enter(context.Background(), ann, 0) }()
	queued(t, g, ann, 1)
	cancel()
	if err := <-given; !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled caller gets %v", err)
	}
	g.Leave()
	if err := <-given; err != nil {
		t.Error(err)
	}
	g.Leave()
	if g.free != 1 || len(g.order)+len(g.waiting) > 0 {
		t.Errorf("at the end %d turns are free and %v wait", g.free, g.order)
	}
}
