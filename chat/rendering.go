package chat

import (
	"context"
	"runtime"
	"slices"
)

// rendering runs a Renderer for those who send and those who read. At most
// GOMAXPROCS-1 texts are rendered at once, fairly by payer, so that a processor is left
// for everybody else, however many connections one address has and whatever they send.
// A caller waits in the goroutine of its own connection and holds up nobody else.
type rendering struct {
	renderer Renderer
	gate     *fairGate
}

func newRendering(by Renderer) *rendering {
	return &rendering{by, newFairGate(runtime.GOMAXPROCS(0) - 1)}
}

// render returns the HTML of a text. A simple one needs no turn.
func (r *rendering) render(payer Payer, text string) string {
	if html, simple := r.renderer.Simple(text); simple {
		return html
	}
	_ = r.gate.enter(context.Background(), payer, 0) // neither ends nor refuses
	defer r.gate.leave()
	return r.renderer.Render(text)
}

// maxTurnsWaiting is how many callers of one payer may wait in Chat.Turn.
const maxTurnsWaiting = 32

// Turn waits until other work that keeps a processor busy, like making a page, may run
// beside the rendering of messages, as one of the same number and by the same fairness.
// leave must be called when it is done. The work must not call the chat, which may wait
// for a turn of its own. The error is the context's, or ErrBusy if too many callers of
// the payer, if its address is limited, wait.
func (c *Chat) Turn(ctx context.Context, payer Payer) (leave func(), err error) {
	most := maxTurnsWaiting
	if !payer.network.IsValid() {
		most = 0 // this machine's own is not limited
	}
	if err := c.hub.html.gate.enter(ctx, payer, most); err != nil {
		return nil, err
	}
	return c.hub.html.gate.leave, nil
}

// rendered returns the messages of a page with the HTML of this renderer. Those that
// were stored with that of another version are rendered again, and others not: a
// message is read far more often than the renderer changes. Nothing is stored.
func (r *rendering) rendered(payer Payer, messages []Message) []Message {
	version, own := r.renderer.Version(), false
	for i := range messages {
		if messages[i].HTMLVersion == version {
			continue
		}
		if !own {
			messages, own = slices.Clone(messages), true // the store may keep those that it gave
		}
		m := &messages[i]
		m.HTML, m.HTMLVersion = r.render(payer, m.Text), version
	}
	return messages
}

// changes renders a page of changes. What is rendered again may be larger than
// the store counted: what does not fit the limit any more is left for the next page.
func (r *rendering) changes(payer Payer, page Page, limit Limit) Page {
	page.Messages = r.rendered(payer, page.Messages)
	if fit := fitting(slices.All(page.Messages), limit); fit < len(page.Messages) {
		page.Messages = page.Messages[:fit]
		page.Rev, page.More = page.Messages[fit-1].Rev, true
	}
	return page
}

// before renders a page that goes back: its oldest messages are left out if
// they do not fit.
func (r *rendering) before(payer Payer, page Page, limit Limit) Page {
	page.Messages = r.rendered(payer, page.Messages)
	if fit := fitting(slices.Backward(page.Messages), limit); fit < len(page.Messages) {
		page.Messages = page.Messages[len(page.Messages)-fit:]
		page.More = true
	}
	return page
}

// fitting is how many messages fit a limit, at least one.
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
