package chat

import (
	"context"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"chatserver/fair"
)

// Renderer creates the HTML of messages, which pages insert unchanged: it must be safe for
// any input. The HTML is created when a message is sent, and stored with it.
type Renderer interface {
	// Render returns the HTML of a text. It is empty if the text in a plain paragraph looks
	// the same: nothing is then stored or sent. Render cannot fail, may be called from
	// several goroutines, takes time linear in the text, and its result together with the
	// text takes at most MaxEncoded bytes in JSON.
	Render(text string) string
	// Simple returns the same HTML for a text of little more than words, in about the time
	// of copying it; for all other texts ok is false, and Render is needed.
	Simple(text string) (html string, ok bool)
	// Version identifies the output of Render: it changes whenever Render would return
	// something else for a text. It is never 0, the version of messages without HTML.
	Version() int
}

// MaxEncoded bounds the JSON size in bytes of a message's text and HTML, so that it fits the
// queue of a connection that is slightly behind. A text of 32 kB alone may take that much;
// the remainder is for the tags of a paragraph.
const MaxEncoded = 192<<10 + 32

// plain is the renderer of a chat without one.
type plain struct{}

// Render implements Renderer.
func (plain) Render(text string) string { return PlainHTML(text) }

// Simple implements Renderer.
func (plain) Simple(text string) (html string, ok bool) { return PlainHTML(text), true }

// Version implements Renderer.
func (plain) Version() int { return -1 }

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

// linkAttributes are the attributes of every link in a message: it opens in a new tab, which
// learns nothing about this one.
const linkAttributes = ` target="_blank" rel="noopener noreferrer nofollow"`

// untranslated keeps browsers that translate a page from translating code and addresses.
const untranslated = ` translate="no"`

// WithPageAttributes returns the HTML of a message for a page that works without scripts. A
// Renderer omits the attributes that all links or code share, so that the HTML of a message
// does not become many times its text; the page's modules add them to live messages
// (static/js/elements/markup.js). In the HTML of a Renderer, every angle bracket belongs to a tag.
func WithPageAttributes(html string) string {
	if strings.Contains(html, "<a ") {
		html = link.ReplaceAllStringFunc(html, markAddress)
	}
	return pageAttributes.Replace(html)
}

// link matches a link that contains only text, with its URL and its text.
var link = regexp.MustCompile(`<a href="([^"]*)">([^<]+)</a>`)

// markAddress marks a link whose text is its address as not to be translated.
func markAddress(html string) string {
	if parts := link.FindStringSubmatch(html); strings.Contains(parts[1], parts[2]) {
		return `<a href="` + parts[1] + `"` + untranslated + `>` + parts[2] + `</a>`
	}
	return html
}

var pageAttributes = strings.NewReplacer("<a href=", "<a"+linkAttributes+" href=", "<code>", "<code"+untranslated+">", "<code class=", "<code"+untranslated+" class=")

// PlainHTML returns a text as one paragraph of HTML, as typed. It drops control characters,
// which no page shows, so paragraph and text never exceed MaxEncoded for a text of 32 kB.
func PlainHTML(text string) string {
	if strings.ContainsFunc(text, isMarkup) {
		text = plainHTML.Replace(text)
	}
	return `<p dir="auto">` + text + `</p>`
}

func isMarkup(r rune) bool { return r < ' ' || r == '&' || r == '<' || r == '>' || r == 0x7F }

var plainHTML = func() *strings.Replacer {
	instead := []string{"&", "&amp;", "<", "&lt;", ">", "&gt;", "\r\n", "<br>", "\n", "<br>", "\r", "<br>", "\x7F", ""}
	for control := range byte(' ') {
		if control != '\t' && control != '\n' && control != '\r' {
			instead = append(instead, string(rune(control)), "")
		}
	}
	return strings.NewReplacer(instead...)
}()
