package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// tooSmall returns the visible buttons, links and fields that are too small for a
// finger: a tap 21 px from the middle, in any of four directions, would hit something
// else.
const tooSmall = `(inside) => {
	const wrong = [];
	for (const e of document.querySelectorAll(inside + ' :is(button, a, input, select, textarea, summary)')) {
		if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || e.disabled || e.tabIndex < 0) continue;
		e.scrollIntoView({ block: 'nearest' });
		const target = e.closest('label') ?? e;
		const own = target.getBoundingClientRect();
		const [x, y] = [own.left + own.width / 2, own.top + own.height / 2];
		const missed = [[0, -21], [0, 21], [-21, 0], [21, 0]].filter(([dx, dy]) => {
			const hit = document.elementFromPoint(x + dx, y + dy);
			return !hit || !(target.contains(hit) || e.contains(hit) || hit.contains(e) && own.width >= 44 && own.height >= 44);
		});
		if (missed.length > 0) wrong.push((e.ariaLabel || e.textContent.trim() || e.name || e.className) + ' ' + Math.round(own.width) + '×' + Math.round(own.height));
	}
	return wrong.join('\n');
}`

func (tab *Tab) nothingTooSmall(where, inside string) {
	tab.t.Helper()
	tab.settle()
	if wrong := tab.page.MustEval(tooSmall, inside).Str(); wrong != "" {
		tab.t.Errorf("too small for a finger %s:\n%s", where, wrong)
	}
}

// composerIsWhole is true if all of the composer is on the screen.
const composerIsWhole = `() => {
	const { top, bottom, left, right } = document.querySelector('message-composer').getBoundingClientRect();
	return top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth;
}`

// cut returns the texts that do not fit. A long name may end in an ellipsis; a control's
// label may not.
const cut = `(inside) => [...document.querySelectorAll(inside + ' :is(button, label, h2, dt, dd, .setting-name)')]
	.filter((e) => e.checkVisibility() && !e.closest('.visually-hidden, .member, .copy') && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
	.map((e) => e.textContent.trim()).join('\n')`

func TestOnAPhoneEverythingIsThereAndLargeEnough(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	world.Connect("Bob with rather a long name", "age=31")
	ann := browser.Person()
	ann.Size(360, 640)
	ann.Opens(world.URL("/rooms/night-watch"))
	ann.Connects("Ann", "25")
	for _, screen := range [][2]int{{360, 640}, {320, 568}} {
		ann.Size(screen[0], screen[1])
		ann.NoSideways()
		ann.Sees("all of the composer", composerIsWhole)
		ann.nothingTooSmall("in the empty room", ".room-header")
		ann.nothingTooSmall("in the empty room", ".empty")

		ann.Button("Rooms and you").MustClick()
		ann.Sees("the drawer, and a part of the room", `() => {
			const { width, left } = document.querySelector('#sidebar').getBoundingClientRect();
			return left === 0 && width === Math.min(320, innerWidth - 48);
		}`)
		ann.nothingTooSmall("in the drawer", "#sidebar")
		ann.NoSideways()
		ann.Button("Close").MustClick()

		ann.Button("Room menu").MustClick()
		ann.nothingTooSmall("in the menu", "#room-menu")
		ann.Button("Settings…").MustClick()
		ann.nothingTooSmall("in the settings", "#settings")
		ann.NoSideways()
		ann.Sees("all words", `(inside) => (`+cut+`)(inside) === ''`, "#settings")
		ann.Button("Close").MustClick()
	}
	ann.Sees("a page that is not loaded again by a pull", `() => [document.documentElement, document.body].every((e) => getComputedStyle(e).overscrollBehaviorY === 'none')`)
}

// At 200 %, a screen of 1280×800 is one of 640×400. People may also set a
// larger font size in their browser.
func TestLargerLettersLoseNothing(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "25")
	ann.Says("hello")
	ann.Hears("Ann: hello")
	for _, screen := range []struct {
		width, height int
		letters       string
	}{{640, 400, ""}, {1280, 800, "20px"}, {360, 740, "20px"}} {
		ann.Size(screen.width, screen.height)
		ann.page.MustEval(`(size) => { document.documentElement.style.fontSize = size; }`, screen.letters)
		ann.settle()
		ann.NoSideways()
		ann.Sees("all of the composer", composerIsWhole)
		ann.Sees("all words of the header", `(inside) => (`+cut+`)(inside) === ''`, ".room-header")
		ann.Button("Room menu").MustClick()
		ann.Sees("all words of the menu", `(inside) => (`+cut+`)(inside) === '' && document.querySelector('#room-menu').getBoundingClientRect().bottom <= innerHeight`, "#room-menu")
		ann.Button("Settings…").MustClick()
		ann.Sees("all words of the settings", `(inside) => (`+cut+`)(inside) === '' && document.querySelector('#settings').getBoundingClientRect().bottom <= innerHeight`, "#settings")
		ann.NoSideways()
		ann.Button("Close").MustClick()
	}
}

func TestReducedMotionIsRespected(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	const sliding = `() => [...document.querySelectorAll('#sidebar, #people, .menu, .dialog, .person-card, .banner, .switch')]
		.filter((e) => getComputedStyle(e).transitionDuration.split(', ').some((time) => time !== '0s')).length`
	if n := ann.page.MustEval(sliding).Int(); n == 0 {
		t.Error("nothing moves even without the preference")
	}
	less := proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
	if err := less.Call(ann.page); err != nil {
		t.Fatal(err)
	}
	if n := ann.page.MustEval(sliding).Int(); n != 0 {
		t.Errorf("%d parts of the page still move", n)
	}
}
