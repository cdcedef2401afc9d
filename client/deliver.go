package client

import "context"

// emitLocked queues an event for Events.
func (c *Client) emitLocked(e Event) {
	c.pending = append(c.pending, e)
	c.more.Broadcast()
}

// fullLocked reports whether the reader of Events is too far behind to take more of a
// room. The client requests it again when half of the pending events were read. The
// queue is never full while a message waits for its acknowledgement, which may come in a
// page: the caller of Send may be the reader.
func (c *Client) fullLocked(r *room) bool {
	return len(c.pending) >= c.options.Pending && len(r.outbox) == 0
}

// mayAskLocked reports whether a page of a room may be requested.
func (c *Client) mayAskLocked(r *room) bool {
	return len(c.pending) <= c.options.Pending/2 || len(r.outbox) > 0
}

// deliver passes pending events on until ctx ends.
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

// next waits for the oldest pending event. more is false once Run has ended.
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
		c.wakeUp() // rooms that are behind continue
	}
	return e, true
}
