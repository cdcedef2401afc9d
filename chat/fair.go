package chat

import (
	"context"
	"slices"
	"sync"
)

// fairGate admits a bounded number of callers at once to work that keeps a processor
// busy. Payers who wait are served round-robin: a payer with a hundred callers delays
// another one by one turn, not by a hundred. The callers of one payer are served in the
// order in which they came.
type fairGate struct {
	mu      sync.Mutex
	free    int
	waiting map[Payer][]chan struct{} // the callers of a payer; a closed channel is a turn
	order   []Payer                   // payers with somebody waiting, the next one first
}

func newFairGate(atOnce int) *fairGate {
	return &fairGate{free: max(1, atOnce), waiting: map[Payer][]chan struct{}{}}
}

// enter waits for a turn, which ends with leave. The error is the context's, or ErrBusy
// if so many callers of the payer wait already; most 0 is no limit.
func (g *fairGate) enter(ctx context.Context, payer Payer, most int) error {
	turn, err := g.acquireOrQueue(payer, most)
	if turn == nil {
		return err
	}
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		if !g.cancel(payer, turn) {
			g.leave() // the turn came at the same moment
		}
		return ctx.Err()
	}
}

// acquireOrQueue takes a free turn, or queues for one and returns the channel that announces it.
func (g *fairGate) acquireOrQueue(payer Payer, most int) (turn chan struct{}, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.free > 0 { // then nobody waits
		g.free--
		return nil, nil
	}
	queue := g.waiting[payer]
	if most > 0 && len(queue) >= most {
		return nil, ErrBusy
	}
	if len(queue) == 0 {
		g.order = append(g.order, payer)
	}
	turn = make(chan struct{})
	g.waiting[payer] = append(queue, turn)
	return turn, nil
}

// leave ends a turn and gives it to the next payer's first caller.
func (g *fairGate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.order) == 0 {
		g.free++
		return
	}
	payer := g.order[0]
	g.order = g.order[1:]
	queue := g.waiting[payer]
	close(queue[0])
	if queue = queue[1:]; len(queue) > 0 {
		g.waiting[payer] = queue
		g.order = append(g.order, payer)
	} else {
		delete(g.waiting, payer)
	}
}

// cancel takes a caller out of the queue, and reports false if it has its turn already.
func (g *fairGate) cancel(payer Payer, turn chan struct{}) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	queue := g.waiting[payer]
	at := slices.Index(queue, turn)
	if at < 0 {
		return false
	}
	if queue = slices.Delete(queue, at, at+1); len(queue) > 0 {
		g.waiting[payer] = queue
		return true
	}
	delete(g.waiting, payer)
	g.order = slices.DeleteFunc(g.order, func(p Payer) bool { return p == payer })
	return true
}
