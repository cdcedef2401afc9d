// Package fair shares the processors among those who wait for them: work that takes long is
// admitted a few at a time and in turns, and yields to input that has already arrived. It
// needs nothing of the chat.
package fair

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// ErrFull is the error of a caller whose payer has too many waiting already.
var ErrFull = errors.New("too many callers of one payer wait for their turn")

// Gate admits a bounded number of callers to CPU-intensive work. Waiting payers are
// served round-robin: a payer with a hundred callers delays another payer by one turn, not
// by a hundred. The callers of one payer are served in the order of their arrival.
// Its methods may be called from several goroutines.
type Gate[Payer comparable] struct {
	mu      sync.Mutex
	free    int
	waiting map[Payer][]chan struct{} // the callers of each payer; closing a channel grants the turn
	order   []Payer                   // payers with waiting callers, the next one first
}

// NewGate returns a gate that admits a number of callers at once, at least one.
func NewGate[Payer comparable](atOnce int) *Gate[Payer] {
	return &Gate[Payer]{free: max(1, atOnce), waiting: map[Payer][]chan struct{}{}}
}

// Enter waits for a turn, which the caller ends with Leave. The error is the context's, or
// ErrFull if most callers of the payer are waiting already; a most of 0 means no limit.
func (g *Gate[Payer]) Enter(ctx context.Context, payer Payer, most int) error {
	turn, err := g.acquireOrQueue(payer, most)
	if turn == nil {
		return err
	}
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		if !g.cancel(payer, turn) {
			g.Leave() // the turn was granted at the same moment
		}
		return ctx.Err()
	}
}

// acquireOrQueue takes a free turn and returns nil, or queues and returns the channel that
// announces the turn.
func (g *Gate[Payer]) acquireOrQueue(payer Payer, most int) (turn chan struct{}, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.free > 0 { // no caller is waiting then
		g.free--
		return nil, nil
	}
	queue := g.waiting[payer]
	if most > 0 && len(queue) >= most {
		return nil, ErrFull
	}
	if len(queue) == 0 {
		g.order = append(g.order, payer)
	}
	turn = make(chan struct{})
	g.waiting[payer] = append(queue, turn)
	return turn, nil
}

// Waiting returns the number of callers of a payer that wait for their turn.
func (g *Gate[Payer]) Waiting(payer Payer) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting[payer])
}

// Leave ends a turn and passes it to the first caller of the next payer.
func (g *Gate[Payer]) Leave() {
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

// cancel removes a caller from the queue. It returns false if the caller already has its
// turn.
func (g *Gate[Payer]) cancel(payer Payer, turn chan struct{}) bool {
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
