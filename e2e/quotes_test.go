package e2e

import (
	"os"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"chatserver/chattest"
)

// The page has the server's rule for the words of a quote, and is tested with the same cases
// (handlers/pages/plain_text_test.go).
func TestThePageShowsTheWordsOfAQuote(t *testing.T) {
	t.Parallel()
	cases, err := os.ReadFile("../handlers/pages/testdata/plain-text.json")
	if err != nil {
		t.Fatal(err)
	}
	keepTheirPromises(t, []part{{"quotes", `({ plainText }) => ` + string(cases) + `
		.filter(({ text, plain }) => plainText(text) !== plain)
		.map(({ text, plain }) => JSON.stringify([text, plainText(text), plain])).join('; ')`, []string{"model/plain-text.js"}}})
}

// Wherever words of a message stand without its markup, they stand without its Markdown:
// in a quote, before and after a reload, above the composer, in the menu, and among the pins.
func TestNoMarkdownWhereWordsAreQuoted(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	const typed = "**Goes live** with [the map](https://skerry.example/map)"
	ann.Says(typed)
	bob.Hears("Ann: " + typed)
	bob.Picks(typed, "Reply")
	bob.Shows("reply-bar", "Goes live with the map")
	bob.Says("at ten?")
	for _, tab := range []*Tab{ann, bob} {
		tab.Shows("quote", "Ann Goes live with the map")
		tab.Reloads()
		tab.Shows("quote", "Ann Goes live with the map")
	}
	bob.Picks(typed, "Pin")
	bob.Chooses("Pinned messages")
	bob.Shows("pin", "Goes live with the map")
	bob.Presses(input.Escape)
	bob.Size(390, 844)
	bob.Points(typed)
	bob.Part("more").MustClick()
	bob.Sees("its words in the menu", `() => document.querySelector('.message-menu-head p').textContent === 'Goes live with the map'`)
}

// On a phone the button that a tap brings to a row covers no word of it: not of a quote, of the
// line of a pin, of the author, or of a further message of a group.
func TestTheDotsOfARowCoverNoWord(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := together(world, browser, "Ann")[0]
	long := "The announcement is in three languages now, and each of them fills more than one line of a phone."
	ann.Says(long)
	ann.Hears("Ann: " + long)
	ann.Says("A further message that " + long)
	ann.Hears("Ann: A further message that " + long)
	ann.Picks(long, "Reply")
	ann.Says("last")
	ann.Hears("Ann: last")
	ann.Picks("last", "Pin")
	ann.Shows("pinned", "Pinned by Ann")
	ann.Size(360, 640)
	for _, text := range []string{"last", "A further message that " + long} {
		ann.Points(text)
		ann.Sees("the dots beside the words of "+text, `(text) => {
			const row = [...document.querySelectorAll('[data-testid=message]')].find(({ dataset }) => dataset.text === text);
			const dots = row.querySelector('[data-action=more]')?.getBoundingClientRect();
			const words = document.createRange();
			const seen = 8, leading = 4; // the visible part of the button, and the space above and below the letters
			const covered = ({ top, right, bottom, left }) => left < dots.right && right > dots.left && top + leading < dots.bottom - seen && bottom - leading > dots.top + seen;
			return dots !== undefined && [...row.querySelectorAll('.quote, .pinned, .message-head > *, .message-text p')].every((line) => {
				words.selectNodeContents(line);
				const clipped = line.getBoundingClientRect();
				return [...words.getClientRects()].every((box) => !covered({ top: box.top, bottom: box.bottom, left: Math.max(box.left, clipped.left), right: Math.min(box.right, clipped.right) }));
			});
		}`, text)
	}
}
