package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"chatserver/chattest"
	"chatserver/markdown"
)

// Mentions depend on the server's HTML: code and links mention nobody. The page counts a
// mention exactly if it marks the message.
func TestNobodyIsMentionedInsideAnAddressOrCode(t *testing.T) {
	t.Parallel()
	read, err := os.ReadFile("../markdown/testdata/mentions.json")
	if err != nil {
		t.Fatal(err)
	}
	var groups []struct {
		Why    string
		Longer []string
		Cases  [][3]any // text, name, whether it is a mention
	}
	if err := json.Unmarshal(read, &groups); err != nil {
		t.Fatal(err)
	}
	type message struct {
		Why    string   `json:"why"`
		Text   any      `json:"text"`
		HTML   string   `json:"html"`
		Name   any      `json:"name"`
		Longer []string `json:"longer"`
		Want   any      `json:"want"`
	}
	var messages []message
	renderer := markdown.New()
	for _, group := range groups {
		for _, c := range group.Cases {
			messages = append(messages, message{group.Why, c[0], renderer.Render(c[0].(string)), c[1], group.Longer, c[2]})
		}
	}
	if len(messages) < 100 {
		t.Fatalf("only %d cases were read", len(messages))
	}
	table, err := json.Marshal(messages)
	if err != nil {
		t.Fatal(err)
	}
	keepTheirPromises(t, []part{{"who is mentioned", fmt.Sprintf(`({ isMentioned, mentionsIn }, { setMarkup, setText }) => {
		return %s.flatMap(({ why, text, html, name, longer, want }) => {
			const shown = document.createElement('div');
			if (html) setMarkup(shown, html);
			else setText(shown, text, false);
			const got = [isMentioned({ text, html }, name, longer), mentionsIn(shown, name, longer).length > 0];
			return got.every((is) => is === want) ? [] : [why + ': ' + JSON.stringify(text) + ' for ' + name + ': counted ' + got[0] + ', marked ' + got[1]];
		}).join('\n');
	}`, table), []string{"elements/message-mentions.js", "elements/markup.js"}}})
}

// The room list counts a mention, and the message is marked, when Ann is addressed, and
// not when her name is in a link or in code.
func TestAMentionIsCountedAndMarkedAlike(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	bob := world.Connect("Bob", "room=bookings")
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/rooms/bookings"))
	ann.Connects("Ann", "")
	ann.Opens(world.URL("/"))
	ann.Shows("status", "Connected")
	for _, text := range []string{"https://social.example/@Ann", "see `@Ann`", "bob@Ann.example", "social.example/@Ann"} {
		bob.Says(text)
	}
	ann.Sees("four unread, and no mention", `() => {
		const row = [...document.querySelectorAll('[data-testid=room-link]')].find((link) => link.href.endsWith('/rooms/bookings'));
		return row?.querySelector('[data-testid=unread]').textContent === '4' && !row.hasAttribute('data-mentioned');
	}`)
	bob.Says("`you`, @Ann")
	ann.Sees("a mention", `() => {
		const row = [...document.querySelectorAll('[data-testid=room-link]')].find((link) => link.href.endsWith('/rooms/bookings'));
		return row?.querySelector('[data-testid=unread]').textContent === '5' && row.hasAttribute('data-mentioned');
	}`)
	ann.GoesTo("bookings")
	ann.Hears("Bob: `you`, @Ann")
	ann.Sees("one message marked", `() => {
		const marked = [...document.querySelectorAll('.mention')];
		return marked.length === 1 && marked[0].textContent === '@Ann' && document.querySelectorAll('[data-mention]').length === 1;
	}`)
}
