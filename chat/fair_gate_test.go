package chat

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// queued waits until a number of callers of a payer are in the queue.
func (g *fairGate) queued(t *testing.T, payer Payer, callers int) {
	t.Helper()
	for began := time.Now(); ; {
		g.mu.Lock()
		n := len(g.waiting[payer])
		g.mu.Unlock()
		if n == callers {
			return
		}
		if time.Since(began) > 20*time.Second {
			t.Fatalf("%d of %d wait", n, callers)
		}
		time.Sleep(time.Millisecond)
	}
}

func at(address string) Payer { return PayerOf(netip.MustParseAddr(address), User{}) }

// TestAnAddressWithAHundredCallersGetsOneShare checks that payers take turns, one caller
// each.
func TestAnAddressWithAHundredCallersGetsOneShare(t *testing.T) {
	g := newFairGate(1)
	if err := g.enter(context.Background(), Payer{}, 0); err != nil {
		t.Fatal(err)
	}
	served := make(chan string)
	ask := func(name string, payer Payer) {
		if err := g.enter(context.Background(), payer, 0); err != nil {
			t.Error(err)
		}
		served <- name
		g.leave()
	}
	eve := at("203.0.113.7")
	for range 100 {
		go ask("Eve", eve)
	}
	g.queued(t, eve, 100)
	for i, name := range []string{"Ann", "Bob", "Ann"} {
		payer := at(fmt.Sprintf("198.51.100.%d", i%2))
		go ask(name, payer)
		g.queued(t, payer, 1+i/2)
	}
	g.leave()
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
	g := newFairGate(1)
	eve, ctx := at("203.0.113.7"), context.Background()
	if err := g.enter(ctx, eve, 1); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- g.enter(ctx, eve, 1) }()
	g.queued(t, eve, 1)
	if err := g.enter(ctx, eve, 1); !errors.Is(err, ErrBusy) {
		t.Errorf("one too many gets %v", err)
	}
	go func() { done <- g.enter(ctx, at("198.51.100.1"), 1) }()
	g.queued(t, at("198.51.100.1"), 1)
	for range 2 {
		g.leave()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestACallerWhoGivesUpHoldsUpNobody cancels a waiting caller, which must leave the queue
// without losing a turn.
func TestACallerWhoGivesUpHoldsUpNobody(t *testing.T) {
	g := newFairGate(1)
	eve, ann := at("203.0.113.7"), at("198.51.100.1")
	if err := g.enter(context.Background(), ann, 0); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	given := make(chan error)
	go func() { given <- g.enter(ctx, eve, 0) }()
	g.queued(t, eve, 1)
	go func() { given <- g.enter(context.Background(), ann, 0) }()
	g.queued(t, ann, 1)
	cancel()
	if err := <-given; !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled caller gets %v", err)
	}
	g.leave()
	if err := <-given; err != nil {
		t.Error(err)
	}
	g.leave()
	if g.free != 1 || len(g.order)+len(g.waiting) > 0 {
		t.Errorf("at the end %d turns are free and %v wait", g.free, g.order)
	}
}
