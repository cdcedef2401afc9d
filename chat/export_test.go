package chat

import "time"

// KeepPages is how long pages are given again: a slow machine must not make a test
// ask for them anew.
func (c *Chat) KeepPages(long time.Duration) { c.pages.maxAge = long }

// WaitingToRender is how many callers of a payer wait for their turn.
func (c *Chat) WaitingToRender(payer Payer) int {
	gate := c.hub.html.gate
	gate.mu.Lock()
	defer gate.mu.Unlock()
	return len(gate.waiting[payer])
}
