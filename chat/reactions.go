package chat

import (
	"context"

	"chatserver/emoji"
)

// reactionBytes is about how many bytes a reaction adds to its message.
const reactionBytes = 100

// React requests that the actor's reaction to a message with an emoji is set or removed. To
// set it again changes nothing. The error is that of openMessage or an *Invalid.
func (c *Chat) React(ctx context.Context, conn *Connection, ref Ref, text string, on bool) (Request, error) {
	one, ok := emoji.Parse(text)
	if !ok {
		return Request{}, invalid("emoji", "A reaction is exactly one emoji, like 👍.")
	}
	_, m, err := c.openMessage(ctx, conn, ref, toReact)
	if err != nil {
		return Request{}, err
	}
	return conn.request(toReact, &m, reactionBytes, func(t Target) Change {
		return React{Target: t, Emoji: one, On: on}
	}), nil
}
