package chat

import (
	"context"
	"time"
)

// Request is a change of a stored message that a use case has checked. Submit makes it.
type Request struct {
	target Target
	with   func(Target) Change // returns the change; the target has its times then
	do     action
	bytes  int
}

// Size returns about how many bytes the change sends to each member: those of the message as
// it will be.
func (r *Request) Size() int { return r.bytes }

// request returns the request for a change of a message. more is how many bytes the change
// adds to the message.
func (conn *Connection) request(do action, m *Message, more int, with func(Target) Change) Request {
	return Request{Target{Room: m.Room, Seq: m.Seq, By: conn.User.Author()}, with, do, m.Size() + more}
}

// Submit queues a request and returns. The outcome is passed to Socket.Answer, and the
// message as it then is is delivered to the room.
//
// Submit waits like Send. The error is that of openJoined, ErrBusy or ErrStopping, and the
// request is then not queued.
func (c *Chat) Submit(ctx context.Context, conn *Connection, request Request) error {
	_, m, err := c.openJoined(ctx, conn, request.target.Room, request.do)
	if err != nil {
		return err
	}
	if err := m.Admit(request.bytes); err != nil {
		return err
	}
	target := request.target
	target.At, target.Taken = c.now().UTC().Truncate(time.Millisecond), time.Now()
	err = c.journal.Take(conn, m, request.with(target), request.bytes)
	if err != nil {
		m.Settled(request.bytes)
	}
	return err
}
