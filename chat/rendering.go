package chat

import (
	"context"
	"runtime"
	"slices"

	"chatserver/fair"
)

// Rendering runs a Renderer for senders and readers. It renders at most GOMAXPROCS-1 texts
// at a time, fairly by payer, so that one processor stays free for everything else, whatever
// one address sends on however many connections. A caller waits in the goroutine of its own
// connection and delays nobody else.
type Rendering struct {
	renderer Renderer
	gate     *fair.Gate[Payer]
}

// NewRendering returns a rendering by a renderer.
func NewRendering(by Renderer) *Rendering {
	return &Rendering{by, fair.NewGate[Payer](runtime.GOMAXPROCS(0) - 1)}
}

// Render returns the HTML of a text. A simple text needs no turn.
func (r *Rendering) Render(payer Payer, text string) string {
	if html, simple := r.renderer.Simple(text); simple {
		return html
	}
	_ = r.gate.Enter(context.Background(), payer, 0) // without a limit, and with a context that never ends, enter cannot fail
	defer r.gate.Leave()
	return r.renderer.Render(text)
}

// Version returns the version of the HTML that Render returns.
func (r *Rendering) Version() int { return r.renderer.Version() }

// Current renders a changed message whose HTML another version stored. It takes no turn: the
// recorder calls it, for which everyone waits.
func (r *Rendering) Current(m *Message) {
	if version := r.renderer.Version(); m.HTMLVersion != version && m.Deleted == nil {
		m.HTML, m.HTMLVersion = r.renderer.Render(m.Text), version
	}
}

// Rendered returns the messages with the HTML of this renderer. It renders again only those
// stored with another version's HTML: messages are read far more often than the renderer
// changes. The results are not stored.
func (r *Rendering) Rendered(payer Payer, messages []Message) []Message {
	version, own := r.renderer.Version(), false
	for i := range messages {
		if messages[i].HTMLVersion == version || messages[i].Deleted != nil {
			continue
		}
		if !own {
			messages, own = slices.Clone(messages), true // the store may share the slice
		}
		m := &messages[i]
		m.HTML, m.HTMLVersion = r.Render(payer, m.Text), version
	}
	return messages
}

// Render is Rendering.Before or Rendering.Changes, whichever the order of the page needs.
type Render func(Payer, Page, Limit) Page

// Changes renders a page of changes. New HTML may be larger than what the store counted:
// messages that then exceed the limit are left for the next page.
func (r *Rendering) Changes(payer Payer, page Page, limit Limit) Page {
	page.Messages = r.Rendered(payer, page.Messages)
	if fit := fitting(slices.All(page.Messages), limit); fit < len(page.Messages) {
		page.Messages = page.Messages[:fit]
		page.Rev, page.More = page.Messages[fit-1].Rev, true
	}
	return page
}

// Before renders a page that goes back. It drops the oldest messages if they exceed the
// limit.
func (r *Rendering) Before(payer Payer, page Page, limit Limit) Page {
	page.Messages = r.Rendered(payer, page.Messages)
	if fit := fitting(slices.Backward(page.Messages), limit); fit < len(page.Messages) {
		page.Messages = page.Messages[len(page.Messages)-fit:]
		page.More = true
	}
	return page
}

// fitting returns how many messages fit the limit, at least one.
func fitting(messages func(func(int, Message) bool), limit Limit) (fit int) {
	bytes := 0
	for _, m := range messages {
		bytes += m.Size()
		if fit > 0 && limit.Bytes > 0 && bytes > limit.Bytes {
			break
		}
		fit++
	}
	return fit
}
