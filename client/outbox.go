package client

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// retryWait is how long a message waits that the server could not store for the moment.
const retryWait = time.Second

// draft is a message that is not acknowledged.
type draft struct {
	id, text string
	answered chan sent // receives once
}

// sent is what became of a draft: its seq, or why there is none.
type sent struct {
	seq int64
	err error
}

// NewID makes an id for SendAs.
func NewID() string { return uuid.NewString() }

// Send sends a text to a room that was joined, and waits until it is stored, over as many
// connections as that takes. It returns the message's seq. The messages of a room are
// stored in the order in which Send was called.
//
// A *CommandError means that it is not stored and that sending it again will not help.
// After an error of ctx, or ErrEnded, it may be stored or not: SendAs, with the same id,
// makes sure.
func (c *Client) Send(ctx context.Context, room, text string) (seq int64, err error) {
	return c.SendAs(ctx, room, NewID(), text)
}

// SendAs is Send with an id of the caller's, a UUID. A room stores an id
// once, however often, and from whatever process, it is sent.
func (c *Client) SendAs(ctx context.Context, room, id, text string) (seq int64, err error) {
	if !utf8.ValidString(text) {
		return 0, ErrNotUTF8
	}
	room = strings.ToLower(room)
	d := &draft{id: strings.ToLower(id), text: text, answered: make(chan sent, 1)}
	if err := c.queue(room, d); err != nil {
		return 0, err
	}
	select {
	case s := <-d.answered:
		return s.seq, s.err
	case <-c.done:
		err = ErrEnded
	case <-ctx.Done():
		err = ctx.Err()
	}
	select {
	case s := <-d.answered: // at the same moment
		return s.seq, s.err
	default:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[room]; r != nil {
		r.drop(d)
		c.wakeUp()
	}
	return 0, err
}

func (c *Client) queue(room string, d *draft) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[room]
	switch {
	case c.ended != nil:
		return ErrEnded
	case r == nil:
		return ErrNotJoined
	}
	r.outbox = append(r.outbox, d)
	c.wakeUp()
	return nil
}

// drop gives a draft up. If it was sent, the next one need not wait for its answer.
func (r *room) drop(d *draft) {
	if len(r.outbox) > 0 && r.outbox[0] == d {
		r.sent, r.paused = false, false
	}
	r.outbox = slices.DeleteFunc(r.outbox, func(other *draft) bool { return other == d })
}

// next is the first of the outbox, if it is to be sent now. What the server would close the
// connection for is refused here; most is the size of the largest text, in bytes.
func (r *room) next(most int) *draft {
	for len(r.outbox) > 0 && !r.sent && !r.paused {
		d := r.outbox[0]
		if most == 0 || len(d.text) <= most {
			return d
		}
		r.answer(d.id, sent{err: &CommandError{
			Cmd: "send", Room: r.name, ID: d.id, Code: "too_long",
			Sentence: fmt.Sprintf("A message has at most %d bytes.", most),
		}})
	}
	return nil
}

// refuseAll answers everything that waits.
func (r *room) refuseAll(err error) {
	for len(r.outbox) > 0 {
		r.answer(r.outbox[0].id, sent{err: err})
	}
}

// answer says what became of the message that was sent with an id, if one was.
func (r *room) answer(id string, s sent) {
	if len(r.outbox) == 0 || r.outbox[0].id != id {
		return
	}
	r.outbox[0].answered <- s
	r.drop(r.outbox[0])
}

// refusedLocked takes an error of the server.
func (c *Client) refusedLocked(f frame) {
	err := &CommandError{
		Cmd: f.Cmd, Room: f.Room, ID: f.ID, Code: f.Code, Detail: f.Detail, Sentence: f.Sentence,
		RetryAfter: time.Duration(f.RetryAfter) * time.Second,
	}
	r := c.rooms[f.Room]
	switch {
	case r == nil:
		c.emitLocked(Failed{err})
	case f.Cmd == "join":
		c.joinRefusedLocked(r, err)
	case f.Cmd == "send" && len(r.outbox) > 0 && r.outbox[0].id == f.ID:
		if err.passes() {
			r.paused, r.sent = true, false
			c.laterLocked(max(retryWait, err.RetryAfter), func() { r.paused = false })
			return
		}
		r.answer(f.ID, sent{err: err})
	}
}

// joinRefusedLocked tries again what may succeed later, and otherwise gives the room up.
func (c *Client) joinRefusedLocked(r *room, err *CommandError) {
	if err.passes() {
		c.laterLocked(max(retryWait, err.RetryAfter), func() { r.asked = false })
		return
	}
	c.emitLocked(Failed{err})
	delete(c.rooms, r.name)
	r.refuseAll(err)
}

// laterLocked does something after a while, and looks what is to be sent then.
func (c *Client) laterLocked(wait time.Duration, do func()) {
	time.AfterFunc(wait, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		do()
		c.wakeUp()
	})
}
