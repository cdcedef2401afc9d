package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"

	"chatserver/chattest"
)

// From the composer, Tab leads to the messages, then to the rooms, and
// back.
func TestTabLeadsFromWritingToReadingToTheRooms(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Says("hello")
	ann.Hears("Ann: hello")
	ann.Sees("the focus where she writes", `() => document.activeElement?.id === 'message-input'`)
	walk := func(back bool, until string) string {
		passed := ""
		for range 40 {
			ann.tabs(back)
			place := ann.page.MustEval(`() => ['message-composer', '[role=log]', '.room-header', '#sidebar', '#people'].find((place) => document.activeElement.closest(place)) ?? ''`).Str()
			if place != "" && !strings.HasSuffix(passed, place+" ") {
				passed += place + " "
			}
			if place == until {
				break
			}
		}
		return passed
	}
	if passed := walk(false, "#sidebar"); passed != "message-composer [role=log] #sidebar " {
		t.Errorf("Tab leads to %s", passed)
	}
	if passed := walk(true, "message-composer"); passed != "[role=log] message-composer " {
		t.Errorf("Shift+Tab leads to %s", passed)
	}
}

// Only new messages of others are read aloud, with their authors.
func TestOnlyNewMessagesAreReadAloud(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	talks(world, "bot", 120)
	ann.Opens(world.URL("/"))
	// Assistive technology announces rows that are added while the list is not busy.
	ann.page.MustEval(`() => {
		const log = document.querySelector('[role=log]');
		window.aloud = [];
		new MutationObserver((changes) => {
			if (log.ariaBusy === 'true') return;
			for (const { addedNodes, target } of changes) for (const node of addedNodes) {
				if ((node.parentElement ?? target).closest('[aria-live]') !== log || node.ariaLive === 'off') continue;
				const row = (node.parentElement ?? target).closest('.message') ?? node;
				const of = (part) => row.querySelector?.(part)?.textContent ?? row.textContent;
				window.aloud.push(of('.message-author') + ': ' + of('.message-text'));
			}
		}).observe(log, { childList: true, subtree: true, characterData: true });
	}`)
	aloud := func(what string, lines ...string) {
		t.Helper()
		ann.settle()
		ann.Sees(fmt.Sprintf("%q aloud, %s", lines, what), `(lines) => JSON.stringify([...new Set(window.aloud)]) === JSON.stringify(lines)`, append([]string{}, lines...))
		ann.page.MustEval(`() => { window.aloud = []; }`)
	}
	ann.Connects("Ann", "")
	ann.Hears("bot: line 120")
	aloud("when she comes")
	ann.Says("my own")
	ann.Hears("Ann: my own")
	aloud("when she says something")
	bob := world.Connect("Bob", "")
	bob.Says("hello")
	ann.Hears("Bob: hello")
	bob.Says("are you there?")
	ann.Hears("Bob: hello", "Bob: are you there?")
	aloud("when others do", "Bob: hello", "Bob: are you there?")
	ann.Sees("the first", `() => {
		document.querySelector('[data-testid=messages]').scrollTop = 100; // again and again
		return document.querySelector('.message-text').textContent === 'line 1';
	}`)
	aloud("when she reads back")

	// It finds a log with articles that are named by their authors.
	log := ann.accessible("log", "Messages")
	if live := log["live"]; live != "polite" {
		t.Errorf("the list is live %q", live)
	}
	ann.Part("jump").MustClick()
	ann.Hears("Bob: are you there?")
	ann.accessible("article", "Bob are you there?")
	ann.accessible("article", "Ann my own")
}

// A row shows its time without a pointer, when the keyboard reaches it.
func TestTheListWorksByKeyboard(t *testing.T) {
	t.Parallel()
	world, ann := readsTheLobby(t)
	talks(world, "bot", 300)
	ann.Hears("bot: line 300")
	ann.IsAtNewest()
	at := func(text string) {
		t.Helper()
		ann.Sees("the focus on "+text, `(text) => document.activeElement?.querySelector?.('[data-testid=message-text]')?.textContent === text
			&& document.activeElement.matches('.message:focus-visible')`, text)
	}
	stops := func() int { // actions belong to their row
		return ann.page.MustEval(`() => new Set([...document.querySelectorAll('.messages, .messages *')]
			.filter((e) => e.tabIndex >= 0 && e.checkVisibility()).map((e) => e.closest('.message') ?? e)).size`).Int()
	}
	if n := stops(); n != 1 {
		t.Errorf("Tab stops %d times in the list: %s", n, ann.page.MustEval(`() => [...document.querySelectorAll('.messages, .messages *')].filter((e) => e.tabIndex >= 0 && e.checkVisibility()).map((e) => e.outerHTML.slice(0, 120)).join(' | ')`).Str())
	}
	for range 8 { // from the composer, past its actions
		if ann.tabs(false); ann.page.MustEval(`() => document.activeElement.matches('.message')`).Bool() {
			break
		}
	}
	at("line 300")
	ann.keys(input.ArrowUp, input.ArrowUp)
	at("line 298")
	ann.Sees("its time", `() => getComputedStyle(document.activeElement.querySelector('time')).opacity === '1'`)
	ann.Sees("a ring", `() => getComputedStyle(document.activeElement, '::before').outlineStyle === 'solid'`)
	ann.keys(input.ArrowDown)
	at("line 299")
	ann.keys(input.Home)
	ann.Sees("an older one", `() => document.activeElement?.querySelector?.('.message-text')?.textContent === 'line 151'`)
	for range 3 {
		ann.keys(input.ArrowUp)
	}
	at("line 148")
	ann.Sees("the row in view", `() => {
		const list = document.querySelector('.messages').getBoundingClientRect(), row = document.activeElement.getBoundingClientRect();
		return row.top >= list.top && row.bottom <= list.bottom;
	}`)

	// The row that has the focus leaves the window, but the focus stays in the list.
	ann.page.MustEval(`() => { window.had = document.activeElement; }`)
	for until := time.Now().Add(chattest.Patience); ann.page.MustEval(`() => window.had.isConnected`).Bool() && time.Now().Before(until); {
		ann.readsOn(`(list) => { list.scrollTop = list.scrollHeight - list.clientHeight - 100; }`)
	}
	ann.Sees("the focus on a row that is there", `() => !window.had.isConnected && document.activeElement?.matches('[role=log] .message')`)
	ann.keys(input.End)
	at("line 300")
	ann.IsAtNewest()
	ann.keys(input.Escape)
	ann.Sees("the focus where she writes", `() => document.activeElement?.id === 'message-input'`)

	// Tab leads to the row's actions, and to none of other rows.
	world.Connect("Bob", "").Says("hello")
	ann.Hears("Bob: hello")
	ann.Runs(`() => { for (const row of document.querySelectorAll('.message-body')) row.append(document.createElement('button')); }`)
	ann.keys(input.Home)
	ann.Runs(`() => [...document.querySelectorAll('.message')].at(-1).focus()`)
	ann.keys(input.ArrowUp)
	at("line 300")
	ann.tabs(false)
	ann.Sees("the focus in the row", `() => document.activeElement?.matches('button') && document.activeElement.closest('.message').querySelector('.message-text').textContent === 'line 300'`)
}
