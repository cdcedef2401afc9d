package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/input"

	"chatserver/chattest"
)

// A browser that translates the page leaves the names of people and rooms, links and
// code alone everywhere: in rows, within sentences, in labels, in the title.
func TestNoBrowserTranslatesNames(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.Expect("409")
	browser.Expect("404")
	zelda, quentin := browser.Person(), browser.Person()
	swept := func(where string) {
		t.Helper()
		quentin.translatesNo(where, "Zelda Marsh", "Quentin Vale", "Kiln shed", "kiln-shed", "Bad Room!", "Loom", "loom", "/nonsense", world.Address())
	}
	zelda.Size(1280, 800)
	zelda.Opens(world.URL("/rooms/kiln-shed"))
	zelda.Connects("Zelda Marsh", "44")
	zelda.Sees("the only member", `() => document.querySelectorAll('[data-testid=member]').length === 1`)

	quentin.Size(1280, 800)
	quentin.Opens(world.URL("/nonsense"))
	quentin.Shows("refused", "The chat is at")
	quentin.translatesNo("a page that is not there", "/")
	quentin.Opens(world.URL("/rooms/kiln-shed?name=Zelda+Marsh"))
	quentin.Shows("suggestion", "Use Zelda Marsh 2")
	swept("a name that is taken, as the server shows it")
	quentin.Opens(world.URL("/rooms/kiln-shed?name=Ze1da+Marsh"))
	quentin.Shows("join", "too similar to Zelda Marsh")
	swept("a name that is too similar to hers, as the server shows it")
	quentin.Opens(world.URL("/rooms/kiln-shed"))
	quentin.Labelled("Name").MustInput("Ze1da Marsh")
	quentin.Button("Connect").MustClick()
	quentin.Shows("join", "too similar to Zelda Marsh")
	swept("a name that is too similar to hers, as a module shows it")
	quentin.Runs(`() => document.querySelector('server-status').lost()`)
	swept("a server that is away")
	quentin.Labelled("Name").MustSelectAllText()
	quentin.Connects("Quentin Vale", "")
	quentin.Shows("empty", "No messages in Kiln shed yet")
	quentin.Members("Zelda Marsh", "Quentin Vale")
	swept("a room in which nothing was said")

	quentin.Chooses("Invite people…")
	swept("the invitation")
	quentin.Presses(input.Escape)
	quentin.page.MustElement("[data-testid=member] button").MustClick()
	quentin.Shows("card", "Zelda Marsh")
	swept("her card")
	quentin.Presses(input.Escape)

	zelda.Types("look at ")
	quentin.Shows("typing", "Zelda Marsh is typing…")
	swept("who is typing")
	zelda.Types("@Quentin Vale and `Kiln shed` and " + world.URL("/rooms/kiln-shed"))
	zelda.Presses(input.Enter)
	quentin.Sees("a mention", `() => document.querySelector('.mention') !== null`)
	var bots []*chattest.Person
	for _, name := range []string{"Zelda Marsh 2", "Zelda Marsh 3", "Zelda Marsh 4"} {
		bots = append(bots, world.Connect(name, "room=kiln-shed"))
		bots[len(bots)-1].Hears(name + " connected to chat")
	}
	quentin.Notes("Zelda Marsh 2, Zelda Marsh 3 and 1 more joined")
	quentin.Part("notes-toggle").MustClick()
	bots[0].Leaves()
	quentin.Notes("Zelda Marsh 2 left, Zelda Marsh 3 and Zelda Marsh 4 joined")
	swept("who came and went, and a mention")

	quentin.page.MustElement(".jump-to").MustClick()
	quentin.page.MustElement("[data-testid=switcher] input").MustInput("Loom")
	quentin.Sees("an offer to open the room", `() => /Open room/.test(document.querySelector('[data-testid=switcher-row]')?.textContent)`)
	swept("the switcher, and a room that is not there yet")
	quentin.Presses(input.Escape)
	quentin.Says("/nonsense")
	quentin.Shows("composer-note", "/nonsense isn’t a command")
	swept("a command that is not there")
	quentin.Runs(`() => { localStorage.setItem('chatserver.outbox.0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b', JSON.stringify({ id: '0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b', user: 'Quentin Vale', room: 'Bad Room!', text: 'lost', at: 1, failed: '', final: false })); }`)
	quentin.Reloads()
	quentin.Hears("Zelda Marsh: look at @Quentin Vale and `Kiln shed` and " + world.URL("/rooms/kiln-shed"))
	quentin.Shows("status", "Connected")
	swept("the room after a reload")
	quentin.GoesTo("lobby")
	quentin.Shows("failed", "can’t be the name of a room")
	swept("a draft for a room that cannot be")
	quentin.GoesTo("loom")
	zelda.Says("@Quentin Vale again")
	quentin.Sees("something unread", `() => /^\(1\) Loom/.test(document.title)`)
	swept("what is unread elsewhere")
	quentin.paintedTranslatesNo("the room as the server paints it", world.URL("/rooms/kiln-shed"), "Zelda Marsh", "Kiln shed", "kiln-shed", world.Address())
}

// untranslated returns where one of the names is in a document and a browser may
// translate it. People's texts are prose, except for mentions, links and code.
const untranslated = `(root, names) => {
	const found = [];
	let seen = 0;
	const may = (element, text, where) => {
		if (!names.some((name) => text.includes(name))) return;
		seen++;
		if (!element.closest('[translate=no]')) found.push(where + ': ' + text.trim());
	};
	const texts = document.createTreeWalker(root.documentElement, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const parent = texts.currentNode.parentElement;
		if (!parent.closest('script, style, template')) may(parent, texts.currentNode.data, parent.outerHTML.slice(0, 100));
	}
	const attributes = ['title', 'alt', 'placeholder', 'aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext', 'label'];
	for (const element of root.querySelectorAll('*')) {
		for (const name of attributes) if (element.hasAttribute(name)) may(element, element.getAttribute(name), '<' + element.localName + ' ' + name + '>');
	}
	return seen === 0 ? ['none of the names is there'] : [...new Set(found)];
}`

// translatesNo fails for every place of the page where a browser may translate one of
// the names.
func (tab *Tab) translatesNo(where string, names ...string) {
	tab.t.Helper()
	for _, found := range tab.page.MustEval(`(names) => (`+untranslated+`)(document, names)`, names).Arr() {
		tab.t.Errorf("%s: may be translated: %s", where, found.Str())
	}
}

// paintedTranslatesNo is translatesNo for a page as the server renders it.
func (tab *Tab) paintedTranslatesNo(where, url string, names ...string) {
	tab.t.Helper()
	for _, found := range tab.page.MustEval(`async (url, names) => {
		const text = await (await fetch(url, { headers: { Accept: 'text/html' } })).text();
		return (`+untranslated+`)(new DOMParser().parseFromString(text, 'text/html'), names);
	}`, url, names).Arr() {
		tab.t.Errorf("%s: may be translated: %s", where, found.Str())
	}
}
