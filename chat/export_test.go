package chat

import "time"

// KeepPages sets how long pages are cached, so that a slow machine does not make a test read
// them again.
func (c *Chat) KeepPages(long time.Duration) { c.pages.maxAge = long }

// WaitingToRender returns the number of callers of a payer that wait to render.
func (c *Chat) WaitingToRender(payer Payer) int {
	return c.hub.html.gate.Waiting(payer)
}
