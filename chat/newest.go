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
	r := c.hub.find(allowed.slug)
	if r == nil {
		r = &room{slug: allowed.slug, hub: c.hub} // no connection has the room open
	}
	page, err := c.pages.newestForWebPage(ctx, actor.Payer(), r)
	if err != nil {
		return Page{}, fmt.Errorf("read the newest messages of %s: %w", slug, err)
	}
	if extra := len(page.Messages) - most; extra > 0 {
		page.Messages = page.Messages[extra:]
	}
	page.More = len(page.Messages) > 0 && page.Messages[0].Seq > 1
	return page, nil
}

// newestForWebPage is newest for a web page. It waits for its turn no longer than the
// context allows: if the store hangs, the page is served without messages.
func (p *pages) newestForWebPage(ctx context.Context, payer Payer, r *room) (Page, error) {
	if page, ok := p.cached(r, p.key(r, newestPage, PageLimit)); ok {
		return page, nil
	}
	if err := p.enter(ctx, payer); err != nil {
		return Page{}, err
	}
	defer p.gate.Leave()
	return p.newest(ctx, pageReader{payer, PageLimit}, r, true)
}
