package e2e

import (
	"fmt"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// Keeps waits until the worker's cache has exactly the pages at these paths.
func (tab *Tab) Keeps(paths ...string) {
	tab.t.Helper()
	tab.SeesLater(fmt.Sprintf("%q in the cache", paths), `async (paths) => {
		if (!navigator.serviceWorker.controller) return false;
		const name = (await caches.keys()).find((name) => /^chatserver(\/.*)?-pages-/.test(name));
		const kept = name ? await (await caches.open(name)).keys() : [];
		return JSON.stringify(kept.map(({ url }) => new URL(url).pathname).sort()) === JSON.stringify(paths);
	}`, append([]string{}, paths...))
}

func TestAVisitedRoomOpensWithoutTheServer(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann := browser.Person()
	ann.Opens(world.URL("/rooms/night-watch"))
	ann.Keeps("/rooms/night-watch") // although the worker started after the page had loaded

	world.Stop()
	ann.Opens(world.URL("/rooms/night-watch"))
	ann.Shows("join", "You’re joining Night watch")
	ann.Sees("the page in its colours, and alive", `() => getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)' && customElements.get('chat-room') !== undefined`)

	ann.Opens(world.URL("/rooms/never-seen"))
	ann.Shows("offline", "You are offline")
	ann.Shows("offline", "this room isn’t saved on this device")
	ann.translatesNo("the rooms that are kept", "Night watch")
	ann.page.MustElementR("[data-testid=offline] a", "^Night watch$").MustClick()
	ann.Shows("join", "You’re joining Night watch")

	ann.Shows("server", "isn’t responding")

	ann.Opens(world.URL("/rooms/never-seen"))
	ann.Shows("offline", "You are offline")
	world.Start()
	ann.Shows("join", "You’re joining Never seen") // without a click
	ann.Shows("server", "is up")
	ann.Keeps("/rooms/never-seen", "/rooms/night-watch")
}

func TestSigningOutDeletesTheStoredPages(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Keeps("/")
	ann.Opens(world.URL("/rooms/night-watch?name=Ann")) // fills in her name
	ann.Opens(world.URL("/rooms/day-watch"))
	ann.Keeps("/", "/rooms/day-watch")
	ann.Connects("Ann", "")
	ann.Keeps("/", "/rooms/day-watch")
	ann.Button("Disconnect").MustClick()
	ann.Keeps()

	// Nor is a page of the previous user shown when somebody else signs in, with or without
	// a disconnect before.
	ann.Opens(world.URL("/"))
	ann.Keeps("/")
	ann.Connects("Bob", "")
	ann.Keeps()
	world.Stop()
	ann.Opens(world.URL("/rooms/day-watch"))
	ann.Shows("offline", "You are offline")
	ann.Sees("no room to read", `() => !document.querySelector('[data-rooms]').checkVisibility()`)
}

// A room that was opened inside the page was never loaded as a page.
func TestARoomOpenedInsideThePageIsStored(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Keeps("/")
	ann.Connects("Ann", "")
	ann.page.MustEval(`() => document.querySelector('chat-room').dispatchEvent(new CustomEvent('open-room', { detail: 'night-watch' }))`)
	ann.Keeps("/", "/rooms/night-watch")
}

func TestThePageDoesNotWaitForASilentServer(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	wire := newWire(t, world.Address())
	ann := browser.Person()
	ann.Opens("http://" + wire.listener.Addr().String() + "/rooms/night-watch")
	ann.Keeps("/rooms/night-watch")
	wire.Cut(true)
	ann.Opens("http://" + wire.listener.Addr().String() + "/rooms/night-watch")
	ann.Shows("join", "You’re joining Night watch")
}

// Like a page of another build: its file under another hash takes itself for that
// build's.
func TestAPageLearnsThatTheServerHasAnotherBuild(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	if wrong := ann.Imports(`async ({ askVersion, buildIn, otherBuild }) => {
		const wrong = [];
		const is = (what, got, want) => got === want || wrong.push(what + ': ' + got);
		const told = [];
		document.addEventListener('new-version', ({ detail }) => told.push(detail.build));
		await askVersion();
		is('its own', told.join(), '');
		const older = await import('/static/000000000000/js/page/new-version.js');
		await older.askVersion();
		await older.askVersion();
		is('another, once', told.join(), buildIn(document.querySelector('script[type=module]').src));
		is('of none', buildIn('/js/app.js'), '');
		is('no answer', await otherBuild('a', () => Promise.reject(new Error())), '');
		is('a strange answer', await otherBuild('a', async () => ({})), '');
		is('without its own', await otherBuild('', async () => ({ build: 'b' })), '');
		return wrong.join('; ');
	}`, "page/new-version.js"); wrong != "" {
		t.Error(wrong)
	}
	older := browser.Person()
	older.Opens(world.URL("/"))
	older.Imports(`async () => {
		const { watchVersion } = await import('/static/000000000000/js/page/new-version.js');
		document.addEventListener('new-version', () => (document.body.dataset.told = 'yes'));
		watchVersion();
	}`, "page/new-version.js")
	older.Connects("Bob", "")
	older.Sees("that there is another", `() => document.body.dataset.told === 'yes'`)
}

// The test sends the worker what the browser sends on a click.
func TestAClickedNotificationOpensItsRoom(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Keeps("/")
	ann.page.MustEval(`() => navigator.serviceWorker.addEventListener('message', ({ data }) => (document.body.dataset.opened = JSON.stringify(data)))`)
	result, err := proto.RuntimeEvaluate{ReturnByValue: true, Expression: `(() => {
		const notification = { data: { room: 'night-watch', message: 'id-1' }, close: () => (notification.closed = true) };
		self.dispatchEvent(Object.assign(new Event('notificationclick'), { notification, waitUntil() {} }));
		return notification.closed;
	})()`}.Call(browser.worker(world.URL("/sw.js")))
	if err != nil || !result.Result.Value.Bool() {
		t.Fatalf("the notification is still there: %v, %v", result, err)
	}
	ann.Sees("which room is asked for", `() => document.body.dataset.opened === JSON.stringify({ open: 'night-watch', message: 'id-1' })`)
}

// worker is a debugging session with the service worker at a URL.
type worker struct {
	proto.Client
	id proto.TargetSessionID
}

func (w worker) GetSessionID() proto.TargetSessionID { return w.id }

func (b *Browser) worker(url string) worker {
	b.t.Helper()
	targets, err := proto.TargetGetTargets{}.Call(b.browser)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, target := range targets.TargetInfos {
		if target.Type != proto.TargetTargetInfoTypeServiceWorker || target.URL != url {
			continue
		}
		session, err := proto.TargetAttachToTarget{TargetID: target.TargetID, Flatten: true}.Call(b.browser)
		if err != nil {
			b.t.Fatal(err)
		}
		return worker{b.browser, session.SessionID}
	}
	b.t.Fatalf("there is no worker at %s", url)
	return worker{}
}
