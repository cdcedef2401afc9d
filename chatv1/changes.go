package chatv1

import (
	"context"

	"chatserver/chat"
)

// The commands that change a stored message. Each submits a request, for which the session
// charges its sender. The answer is an Ack behind the changed message, or an Error.

func (c call) ref() chat.Ref { return chat.Ref{Room: c.room, Seq: c.Seq} }

func edit(c call) error {
	return c.session.Submit(func() (chat.Request, error) {
		return c.chat.Edit(context.Background(), c.session.Conn(), c.ref(), c.Rev, c.Text)
	})
}

func remove(c call) error {
	return c.session.Submit(func() (chat.Request, error) {
		return c.chat.Delete(context.Background(), c.session.Conn(), c.ref(), c.Reason)
	})
}

func purge(c call) error {
	return c.session.Submit(func() (chat.Request, error) {
		return c.chat.Purge(context.Background(), c.session.Conn(), c.ref(), c.Version)
	})
}

func react(c call) error {
	on, err := c.isOn()
	if err != nil {
		return err
	}
	return c.session.Submit(func() (chat.Request, error) {
		return c.chat.React(context.Background(), c.session.Conn(), c.ref(), c.Emoji, on)
	})
}

func pin(c call) error {
	on, err := c.isOn()
	if err != nil {
		return err
	}
	return c.session.Submit(func() (chat.Request, error) {
		return c.chat.Pin(context.Background(), c.session.Conn(), c.ref(), on)
	})
}

// move has two rooms instead of one: from the first to the second.
func move(c call) error {
	if len(c.Rooms) != 2 {
		return &chat.Invalid{Field: "rooms", Format: "The field rooms must be two rooms: the one that the messages are in, and the one to move them to."}
	}
	var rooms [2]string
	for i, name := range c.Rooms {
		var err error
		if rooms[i], err = chat.ParseRoom(name); err != nil {
			return err
		}
	}
	return c.session.Submit(func() (chat.Request, error) {
		return c.chat.Move(context.Background(), c.session.Conn(), rooms[0], rooms[1], c.Seqs)
	})
}

// isOn returns the field on, which must be there: its absence would be a guess.
func (c call) isOn() (bool, error) {
	if c.On == nil {
		return false, &chat.Invalid{Field: "on", Format: "The field on must be true to set it, or false to remove it."}
	}
	return *c.On, nil
}
