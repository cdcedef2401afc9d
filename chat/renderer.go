package chat

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
