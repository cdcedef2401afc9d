package chat

import (
	"context"
	"fmt"
)

// Around returns a message with up to most messages before it and up to most after it, in
// order, as much as fits a page. More is set if there are older messages. The web page of a
// message shows them. The error is that of gate.open, an *Invalid, ErrNoMessage, the
// context's or the store's.
func (c *Chat) Around(ctx context.Context, actor Actor, ref Ref, most int) (Page, error) {
	room, err := c.open(ctx, actor, ref.Room, toRead)
	if err != nil {
		return Page{}, err
	}
	if err := checkSeq(ref.Seq); err != nil {
		return Page{}, err
	}
	by := PageReader{actor.Payer(), Limit{Messages: 2*most + 1, Bytes: PageLimit.Bytes}}
	return c.pages.Read(ctx, by, c.html.Before, func() (Page, error) { return c.around(ctx, room, ref.Seq, most) })
}

func (c *Chat) around(ctx context.Context, room opened, seq int64, most int) (Page, error) {
	half := Limit{Messages: most, Bytes: PageLimit.Bytes / 2}
	page, err := c.store.Before(ctx, room.slug, seq+1, Limit{Messages: most + 1, Bytes: half.Bytes})
	if err != nil {
		return Page{}, fmt.Errorf("read the messages before %d of %s: %w", seq, room.slug, err)
	}
	if last := len(page.Messages) - 1; last < 0 || page.Messages[last].Seq != seq {
		return Page{}, ErrNoMessage
	}
	after, err := c.store.After(ctx, room.slug, seq, half)
	if err != nil {
		return Page{}, fmt.Errorf("read the messages after %d of %s: %w", seq, room.slug, err)
	}
	page.Messages = append(page.Messages, after.Messages...)
	return page, nil
}
