package client

import "context"

// emitLocked queues an event for Events.
func (c *Client) emitLocked(e Event) {
	c.pending = append(c.pending, e)
	c.more.Broadcast()
}

// fullLocked reports whether the reader of Events is too far behind for more of a room:
// that is requested again when half of what is pending was read. It never is while a
// message waits for its acknowledgement, which may come in a page: the reader may be the
// one who waits.
func (c *Client) fullLocked(r *room) bool {
	return len(c.pending) >= c.options.Pending && len(r.outbox) == 0
}

// mayAskLocked reports whether a page of a room may be requested.
func (c *Client) mayAskLocked(r *room) bool {
	return len(c.pending) <= c.options.Pending/2 || len(r.outbox) > 0
}

// deliver hands over what is pending until ctx ends.
func (c *Client) deliver(ctx context.Context) {
	for {
		e, more := c.next()
		if !more {
			return
		}
		select {
		case c.events <- e:
		case <-ctx.Done():
			return
		}
	}
}

// next waits for the oldest pending event; there is none once Run has ended.
func (c *Client) next() (e Event, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.pending) == 0 {
		if c.ended != nil {
			return nil, false
		}
		c.more.Wait()
	}
	e, c.pending[0] = c.pending[0], nil
	c.pending = c.pending[1:]
	if len(c.pending) == c.options.Pending/2 {
		c.wakeUp() // rooms that are behind go on
	}
	return e, true
}
