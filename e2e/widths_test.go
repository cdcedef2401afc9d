package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/input"

	"chatserver/chattest"
)

// overlapping returns the controls and words inside an element that overlap, one pair a
// line. Words are measured by their own boxes, because a text may be wider than its
// element; clipped parts do not count.
const overlapping = `(inside) => {
	const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest('.visually-hidden, .send-word');
	const boxes = [];
	const add = (e, rect, name) => {
		let { left, right, top, bottom } = rect;
		for (let up = e; up && up !== document.body; up = up.parentElement) {
			if (getComputedStyle(up).overflowX === 'visible') continue;
			const clip = up.getBoundingClientRect();
			[left, right, top, bottom] = [Math.max(left, clip.left), Math.min(right, clip.right), Math.max(top, clip.top), Math.min(bottom, clip.bottom)];
		}
		if (right - left > 1 && bottom - top > 1) boxes.push({ e, left, right, top, bottom, name });
	};
	for (const root of document.querySelectorAll(inside)) {
		for (const e of root.querySelectorAll('button, a, input, textarea, svg')) {
			if (shown(e) && !e.closest('[popover]:not(:popover-open)')) add(e, e.getBoundingClientRect(), (e.ariaLabel || e.textContent.trim() || e.tagName).slice(0, 40));
		}
		const words = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (node) => (node.data.trim() ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP));
		while (words.nextNode()) {
			const e = words.currentNode.parentElement;
			if (!shown(e) || e.closest('[popover]:not(:popover-open), textarea')) continue;
			const range = document.createRange();
			range.selectNodeContents(words.currentNode);
			for (const rect of range.getClientRects()) add(e, rect, words.currentNode.data.trim().slice(0, 40));
		}
	}
	const wrong = new Set();
	for (const [i, a] of boxes.entries()) {
		for (const b of boxes.slice(i + 1)) {
			if (a.e.contains(b.e) || b.e.contains(a.e)) continue;
			const [wide, high] = [Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
			if (wide > 1 && high > 2) wrong.add(a.name + ' | ' + b.name + ' ' + Math.round(wide) + '×' + Math.round(high));
		}
	}
	return [...wrong].join('\n');
}`

// framed selects the parts of the page whose layout depends on the window's width.
const framed = "message-composer, message-editor, .room-header, .sidebar-head, .sidebar-foot, .new-room, .banner:not([hidden])"

// Nothing overlaps at any window width, from a small phone to a wide screen, in
// languages with longer words and from right to left.
func TestNothingOverlapsAtAnyWidth(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	for _, language := range []string{"ar", "en-XA"} { // English is shorter than both
		ann := browser.Person()
		ann.Speaks(language)
		ann.Size(1280, 800)
		ann.Opens(world.URL("/rooms/night-watch"))
		ann.ConnectsInAnyLanguage("Annabel of the long name " + language)
		ann.page.MustEval(`() => { // with a count, which takes more room than none
			const text = document.querySelector('#message-input');
			text.value = 'x'.repeat(8000);
			text.dispatchEvent(new Event('input', { bubbles: true }));
		}`)
		for width := 320; width <= 1400; width += 40 {
			ann.sweeps(language, width, 800)
		}
		for _, width := range []int{767, 768, 899, 900, 1099, 1100, 1123} {
			ann.sweeps(language, width, 600)
		}
	}
}

// Nor does anything overlap while a message is being edited and a reply is being written.
func TestNothingOverlapsBesideAReplyAndAnEditorAtAnyWidth(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	for _, language := range []string{"ar", "en-XA"} {
		ann := browser.Person()
		ann.Speaks(language)
		ann.Size(1280, 800)
		ann.Opens(world.URL("/rooms/night-watch-" + language))
		ann.ConnectsInAnyLanguage("Annabel of the long name " + language)
		for _, text := range []string{"first " + language, "second, a text of many words that a quote has to cut off somewhere " + language} {
			ann.page.MustElement("#message-input").MustInput(text)
			ann.Presses(input.Enter)
			ann.Sees("sent", `(text) => [...document.querySelectorAll('[data-testid=message]')].some(({ dataset }) => dataset.text === text && dataset.seq)`, text)
			ann.Picks(text, "Reply")
		}
		ann.Picks("first "+language, "Edit")
		ann.Sees("both", `() => document.querySelector('message-editor') && !document.querySelector('[data-testid=reply-bar]').hidden`)
		for width := 320; width <= 1400; width += 40 {
			ann.sweeps(language, width, 600)
		}
	}
}

func (tab *Tab) sweeps(what string, width, height int) {
	tab.t.Helper()
	tab.Size(width, height)
	tab.settle()
	if wrong := tab.page.MustEval(overlapping, framed).Str(); wrong != "" {
		tab.t.Errorf("%s, at %d×%d these overlap:\n%s", what, width, height, wrong)
	}
	tab.NoSideways()
}

// The check for overlaps finds one.
func TestAnOverlapIsSeen(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := together(world, browser, "Ann")[0]
	if wrong := ann.page.MustEval(overlapping, framed).Str(); wrong != "" {
		t.Errorf("these overlap already:\n%s", wrong)
	}
	ann.page.MustEval(`() => { document.querySelector('.send').style.transform = 'translateX(-600px)'; }`)
	if ann.page.MustEval(overlapping, framed).Str() == "" {
		t.Error("a button that was moved over the toolbar is not reported")
	}
}
