package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
	"chatserver/config"
)

// at sets the public URL of the chat.
func at(base string) chattest.Option {
	return chattest.With(func(c *config.Config) { c.BaseURL = base })
}

// A chat under a base path works completely there, with the network and without it, and
// the page requests nothing else on the host.
func TestAChatBelowAPathIsWholeThere(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t, at("https://chat.example/team/")), NewBrowser(t)
	browser.ExpectsOutages()
	ann, bob := browser.Person(), browser.Person()
	ann.Opens(world.URL("/team"))
	ann.Connects("Ann", "")
	bob.Opens(world.URL("/chat/Bob"))
	bob.Button("Connect").MustClick()
	bob.Shows("status", "Connected")
	ann.Says("hello")
	bob.Hears("Ann: hello")
	ann.Reloads()
	ann.Hears("Ann: hello")
	ann.Shows("status", "Connected")
	ann.Sees("nothing asked for outside", `() => {
		const asked = performance.getEntries().map(({ name }) => name).filter((name) => name.startsWith(location.origin));
		return asked.length > 2 && asked.every((name) => name.startsWith(location.origin + '/team/'));
	}`)
	ann.Sees("what is kept under names of its own", `() => Object.keys(localStorage).length > 0 && [...Object.keys(localStorage), ...Object.keys(sessionStorage)].every((key) => key.startsWith('chatserver/team/.'))`)

	ann.page.MustEval(`() => document.querySelector('chat-room').dispatchEvent(new CustomEvent('open-room', { detail: 'night-watch' }))`)
	ann.Shows("empty", "No messages in Night watch yet")
	ann.Shows("empty", "https://chat.example/team/rooms/night-watch")
	ann.Shows("empty", "websocat 'wss://chat.example/team/chat/you?room=night-watch'")
	ann.Sees("its address and its code", `() => location.pathname === '/team/rooms/night-watch' && document.querySelector('.empty [data-testid=qr]').naturalWidth > 0`)

	app, err := proto.PageGetAppManifest{}.Call(ann.page)
	if err != nil || len(app.Errors) > 0 || !strings.HasSuffix(app.URL, "/team/manifest.webmanifest") || !strings.Contains(app.Data, `"start_url":"/team/"`) {
		t.Errorf("the app cannot be installed: %v %+v", err, app)
	}
	ann.Sees("a worker for what is below", `() => navigator.serviceWorker.controller?.scriptURL.endsWith('/team/sw.js')`)
	if scopes := ann.page.MustEval(`async () => (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => new URL(scope).pathname).join()`).Str(); scopes != "/team/" {
		t.Errorf("the worker is for %s", scopes)
	}
	bob.Opens(world.URL("/team/rooms/day-watch"))
	bob.Keeps("/team/", "/team/rooms/day-watch")
	world.Stop()
	bob.Opens(world.URL("/team/rooms/never-seen"))
	bob.Shows("offline", "You are offline")
	bob.page.MustElementR("[data-testid=offline] a", "^Day watch$").MustClick()
	bob.Sees("the room as it was", `() => location.pathname === '/team/rooms/day-watch' && document.querySelector('chat-room').dataset.room === 'day-watch'`)
}

// Two chats on one host share a browser's storage, and do not touch each other's data.
func TestTwoChatsOnOneHostStaySeparate(t *testing.T) {
	t.Parallel()
	host := http.NewServeMux()
	front := httptest.NewServer(host)
	t.Cleanup(front.Close)
	for _, path := range []string{"/", "/team/"} {
		there, err := url.Parse("http://" + chattest.NewWorld(t, at(front.URL+path)).Address())
		if err != nil {
			t.Fatal(err)
		}
		host.Handle(path, httputil.NewSingleHostReverseProxy(there))
	}
	ann := NewBrowser(t).Person()
	ann.Opens(front.URL + "/")
	ann.Keeps("/")
	ann.Connects("Ann", "")
	ann.Says("to all")
	ann.Part("message-text") // it has reconnected
	ann.Labelled("Message").MustInput("half a word")
	ann.Opens(front.URL + "/team/")
	ann.Shows("join", "Name")
	ann.Sees("nobody's name", `() => document.querySelector('input[name=name]').value === ''`)
	ann.Sees("a worker of its own", `() => navigator.serviceWorker.controller?.scriptURL.endsWith('/team/sw.js')`)
	ann.Connects("Anna", "")
	ann.Sees("an empty message, and nothing of the others", `() => document.querySelector('message-composer textarea').value === '' && !document.querySelector('[data-testid=message]')`)
	ann.Says("to the team")
	ann.Hears("Anna: to the team")
	ann.Opens(front.URL + "/")
	ann.Hears("Ann: to all")
	ann.Shows("me", "Ann")
	ann.Sees("what was half written", `() => document.querySelector('message-composer textarea').value === 'half a word'`)
	if kept := ann.page.MustEval(`async () => (await caches.keys()).filter((name) => name.includes('files')).map((name) => name.split('-')[0]).sort().join()`).Str(); kept != "chatserver,chatserver/team/" {
		t.Errorf("files are kept for %q", kept)
	}
}
