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

// retryWait is the delay before a message is sent again that the server could not store.
const retryWait = time.Second

// draft is a message that is not acknowledged yet.
type draft struct {
	id, text string
	answered chan sent // receives one result
}

// sent is the result of a draft: its seq, or an error.
type sent struct {
	seq int64
	err error
}

// NewID returns an id for SendAs.
func NewID() string { return uuid.NewString() }

// Send sends a text to a joined room, and waits until it is stored, reconnecting as
// often as necessary. It returns the message's seq. A room's messages are stored in the
// order of the calls to Send.
//
// A *CommandError means that the message is not stored and that sending it again will
// not help. After an error of ctx, or ErrEnded, it may or may not be stored; call SendAs
// with the same id to make sure.
func (c *Client) Send(ctx context.Context, room, text string) (seq int64, err error) {
	return c.SendAs(ctx, room, NewID(), text)
}

// SendAs is Send with the caller's id, a UUID. A room stores an id once, no matter how
// often and from which process it is sent.
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

// drop removes a draft. If it was sent, the next one need not wait for its answer.
func (r *room) drop(d *draft) {
	if len(r.outbox) > 0 && r.outbox[0] == d {
		r.sent, r.paused = false, false
	}
	r.outbox = slices.DeleteFunc(r.outbox, func(other *draft) bool { return other == d })
}

// next returns the first draft of the outbox if it should be sent now. It refuses texts
// for which the server would close the connection; most is the maximum size of a text in
// bytes.
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

// refuseAll answers all waiting drafts with an error.
func (r *room) refuseAll(err error) {
	for len(r.outbox) > 0 {
		r.answer(r.outbox[0].id, sent{err: err})
	}
}

// answer completes the sent draft with an id, if there is one.
func (r *room) answer(id string, s sent) {
	if len(r.outbox) == 0 || r.outbox[0].id != id {
		return
	}
	r.outbox[0].answered <- s
	r.drop(r.outbox[0])
}

// refusedLocked handles an error from the server.
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

// joinRefusedLocked retries a join if it may succeed later, and otherwise gives the room
// up.
func (c *Client) joinRefusedLocked(r *room, err *CommandError) {
	if err.passes() {
		c.laterLocked(max(retryWait, err.RetryAfter), func() { r.asked = false })
		return
	}
	c.emitLocked(Failed{err})
	delete(c.rooms, r.name)
	r.refuseAll(err)
}

// laterLocked calls do after a delay, and then checks what to send.
func (c *Client) laterLocked(wait time.Duration, do func()) {
	time.AfterFunc(wait, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		do()
		c.wakeUp()
	})
}
