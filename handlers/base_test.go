package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/config"
	"chatserver/handlers"
	"chatserver/static"
)

func doorsAt(t *testing.T, address string) *site {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return newSite(t, func(_ *chat.Options, o *handlers.Options) { o.Base = base })
}

// addresses matches the URLs of the chat that a page contains.
var addresses = regexp.MustCompile(`(?:href|src|action)="(/[^"]*)"`)

func TestEveryLinkOfAPageIsBelowTheBasePath(t *testing.T) {
	d := doorsAt(t, "https://chat.example/team/")
	for _, path := range []string{"/team/", "/team/rooms/night-watch", "/team/?name=a%2Fb", "/team/offline", "/team/nope"} {
		_, page := d.get(path, "Accept", "text/html")
		seen := map[string]bool{}
		for _, match := range addresses.FindAllStringSubmatch(page, -1) {
			if seen[match[1]] {
				continue
			}
			seen[match[1]] = true
			if response, _ := d.get(match[1]); !strings.HasPrefix(match[1], "/team/") || response.StatusCode != 200 {
				t.Errorf("%s names %s: %d", path, match[1], response.StatusCode)
			}
		}
		if len(seen) < 5 || !seen["/team/static/"+static.Hash()+"/js/app.js"] || !seen["/team/manifest.webmanifest"] {
			t.Errorf("%s names %d addresses", path, len(seen))
		}
		if !strings.Contains(page, ` data-origin="https://chat.example"`) {
			t.Errorf("%s does not tell its modules what links begin with", path)
		}
	}
}

func TestWithoutABasePathPagesNameNone(t *testing.T) {
	_, page := newSite(t, nil).get("/")
	if strings.Contains(page, "data-origin") || !strings.Contains(page, `href="/manifest.webmanifest"`) || !strings.Contains(page, `src="/static/`) {
		t.Error("the page's URLs are not relative to the root of the requested host")
	}
}

// These are the URLs that the page's modules request, and those that programs have hard-coded.
func TestEveryRouteIsBelowTheBasePath(t *testing.T) {
	d := doorsAt(t, "https://chat.example/team")
	for path, says := range map[string]string{
		"/team/check?name=Ann": `"name":"Ann"`, "/team/sw.js": "const BUILD=", "/team/version.json": static.Hash(), "/team/favicon.ico": "<svg",
		"/team/robots.txt": "Disallow: /", "/team/rooms/x/qr.svg": "<svg", "/team/healthz": "ok\n", "/healthz": "ok\n",
	} {
		if response, body := d.get(path); response.StatusCode != 200 || !strings.Contains(body, says) {
			t.Errorf("%s: %d %.200s", path, response.StatusCode, body)
		}
	}
	for _, path := range []string{"/team/chat/Ann", "/chat/Ann"} {
		if response, body := d.get(path); response.StatusCode != 426 || !strings.Contains(body, "or open /team/ in a browser") {
			t.Errorf("%s: %d %s", path, response.StatusCode, body)
		}
	}
}

func TestNothingIsServedOutsideTheBasePath(t *testing.T) {
	d := doorsAt(t, "https://chat.example/team/")
	for _, path := range []string{
		"/", "/rooms/x", "/rooms/x/qr.svg", "/check", "/offline", "/sw.js", "/manifest.webmanifest", "/version.json", "/favicon.ico", "/robots.txt",
		here("js/app.js"), "/teamwork/", "/team.", "/Team/", "/other/team/", "//team/", "/team/team/", "/team/../", "/team/nope", "/team/rooms/x/nope",
	} {
		if response, body := d.get(path); response.StatusCode != 404 || body != "Page not found. The chat is at /team/.\n" {
			t.Errorf("%s: %d %.200s", path, response.StatusCode, body)
		}
	}
	if _, body := d.get("/", "Accept", "text/html"); !strings.Contains(body, `href="/team/"`) {
		t.Error("the error page has no link to the chat")
	}
}

func TestAMissingTrailingSlashRedirects(t *testing.T) {
	d := doorsAt(t, "https://chat.example/team/")
	for path, want := range map[string]string{
		"/team": "/team/", "/team?name=Ann&age=25": "/team/?name=Ann&age=25", "/chat/Ann?age=25": "/team/?age=25&name=Ann",
		"/team/chat/Ann?room=x": "/team/rooms/x?name=Ann", "/chat": "/team/",
	} {
		if response, _ := d.get(path, "Accept", "text/html"); response.StatusCode != 303 || response.Header.Get("Location") != want {
			t.Errorf("%s: %d to %q", path, response.StatusCode, response.Header.Get("Location"))
		}
	}
}

func TestCookiesAreScopedToTheBasePath(t *testing.T) {
	for base, want := range map[string][]string{
		"https://chat.example/team/": {"path=/team/", "secure", "chat_guest.team"}, "http://chat.example/a/b": {"path=/a/b/", "", "chat_guest.a.b"},
		"https://chat.example": {"path=/", "secure", "__Host-chat_guest"}, "http://chat.example": {"path=/", "", "chat_guest"},
	} {
		at, _ := url.Parse(base)
		response, _ := doorsAt(t, base).get(strings.TrimRight(at.Path, "/") + "/")
		parts := strings.Split(response.Header.Get("Set-Cookie"), "; ")
		if name, _, _ := strings.Cut(parts[0], "="); name != want[2] {
			t.Errorf("at %s it is called %s", base, name)
		}
		if !slices.Contains(parts, want[0]) || slices.Contains(parts, "secure") != (want[1] != "") {
			t.Errorf("at %s it is %q", base, parts)
		}
		if strings.Contains(strings.Join(parts, ";"), "domain") { // a browser would refuse __Host-
			t.Errorf("at %s it has a domain: %q", base, parts)
		}
	}
}

func TestThePWAInstallsBelowTheBasePath(t *testing.T) {
	d := doorsAt(t, "https://chat.example/team/")
	_, body := d.get("/team/manifest.webmanifest")
	var app struct {
		ID, Scope string
		StartURL  string `json:"start_url"`
		Icons     []struct{ Src string }
	}
	if err := json.Unmarshal([]byte(body), &app); err != nil || app.ID != "/team/" || app.Scope != "/team/" || app.StartURL != "/team/" {
		t.Errorf("%v: %+v", err, app)
	}
	for _, icon := range app.Icons {
		if response, _ := d.get(icon.Src); response.StatusCode != 200 || !strings.HasPrefix(icon.Src, "/team/static/") {
			t.Errorf("%s: %d", icon.Src, response.StatusCode)
		}
	}
}

// Links are for people who are invited, so they use the public host and not the request's.
func TestLinksUseThePublicURL(t *testing.T) {
	for base, want := range map[string]string{
		"https://chat.example/team/": "https://chat.example/team/", "http://chat.example:8080": "http://chat.example:8080/", "https://chat.example": "https://chat.example/",
	} {
		d := doorsAt(t, base)
		at, _ := url.Parse(base)
		path := strings.TrimRight(at.Path, "/")
		_, page := d.get(path+"/rooms/x", "Host", "10.0.0.1:9090")
		socket := strings.Replace(want, "http", "ws", 1) + "chat/you?room=x"
		for _, link := range []string{`data-text="` + want + `rooms/x"`, ">" + want + "rooms/x<", socket} {
			if !strings.Contains(page, link) || strings.Contains(page, "10.0.0.1") {
				t.Errorf("at %s the page has no %s", base, link)
			}
		}
		if _, code := d.get(path+"/rooms/x/qr.svg", "Host", "10.0.0.1:9090"); scanned(t, code) != want+"rooms/x" {
			t.Errorf("with the base URL %s the QR code has %s", base, scanned(t, code))
		}
	}
}

func TestPagesOfThePublicURLMayConnect(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.BaseURL = "https://Chat.example:443/team/" }))
	n := 0
	for origin, status := range map[string]int{
		"https://chat.example": 101, "http://10.0.0.1:9090": 101, "http://chat.example": 403, "https://chat.example:8443": 403, "https://evil.example": 403,
		"https://chat.example.evil.example": 403, "https://chat.example/team/": 403, "null": 403, "": 403,
	} {
		for _, path := range []string{"/team/chat/", "/chat/"} {
			n++
			headers := handshake("Host", "10.0.0.1:9090", "Origin", origin)
			if response, said := w.Handshake(fmt.Sprintf("%sAnn%d", path, n), headers...); response.StatusCode != status {
				t.Errorf("%s from %q: %d %s", path, origin, response.StatusCode, said)
			}
		}
	}
}

// /chat is a likely base path, and also the route of connections.
func TestABasePathMayBeNamedLikeARoute(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.BaseURL = "https://chat.example/chat/" }))
	for i, path := range []string{"/chat/chat/", "/chat/"} {
		if response, said := w.Handshake(fmt.Sprintf("%sAnn%d", path, i), handshake("Host", "chat.example")...); response.StatusCode != 101 {
			t.Errorf("%s: %d %s", path, response.StatusCode, said)
		}
	}
	d := doorsAt(t, "https://chat.example/chat/")
	for _, path := range []string{"/chat/", "/chat/rooms/x", "/chat/sw.js", "/chat" + here("js/app.js"), "/chat/healthz", "/healthz"} {
		if response, _ := d.get(path); response.StatusCode != 200 {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
	}
	if response, _ := d.get("/chat"); response.StatusCode != 303 || response.Header.Get("Location") != "/chat/" {
		t.Errorf("/chat: %d %s", response.StatusCode, response.Header.Get("Location"))
	}
}

func TestRequestMetricsLeaveOutTheBasePath(t *testing.T) {
	log := &bytes.Buffer{}
	d := newSite(t, func(_ *chat.Options, o *handlers.Options) {
		o.Base, _ = url.Parse("https://chat.example/team/")
		o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	for path, want := range map[string]string{
		"/team/": "/", "/team/rooms/x": "/rooms/:room", "/team" + here("js/app.js"): "/static/:hash/*", "/healthz": "/healthz", "/team/healthz": "/healthz",
		"/chat/Ann": "/chat/:name?", "/team/chat/Ann": "/chat/:name?", "/": "none", "/nope": "none", "/team/nope": "none", "/rooms/x": "none",
	} {
		log.Reset()
		d.get(path)
		if !strings.Contains(log.String(), " route="+want+" ") {
			t.Errorf("%s is %s", path, log)
		}
	}
}

// A browser sends cookies of the root path to every chat on the host.
func TestCookiesOfAnotherBasePathAreIgnored(t *testing.T) {
	const key, page = "0123456789abcdef0123456789abcdef", "theme=dark&name=Ann"
	d := doorsAt(t, "https://chat.example/team/")
	response, body := d.get("/team/", "Cookie", "chat_guest="+key+"; chat_page="+page)
	if response.Header.Get("Set-Cookie") == "" || strings.Contains(body, "data-bs-theme") || strings.Contains(body, "data-me") {
		t.Error("a cookie of another chat is accepted")
	}
	response, body = d.get("/team/", "Cookie", "chat_guest=x; chat_page=x; chat_guest.team="+key+"; chat_page.team="+page)
	if response.Header.Get("Set-Cookie") != "" || !strings.Contains(body, `data-bs-theme="dark"`) || !strings.Contains(body, `data-me="Ann"`) {
		t.Error("the chat's own cookies are ignored")
	}
}
