package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// The page and its worker have the same rule as the server, and are tested with the same
// cases (handlers/rooms_path_test.go): which room an address belongs to, and its
// canonical spelling.
func TestThePageAndItsWorkerKnowARoomByItsPath(t *testing.T) {
	t.Parallel()
	paths, err := os.ReadFile("../handlers/testdata/room-paths.json")
	if err != nil {
		t.Fatal(err)
	}
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Keeps("/")
	if wrong := ann.Imports(`({ roomOf, seqOf, pathOf }) => `+string(paths)+`
		.filter(({ path, room, seq = 0, canonical }) => roomOf(path) !== room || (room && (seqOf(path) !== seq || pathOf(room, seq) !== canonical)))
		.map(({ path }) => path + ' is ' + (roomOf(path) || 'none')).join('; ')`, "model/room-name.js"); wrong != "" {
		t.Error("the page:", wrong)
	}
	result, err := proto.RuntimeEvaluate{ReturnByValue: true, Expression: `JSON.stringify(` + string(paths) + `
		.filter(({ path, canonical = null }) => pageOf({ pathname: path }) !== canonical)
		.map(({ path }) => path + ' is ' + pageOf({ pathname: path })))`}.Call(browser.worker(world.URL("/sw.js")))
	if err != nil {
		t.Fatal(err)
	}
	if wrong := result.Result.Value.Str(); wrong != "[]" {
		t.Error("the worker:", wrong)
	}
}

// Every spelling of a room's address opens the same room, with or without a worker, with
// or without the server; and going back leads to it.
func TestARoomOpensByAnySpelling(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann := browser.Person()
	is := func(path string) {
		t.Helper()
		ann.Shows("room-title", "W")
		ann.Sees("the room's own address, "+path, `(path) => location.pathname + location.search + location.hash === path && document.querySelector('chat-room').room === 'w'`, path)
	}
	ann.Opens(world.URL("/rooms/w/")) // there is no worker yet
	ann.Connects("Ann", "")
	ann.Keeps("/rooms/w")
	is("/rooms/w")
	for _, spelling := range []string{"/rooms/w/", "/rooms/%77", "/rooms/W", "/rooms/%57//", "/x/../rooms/w"} {
		ann.Opens(world.URL("/rooms/elsewhere"))
		ann.Opens(world.URL(spelling))
		is("/rooms/w")
		ann.Link("Lobby").MustClick()
		ann.Shows("room-title", "Lobby")
		ann.page.MustNavigateBack()
		is("/rooms/w")
	}
	ann.Says("heard in w")
	ann.Hears("Ann: heard in w")
	ann.Writes()

	world.Stop()
	ann.Opens(world.URL("/rooms/%77/"))
	is("/rooms/w")
	ann.Hears("Ann: heard in w")
}

// An address that does not belong to a room is refused with a page, also when a worker
// answers, and when going back to it inside the page. Before, the answer was a bare line
// of text.
func TestAnAddressOfNoRoomShowsAnErrorPage(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.Expect("status of 400")
	browser.Expect("status of 404")
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Keeps("/")
	ann.Connects("Ann", "")
	for _, path := range []string{"/rooms/Bad%20Room!", "/rooms/a%2Fb", "/rooms/%C3%84pfel", "/rooms/%zz", "/rooms/", "/nope"} {
		ann.Opens(world.URL(path))
		ann.Shows("refused", "Page not found")
		ann.Sees("a way on", `() => document.querySelector('[data-testid=refused] a').pathname === '/'`)
	}
	ann.Opens(world.URL("/"))
	ann.Shows("status", "Connected")
	ann.page.MustEval(`() => { history.replaceState(null, '', '/rooms/Bad%20Room!'); history.pushState(null, '', '/'); }`)
	ann.LoadsAnew(func() { ann.page.MustNavigateBack() })
	ann.Shows("refused", "Page not found")
}

// An earlier version of the page accepted room names that are invalid. Messages to such
// a room fail visibly, and their text is not lost.
func TestMessagesToAnInvalidRoomFailAndAreKept(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	for i, room := range []string{"w/", "%77", "Bad Room!", "night-watch"} {
		draft, _ := json.Marshal(map[string]any{
			"id": fmt.Sprintf("01900000-0000-7000-8000-%012d", i), "user": "Ann", "room": room, "text": "written in " + room, "at": 1000 + i, "failed": "", "final": false,
		})
		ann.page.MustEval(`(key, draft) => { localStorage.setItem('chatserver.outbox.' + key, draft); localStorage.setItem('chatserver.visited', '["w/","night-watch","lobby"]'); }`,
			fmt.Sprintf("01900000-0000-7000-8000-%012d", i), string(draft))
	}
	ann.Reloads()
	ann.Shows("status", "Connected")
	ann.Writes("written in Bad Room!") // in the lobby, because their own room does not exist
	ann.Shows("failed", "Not sent: Bad Room! can’t be the name of a room.")
	ann.Sees("no Retry", `() => !document.querySelector('[data-testid=retry]').checkVisibility()`)
	ann.Labelled("Message").MustInput("Hm. ")
	ann.Button("Edit").MustClick()
	ann.Written("Hm. written in Bad Room!")
	ann.Writes()
	ann.Focused("message-input")

	ann.Opens(world.URL("/rooms/w"))
	ann.Writes("written in w/", "written in %77")
	ann.Sees("both failed", `() => document.querySelectorAll('[data-testid=failed]').length === 2`)
	ann.page.MustElements("[data-testid=discard]").First().MustClick()
	ann.Writes("written in %77")
	ann.Link("Night watch").MustClick()
	ann.Hears("Ann: written in night-watch") // a valid room is not affected
	ann.Sees("a pencil beside the room with what failed", `() => !document.querySelector('[data-room=w] .room-row-draft').hasAttribute('hidden')`)
	ann.Sees("nothing pending", `() => Object.keys(localStorage).filter((key) => key.includes('.outbox.')).length === 1`)
}

// An unsent draft for an invalid room name moves to the room that was meant, or else to
// the lobby, and no draft there is lost.
func TestADraftForAnInvalidRoomMovesToTheRoomThatWasMeant(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.page.MustEval(`() => {
		const begun = { 'w': 'of w', 'w/': 'of w/', '%77': 'of %77', 'Night-Watch': 'of Night-Watch', 'Bad Room!': 'of Bad Room!', 'a%2Fb': 'of a%2Fb', 'attic': 'of attic' };
		for (const [room, text] of Object.entries(begun)) localStorage.setItem('chatserver.draft.' + room, text);
		localStorage.setItem('chatserver.read.w/', '5');
		localStorage.setItem('chatserver.read.w', '0');
	}`)
	lines := func(path string, want ...string) {
		t.Helper()
		ann.Opens(world.URL(path))
		ann.Sees(fmt.Sprintf("%q where one writes at %s", want, path), `(want) => {
			const lines = document.querySelector('#message-input').value.split('\n');
			return lines[0] === want[0] && JSON.stringify(lines.toSorted()) === JSON.stringify(want.toSorted());
		}`, want)
	}
	lines("/rooms/w", "of w", "of w/", "of %77")
	lines("/rooms/night-watch", "of Night-Watch")
	lines("/rooms/attic", "of attic")
	ann.Opens(world.URL("/"))
	ann.Sees("what was meant for no room", `() => ['of Bad Room!', 'of a%2Fb'].every((text) => document.querySelector('#message-input').value.split('\n').includes(text))`)
	ann.Sees("keys of rooms only", `() => Object.keys(localStorage).every((key) => !/[.](draft|read)[.].*[^a-z0-9_-]/.test(key)) && localStorage.getItem('chatserver.read.w') === '0'`)
}
