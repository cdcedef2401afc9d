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

// retryWait is the delay before a request is sent again that the server could not store.
const retryWait = time.Second

// request is a command that the server has not answered yet: a message, a change of one, or
// a question about one.
type request struct {
	command
	answered chan answer // receives one result
}

// answer is the result of a request: the event that answers it, or an error.
type answer struct {
	frame
	err error
}

// isAnsweredBy reports whether an event is the answer to the request.
func (q *request) isAnsweredBy(f *frame) bool {
	switch f.Event {
	case "message", "ack":
		if f.Event == "message" || f.Cmd == "" {
			return q.Cmd == "send" && q.ID == f.ID
		}
		return q.Cmd == f.Cmd && q.Seq == f.Seq
	case "error":
		return q.Cmd == f.Cmd && q.ID == f.ID && q.Seq == f.Seq
	default: // versions and thread are named as their commands
		return q.Cmd == f.Event && q.Seq == f.Seq
	}
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
	return c.sendAs(ctx, room, id, text, Reply{})
}

func (c *Client) sendAs(ctx context.Context, room, id, text string, to Reply) (seq int64, err error) {
	if !utf8.ValidString(text) {
		return 0, ErrNotUTF8
	}
	answer, err := c.ask(ctx, command{Cmd: "send", Room: room, ID: strings.ToLower(id), Text: text, Thread: to.Thread, ReplyTo: to.To})
	return answer.Seq, err
}

// ask sends a command of a joined room, and waits until it is answered, reconnecting as often
// as necessary.
func (c *Client) ask(ctx context.Context, command command) (frame, error) {
	command.Room = strings.ToLower(command.Room)
	q := &request{command: command, answered: make(chan answer, 1)}
	if err := c.queue(q); err != nil {
		return frame{}, err
	}
	var err error
	select {
	case a := <-q.answered:
		return a.frame, a.err
	case <-c.done:
		err = ErrEnded
	case <-ctx.Done():
		err = ctx.Err()
	}
	select {
	case a := <-q.answered: // at the same moment
		return a.frame, a.err
	default:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[command.Room]; r != nil {
		r.drop(q)
		c.wakeUp()
	}
	return frame{}, err
}

func (c *Client) queue(q *request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[q.Room]
	switch {
	case c.ended != nil:
		return ErrEnded
	case r == nil:
		return ErrNotJoined
	}
	r.outbox = append(r.outbox, q)
	c.wakeUp()
	return nil
}

// drop removes a request. If it was sent, the next one need not wait for its answer.
func (r *room) drop(q *request) {
	if len(r.outbox) > 0 && r.outbox[0] == q {
		r.sent, r.paused = false, false
	}
	r.outbox = slices.DeleteFunc(r.outbox, func(other *request) bool { return other == q })
}

// next returns the first request of the outbox if it should be sent now. It refuses texts
// for which the server would close the connection; most is the maximum size of a text in
// bytes.
func (r *room) next(most int) *request {
	for len(r.outbox) > 0 && !r.sent && !r.paused {
		q := r.outbox[0]
		if most == 0 || len(q.Text) <= most {
			return q
		}
		r.complete(answer{err: &CommandError{
			Cmd: q.Cmd, Room: r.name, ID: q.ID, Seq: q.Seq, Code: "too_long",
			Sentence: fmt.Sprintf("A message has at most %d bytes.", most),
		}})
	}
	return nil
}

// refuseAll answers all waiting requests with an error.
func (r *room) refuseAll(err error) {
	for len(r.outbox) > 0 {
		r.complete(answer{err: err})
	}
}

// answer completes the sent request that an event answers, if there is one.
func (r *room) answer(f frame) {
	if len(r.outbox) > 0 && r.outbox[0].isAnsweredBy(&f) {
		r.complete(answer{frame: f})
	}
}

// complete gives the first request of the outbox its answer.
func (r *room) complete(a answer) {
	r.outbox[0].answered <- a
	r.drop(r.outbox[0])
}

// refusedLocked handles an error from the server.
func (c *Client) refusedLocked(f frame) {
	err := &CommandError{
		Cmd: f.Cmd, Room: f.Room, ID: f.ID, Seq: f.Seq, Code: f.Code, Detail: f.Detail, Sentence: f.Sentence,
		RetryAfter: time.Duration(f.RetryAfter) * time.Second, Current: f.Current,
	}
	if err.Current != nil {
		err.Current.Room = f.Room
	}
	r := c.rooms[f.Room]
	switch {
	case r == nil:
		c.emitLocked(Failed{err})
	case f.Cmd == "join":
		c.joinRefusedLocked(r, err)
	case len(r.outbox) > 0 && r.outbox[0].isAnsweredBy(&f):
		if err.passes() {
			r.paused, r.sent = true, false
			c.laterLocked(max(retryWait, err.RetryAfter), func() { r.paused = false })
			return
		}
		r.complete(answer{err: err})
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
