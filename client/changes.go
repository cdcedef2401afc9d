package client

import (
	"context"
	"unicode/utf8"
)

// The methods of this file change a stored message, or ask about one. Each waits for the
// server's answer, reconnecting as often as necessary, and returns a *CommandError if the
// server refuses. Events delivers the changed message to everyone in the room.
//
// After an error of ctx, or ErrEnded, a change may or may not have been made. To make it
// again does no harm: what is already so stays so.

// Reply is where a message belongs: in a thread, or under a quote of another message.
type Reply struct {
	Thread int64 // the seq of the thread's root; 0 for a message outside threads
	To     int64 // the seq of the message that it quotes; 0 for none
}

// SendReply is SendAs for a message that replies to another.
func (c *Client) SendReply(ctx context.Context, room, id, text string, to Reply) (seq int64, err error) {
	return c.sendAs(ctx, room, id, text, to)
}

// Edit replaces the text of a message that this user wrote. m is the message as the caller
// has it. If it was edited in the meantime, the error is a *CommandError with the code
// conflict, whose Current is the message as it is.
func (c *Client) Edit(ctx context.Context, m Message, text string) error {
	if !utf8.ValidString(text) {
		return ErrNotUTF8
	}
	_, err := c.ask(ctx, command{Cmd: "edit", Room: m.Room, Seq: m.Seq, Rev: m.Rev, Text: text})
	return err
}

// Delete deletes a message that this user wrote: text, earlier texts and reactions. The
// reason, which may be empty, is for everyone to read.
func (c *Client) Delete(ctx context.Context, room string, seq int64, reason string) error {
	_, err := c.ask(ctx, command{Cmd: "delete", Room: room, Seq: seq, Reason: reason})
	return err
}

// React sets or removes this user's reaction to a message with an emoji.
func (c *Client) React(ctx context.Context, room string, seq int64, emoji string, on bool) error {
	_, err := c.ask(ctx, command{Cmd: "react", Room: room, Seq: seq, Emoji: emoji, On: &on})
	return err
}

// Pin pins a message to its room, or unpins it.
func (c *Client) Pin(ctx context.Context, room string, seq int64, on bool) error {
	_, err := c.ask(ctx, command{Cmd: "pin", Room: room, Seq: seq, On: &on})
	return err
}

// Purge removes one earlier text of a message that this user wrote, for good.
func (c *Client) Purge(ctx context.Context, room string, seq int64, version int) error {
	_, err := c.ask(ctx, command{Cmd: "purge", Room: room, Seq: seq, Version: version})
	return err
}

// Versions returns the earlier texts of a message, oldest first.
func (c *Client) Versions(ctx context.Context, room string, seq int64) (all []Version, err error) {
	for since := int64(0); ; {
		page, err := c.ask(ctx, command{Cmd: "versions", Room: room, Seq: seq, Since: &since})
		if err != nil {
			return nil, err
		}
		all = append(all, page.earlier...)
		if !page.More || len(all) == 0 {
			return all, nil
		}
		since = int64(all[len(all)-1].Number)
	}
}

// Thread returns a page of a thread, oldest message first: with a before of 0 its root and
// its newest replies, otherwise the replies before that seq. more reports whether there are
// older ones.
func (c *Client) Thread(ctx context.Context, room string, root, before int64) (replies []Message, more bool, err error) {
	page, err := c.ask(ctx, command{Cmd: "thread", Room: room, Seq: root, Before: before})
	return page.page, page.More, err
}
