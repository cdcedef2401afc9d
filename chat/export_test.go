package chat

// WaitingToRender returns the number of callers of a payer that wait to render.
func (c *Chat) WaitingToRender(payer Payer) int { return c.html.gate.Waiting(payer) }
