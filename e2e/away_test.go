package e2e

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chat"
	"chatserver/chattest"
)

// IsKept waits until the tab's messages of a room are stored on the device, with this
// one last.
func (tab *Tab) IsKept(path, text string) {
	tab.t.Helper()
	tab.SeesLater(text+", kept of "+path, `async (path, text) => {
		const kept = await caches.match(path, { cacheName: 'chatserver-rooms' });
		return kept !== undefined && (await kept.json()).messages.at(-1)?.text === text;
	}`, path, text)
}

// SeesLater waits until a piece of JavaScript resolves to true.
func (tab *Tab) SeesLater(what, js string, args ...any) {
	tab.t.Helper()
	if err := tab.persists(func(page *rod.Page) error { return page.Wait(rod.Eval(js, args...).ByPromise()) }); err != nil {
		tab.t.Fatalf("%s is not to be seen: %v", what, err)
	}
}

// IsAway waits until the page says that it is disconnected and is reconnecting.
func (tab *Tab) IsAway(title string) {
	tab.t.Helper()
	tab.Shows("status", "Reconnecting")
	tab.Shows("banner-title", title)
	tab.Shows("banner", "Trying again")
	tab.Sees("no dot that says otherwise", `() => [...document.querySelectorAll('.status')].every((status) => !status.checkVisibility() || status.dataset.state !== 'connected')`)
}

// A server that cannot be reached is not a refusal: after a reload, people see the same
// messages, write messages that will be sent later, and reconnect without a click.
func TestAReloadWhileTheServerIsAwaySignsNobodyOut(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/rooms/night-watch"))
	ann.Keeps("/rooms/night-watch")
	ann.Connects("Ann", "25")
	ann.Says("all quiet")
	ann.Hears("Ann: all quiet")
	ann.IsKept("/rooms/night-watch", "all quiet")

	world.Stop()
	for range 2 {
		ann.Reloads()
		ann.Hears("Ann: all quiet")
		ann.Shows("room-title", "Night watch")
		ann.Shows("me", "Ann")
		ann.IsAway("Can’t reach the server")
	}
	ann.Says("written while it was away")
	ann.Writes("written while it was away")
	ann.Labelled("Message").MustInput("half a sentence")
	ann.Reloads()
	ann.Hears("Ann: all quiet")
	ann.Writes("written while it was away")
	ann.Written("half a sentence")
	ann.Keeps("/rooms/night-watch")

	// A second tab that she opens only now is signed in as well.
	other := ann.Again(browser)
	other.Size(1280, 800)
	other.Opens(world.URL("/rooms/night-watch"))
	other.Hears("Ann: all quiet")
	other.Shows("me", "Ann")

	world.Start()
	for _, tab := range []*Tab{ann, other} {
		tab.Shows("status", "Connected") // without a click
		tab.Hears("Ann: all quiet", "Ann: written while it was away")
		tab.Writes()
		tab.Sees("no banner", `() => !document.querySelector('[data-testid=banner]').checkVisibility()`)
	}
	ann.Written("half a sentence")
	world.Connect("Bob", "room=night-watch&history=10").Hears("Ann: all quiet", "Ann: written while it was away", "Bob connected to chat")
}

// The same without a network: the browser itself reports that it is offline.
func TestAReloadWithoutANetworkSignsNobodyOut(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Keeps("/")
	ann.Connects("Ann", "")
	ann.Says("before the tunnel")
	ann.Hears("Ann: before the tunnel")
	ann.IsKept("/rooms/lobby", "before the tunnel")
	offline := func(is bool) {
		t.Helper()
		for _, session := range []proto.Client{ann.page, browser.worker(world.URL("/sw.js"))} {
			if err := (proto.NetworkEmulateNetworkConditions{Offline: is, DownloadThroughput: -1, UploadThroughput: -1}).Call(session); err != nil {
				t.Fatal(err)
			}
		}
	}
	offline(true)
	world.Stop() // the browser does not cut open sockets
	ann.Reloads()
	ann.Hears("Ann: before the tunnel")
	ann.IsAway("You are offline")
	ann.Says("in the tunnel")
	ann.Writes("in the tunnel")
	world.Start()
	offline(false)
	ann.Hears("Ann: before the tunnel", "Ann: in the tunnel")
	ann.Shows("status", "Connected")
}

// Disconnecting also works without a connection: nothing stays on the device, and the
// page does not reconnect later.
func TestDisconnectSignsOutWhileTheServerIsAway(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Keeps("/")
	ann.Connects("Ann", "")
	ann.Says("before")
	ann.Hears("Ann: before")
	ann.IsKept("/rooms/lobby", "before")
	world.Stop()
	ann.Reloads()
	ann.Hears("Ann: before")
	ann.Button("Disconnect").MustClick()
	ann.Shows("status", "Disconnected")
	ann.Keeps()
	ann.SeesLater("nothing of the room", `async () => !(await caches.has('chatserver-rooms'))`)
	ann.Reloads()
	ann.Shows("offline", "You are offline")
	ann.Shows("offline", "this room isn’t saved on this device")

	world.Start()
	ann.Shows("join", "Join the chat") // without a click
	ann.Shows("server", "is up")
	ann.Filled("Name", "Ann")
}

// When the server returns after more than a minute, for which Ann's name was reserved,
// somebody else is Ann. That is a refusal, and her drafts wait for her.
func TestDraftsSurviveTheLossOfTheName(t *testing.T) {
	t.Parallel()
	var away atomic.Int64
	clock := chattest.Clock(func() time.Time { return time.Now().Add(time.Duration(away.Load())) })
	world, browser := chattest.NewWorld(t, clock), NewBrowser(t)
	browser.ExpectsOutages()
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Keeps("/")
	ann.Connects("Ann", "")
	world.Stop()
	ann.Reloads()
	ann.Shows("status", "Reconnecting")
	ann.Says("mine")
	ann.Writes("mine")
	ann.page.MustEval(`() => document.querySelector('chat-room').remove()`) // her page must not reconnect before the other one does
	away.Store(int64(chat.KeepName))
	world.Start()
	impostor := world.Connect("Ann", "")
	impostor.Hears("Ann connected to chat")
	ann.Reloads()
	ann.Shows("join", "This name is already in use")
	ann.Sees("her message kept", `() => Object.values(localStorage).some((value) => value.includes('mine'))`)
	impostor.Leaves()
	ann.Reloads()
	ann.Hears("Ann: mine")
}

// front is a proxy in front of the chat, which may answer in its place.
type front struct {
	*httptest.Server
	instead atomic.Pointer[http.HandlerFunc]
}

// newFront returns a front that forwards everything.
func newFront(t *testing.T, world *chattest.World) *front {
	t.Helper()
	there, err := url.Parse("http://" + world.Address())
	if err != nil {
		t.Fatal(err)
	}
	f := &front{}
	proxy := httputil.NewSingleHostReverseProxy(there)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if instead := f.instead.Load(); instead != nil {
			(*instead)(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// Answers makes the front answer all requests itself, and cuts its open connections.
func (f *front) Answers(instead http.HandlerFunc) {
	if instead == nil {
		f.instead.Store(nil)
		return
	}
	f.instead.Store(&instead)
	f.CloseClientConnections()
}

// An answer that is not the server's is never a refusal: a proxy whose server is down, a
// network that requires a login, and one that answers everything with its own page.
func TestAnswersOfOtherServersSignNobodyOut(t *testing.T) {
	t.Parallel()
	html := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<!doctype html><title>Elsewhere</title><h1>"+body+"</h1>")
		}
	}
	for name, instead := range map[string]http.HandlerFunc{
		"502":   html(http.StatusBadGateway, "502 Bad Gateway"),
		"503":   html(http.StatusServiceUnavailable, "No server is available"),
		"504":   html(http.StatusGatewayTimeout, "504 Gateway Time-out"),
		"404":   html(http.StatusNotFound, "404 page not found"), // of a router that has lost its route
		"login": html(http.StatusOK, "Welcome to the hotel's network"),
		"511":   html(http.StatusNetworkAuthenticationRequired, "Sign in"),
		"leads": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://portal.invalid/", http.StatusFound)
		},
		"strange": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"detail":"ok"}`)
		},
		"nothing": func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, browser := chattest.NewWorld(t), NewBrowser(t)
			browser.ExpectsOutages()
			browser.Expect("status of")
			browser.Expect("Redirect")
			front := newFront(t, world)
			ann := browser.Person()
			ann.Opens(front.URL + "/rooms/night-watch")
			ann.Keeps("/rooms/night-watch")
			ann.Connects("Ann", "")
			ann.Says("all quiet")
			ann.Hears("Ann: all quiet")
			ann.IsKept("/rooms/night-watch", "all quiet")

			front.Answers(instead)
			for range 2 {
				ann.Reloads()
				ann.Hears("Ann: all quiet")
				ann.IsAway("Can’t reach the server")
			}
			ann.Says("into the portal")
			ann.Writes("into the portal")
			front.Answers(nil)
			ann.Hears("Ann: all quiet", "Ann: into the portal")
			ann.Shows("status", "Connected")
		})
	}
}
