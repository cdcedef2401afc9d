package chat

import (
	"context"
	"fmt"
)

// Newest returns the newest messages of a room, at most most and one page, together with the
// room's rev of the same moment. The web page shows them before it joins. The read waits for
// the actor's turn. The error is that of gate.open, the context's or the store's.
func (c *Chat) Newest(ctx context.Context, actor Actor, slug string, most int) (Page, error) {
	allowed, err := c.open(ctx, actor, slug, toRead)
	if err != nil {
		return Page{}, err
	}
	page, err := c.pages.NewestForWebPage(ctx, actor.Payer(), c.live.Room(allowed.slug))
	if err != nil {
		return Page{}, fmt.Errorf("read the newest messages of %s: %w", slug, err)
	}
	if extra := len(page.Messages) - most; extra > 0 {
		page.Messages = page.Messages[extra:]
	}
	page.More = len(page.Messages) > 0 && page.Messages[0].Seq > 1
	return page, nil
}
