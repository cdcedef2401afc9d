package chat

import "context"

// MaxReason is the size in bytes of the reason of a deletion.
const MaxReason = 500

// Edit requests another text for a message of the actor. rev is the Message.Rev that the
// actor saw: if the text was edited since, the outcome is ErrConflict. The error is that of
// openMessage, an *Invalid, a *TooLong or ErrEmpty.
func (c *Chat) Edit(ctx context.Context, conn *Connection, ref Ref, rev int64, text string) (Request, error) {
	if rev < 1 {
		return Request{}, invalid("rev", "The field rev must be the rev of the message as you have it.")
	}
	if err := c.checkText(text); err != nil {
		return Request{}, err
	}
	_, m, err := c.openMessage(ctx, conn, ref, toEdit)
	if err != nil {
		return Request{}, err
	}
	html, version := c.html.Render(conn.Payer(), text), c.html.Version()
	m.Text, m.HTML = text, html
	return conn.request(toEdit, &m, 0, func(t Target) Change {
		return Edit{Target: t, Rev: rev, Text: text, HTML: html, HTMLVersion: version}
	}), nil
}

// Delete requests that a message becomes a tombstone. The reason is for everyone to read, and
// may be empty. Deleting a message again changes nothing. The error is that of openMessage or
// an *Invalid.
func (c *Chat) Delete(ctx context.Context, conn *Connection, ref Ref, reason string) (Request, error) {
	if len(reason) > MaxReason || reason != "" && checkText(reason, 0) != nil {
		return Request{}, invalid("reason", "A reason has at most %d bytes of text, without control characters other than tabs and line breaks.", MaxReason)
	}
	room, m, err := c.openMessage(ctx, conn, ref, toDelete)
	if err != nil {
		return Request{}, err
	}
	moderator := room.scope == all
	return conn.request(toDelete, &Message{Room: m.Room, Seq: m.Seq}, len(reason), func(t Target) Change {
		return Delete{Target: t, Reason: reason, Moderator: moderator}
	}), nil
}
