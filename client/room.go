package client

import "strings"

// room is the client's state of a joined room.
type room struct {
	name   string
	known  bool       // at is valid: something was delivered
	at     Position   // everything up to it was queued for Events
	outbox []*request // unanswered requests, in order

	// The state of the current connection.
	asked  bool // join was sent, and its page has not arrived
	live   bool // a page without more arrived and was processed
	behind bool // something did not fit into the queue of Events, or was lost: join again
	sent   bool // the first request of the outbox was sent and has no answer
	paused bool // it was refused temporarily
}

// cut resets the state of the connection.
func (r *room) cut() { r.asked, r.live, r.behind, r.sent = false, false, false, false }

// join returns the command that enters the room, or requests what was missed.
func (r *room) join() command {
	j := command{Cmd: "join", Room: r.name}
	if r.known {
		since := r.at.Rev
		j.Since, j.Epoch = &since, r.at.Epoch
	}
	return j
}

// Join joins a room (1 to 64 of a-z, 0-9, _ and -) from its newest page on, on this and
// all later connections. Joining a room again does nothing.
func (c *Client) Join(name string) { c.joins(&room{name: strings.ToLower(name)}) }

// JoinFrom is Join for a program that has everything up to a position from Reached.
func (c *Client) JoinFrom(name string, at Position) {
	c.joins(&room{name: strings.ToLower(name), known: true, at: at})
}

func (c *Client) joins(r *room) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rooms[r.name] == nil {
		c.rooms[r.name] = r
		c.wakeUp()
	}
}

// Leave leaves a room, on this and all later connections. Send returns ErrNotJoined to
// callers that wait for that room.
func (c *Client) Leave(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[strings.ToLower(name)]
	if r == nil {
		return
	}
	delete(c.rooms, r.name)
	c.left = append(c.left, r.name)
	r.refuseAll(ErrNotJoined)
	c.wakeUp()
}

// applyLocked processes a page or a message by the order law of docs/protocol.md.
func (c *Client) applyLocked(r *room, f frame) {
	switch f.Event {
	case "message":
		f.Since, f.page = f.Rev-1, []Message{f.Message}
	case "room":
		r.asked, r.behind = false, false
	}
	for _, m := range f.page { // messages that are not delivered below are stored as well
		r.answer(frame{Event: "message", Message: m})
	}
	if r.behind = r.behind || c.fullLocked(r); r.behind {
		return
	}
	if f.Reset {
		c.emitLocked(Reset{r.name})
	}
	if !r.known || f.Reset { // the newest page: what was before it is not requested
		r.known, r.at.Rev = true, f.Since
	}
	if f.Since > r.at.Rev { // something was missed
		r.behind = !r.asked
		return
	}
	c.takeLocked(r, f)
}

// takeLocked delivers what is new in a page that follows the delivered messages.
func (c *Client) takeLocked(r *room, f frame) {
	for _, m := range f.page {
		if m.Rev > r.at.Rev {
			c.emitLocked(m)
		}
	}
	before := r.at
	r.at = Position{c.epoch, max(r.at.Rev, f.Rev)}
	if r.at != before {
		c.emitLocked(Reached{r.name, r.at})
	}
	if f.Event != "room" {
		return
	}
	if f.More {
		r.behind = true
		return
	}
	r.live = true
	c.emitLocked(Joined{Room: r.name, Title: f.Title, Members: f.Members, Online: f.Online})
}
