package handlers_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/config"
	"chatserver/handlers"
)

// injections try to end a header and begin another one.
var injections = []string{
	"a\r\nSet-Cookie: evil=1", "a\nSet-Cookie: evil=1", "a\rSet-Cookie: evil=1", "a\r\n\r\n<script>alert(1)</script>",
	"a\u2028Set-Cookie: evil=1", "a\u560d\u560aSet-Cookie: evil=1", "a\x00Set-Cookie: evil=1", "//evil.example", `\\evil.example`, "https://evil.example",
}

// ours are the headers that responses may have.
var ours = map[string]bool{
	"Cache-Control": true, "Chatserver-Build": true, "Connection": true, "Content-Encoding": true, "Content-Length": true, "Content-Security-Policy": true, "Content-Type": true,
	"Cross-Origin-Opener-Policy": true, "Cross-Origin-Resource-Policy": true, "Date": true, "Etag": true, "Location": true,
	"Permissions-Policy": true, "Referrer-Policy": true, "Retry-After": true, "Sec-Websocket-Version": true, "Server": true, "Set-Cookie": true,
	"Upgrade": true, "Vary": true, "X-Content-Type-Options": true,
}

// No name, room, path, cookie or host in a request can add a header to the response or
// redirect to another site.
func TestInputCannotInjectHeaders(t *testing.T) {
	d := newSite(t, nil)
	for _, injection := range injections {
		inPath, inQuery := url.PathEscape(injection), url.QueryEscape(injection)
		for _, path := range []string{
			"/chat/" + inPath, "/chat/Ann?age=" + inQuery, "/chat/Ann?room=" + inQuery, "/rooms/" + inPath, "/rooms/" + inPath + "/qr.svg", "/" + inPath,
			"/?name=" + inQuery + "&age=" + inQuery, "/check?name=" + inQuery + "&room=" + inQuery, "/manifest.webmanifest?" + inQuery,
			"/static/" + inPath + "/js/app.js", "/static/x/" + inPath, "/offline?" + inQuery, "/version.json?" + inQuery, "/healthz?" + inQuery,
		} {
			for _, more := range [][]string{nil, handshake()} {
				response, _ := d.get(path, append(more, "Accept", "text/html", "Cookie", "chat_page=name="+inQuery+"; chat_guest="+inQuery)...)
				for header, values := range response.Header {
					if !ours[header] || len(values) != 1 {
						t.Errorf("%q is answered with %s: %q", path, header, values)
					}
				}
				if cookie := response.Header.Get("Set-Cookie"); cookie != "" && !strings.HasPrefix(cookie, "chat_guest=") {
					t.Errorf("%q sets the cookie %q", path, cookie)
				}
				if to := response.Header.Get("Location"); to != "" && !regexp.MustCompile(`^/(\?|$|rooms/)`).MatchString(to) {
					t.Errorf("%q leads to %q", path, to)
				}
			}
		}
	}
	_, manifest := d.get("/manifest.webmanifest?name=evil", "Host", "evil.test", "Cookie", "chat_page=name%3Devil")
	if strings.Contains(manifest, "evil") {
		t.Errorf("the manifest repeats what is asked: %s", manifest)
	}
	if response, code := d.get("/rooms/lobby/qr.svg", "Host", `x"><script>alert(1)`); response.StatusCode == 200 && strings.Contains(code, "script") {
		t.Errorf("the code repeats the host: %s", code)
	}
}

// Pages of other origins cannot read responses, since no response has CORS headers.
func TestOtherOriginsCannotReadResponses(t *testing.T) {
	d := newSite(t, nil)
	for _, method := range []string{http.MethodGet, http.MethodOptions, http.MethodHead, http.MethodPost} {
		for _, path := range []string{"/", "/rooms/lobby", "/check?name=Ann", "/chat/Ann", "/static/x/js/app.js", "/healthz", "/version.json", "/sw.js", "/manifest.webmanifest", "/offline", "/nope", "/rooms/a%20b"} {
			for _, origin := range []string{"https://evil.example", "null", "http://chat.example:9090"} {
				request := httptest.NewRequest(method, path, nil)
				request.Host = "chat.example:9090"
				request.Header.Set("Origin", origin)
				request.Header.Set("Access-Control-Request-Method", "GET")
				request.Header.Set("Access-Control-Request-Headers", "x-anything")
				request.Header.Set("Access-Control-Request-Private-Network", "true")
				response, err := d.server.Public().Test(request, 10_000)
				if err != nil {
					t.Fatal(err)
				}
				_ = response.Body.Close()
				for header := range response.Header {
					if strings.HasPrefix(header, "Access-Control-") || header == "Timing-Allow-Origin" {
						t.Errorf("%s %s of %s is answered with %s: %s", method, path, origin, header, response.Header.Get(header))
					}
				}
			}
		}
	}
}

// Pages, and error responses that browsers show as pages, cannot be framed by other sites and
// do not leak their URL in the Referer header.
func TestEveryPageHasSecurityHeaders(t *testing.T) {
	d := newSite(t, func(rules *chat.Options, o *handlers.Options) { rules.MaxConnections = 1 })
	there := &chat.Connection{Socket: nobody{}}
	if err := d.chat.Enter(there); err != nil {
		t.Fatal(err)
	}
	defer d.chat.Exit(there)
	for path, status := range map[string]int{
		"/": 200, "/rooms/night-watch": 200, "/offline": 200, "/rooms/lobby/qr.svg": 200, "/?name=a%2Fb": 200, "/chat/Ann": 303,
		"/nope": 404, "/static/x/nope.js": 404, "/static/": 404, "/static/x/": 404, "/rooms/": 404, "/rooms/a%20b": 400, "/rooms/a%20b/qr.svg": 400,
	} {
		response, body := d.get(path, "Accept", "text/html")
		checkPage(t, path, response, status)
		if status >= 400 && !strings.Contains(body, "<!doctype html>") {
			t.Errorf("%s is no page: %s", path, body)
		}
	}
	response, _ := d.get("/chat/Ann", handshake("Accept", "text/html")...)
	checkPage(t, "a full server", response, 503)
	d.chat.BeginStop()
	response, _ = d.get("/healthz", "Accept", "text/html")
	checkPage(t, "a server that stops", response, 503)
}

func checkPage(t *testing.T, what string, response *http.Response, status int) {
	t.Helper()
	header := response.Header
	if response.StatusCode != status || !strings.Contains(header.Get("Content-Security-Policy"), "frame-ancestors 'none'") ||
		header.Get("Referrer-Policy") != "same-origin" || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: %d %v", what, response.StatusCode, header)
	}
}

func TestRateLimitedPagesHaveSecurityHeaders(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.MaxPerAddress, c.TrustedProxies = 1, []string{"127.0.0.1"} }))
	from := http.Header{"X-Forwarded-For": {"203.0.113.7"}}
	if p, _, err := w.TryConnect("Ann", "", from); err != nil {
		t.Fatal(err)
	} else {
		p.Hears("Ann connected to chat")
	}
	// Headers over the size limit are refused before routing.
	response, _ := w.Handshake("/", "Host", w.Address(), "Accept", "text/html", "X-A", strings.Repeat("a", 17<<10))
	checkPage(t, "too many headers", response, 431)
	_, response, err := w.TryConnect("Bob", "", from)
	if err == nil {
		t.Fatal("a second connection was accepted")
	}
	checkPage(t, "too many of one address", response, 429)
}

// Fiber's strings are overwritten by the next request. So each user has a key, an age and a
// room of their own while others connect and disconnect. Afterwards each can connect again
// with their own key, and nobody with another user's.
func TestKeysRoomsAndAgesDoNotChangeUnderLoad(t *testing.T) {
	const people = 60
	w := chattest.NewWorld(t)
	keyOf := func(i int) http.Header { return key(fmt.Sprintf("%032x", i+1)) }
	nameOf := func(i int) string { return fmt.Sprintf("%d-%s", i, strings.Repeat("n", i%20)) }
	queryOf := func(i int) string { return fmt.Sprintf("age=%d&room=room-%d", i+1, i) }
	enter := func(i int) *chattest.Person {
		p, _, err := w.TryConnect(nameOf(i), queryOf(i), keyOf(i))
		if err != nil {
			t.Errorf("%s cannot connect: %v", nameOf(i), err)
			return nil
		}
		if line, err := p.Line(); err != nil || line != fmt.Sprintf("%s with age %d connected to chat", nameOf(i), i+1) {
			t.Errorf("%s hears %q, %v", nameOf(i), line, err)
		}
		return p
	}
	var coming sync.WaitGroup
	for i := range people {
		coming.Go(func() { enter(i) })
		coming.Go(func() { // and pages are requested at the same time
			_, page := w.Handshake(fmt.Sprintf("/rooms/page-%d", i), "Host", w.Address(), "Cookie", fmt.Sprintf("chat_guest=%032x; chat_page=name=reader-%d-&age=3", i+1000, i))
			for _, found := range regexp.MustCompile(`reader-\d+-`).FindAllString(page, -1) {
				if found != fmt.Sprintf("reader-%d-", i) {
					t.Errorf("reader %d gets the page of %s", i, found)
				}
			}
			if !strings.Contains(page, fmt.Sprintf("reader-%d-", i)) || !strings.Contains(page, fmt.Sprintf("/rooms/page-%d/qr.svg", i)) {
				t.Errorf("reader %d gets another reader's page", i)
			}
		})
	}
	coming.Wait()
	var again sync.WaitGroup
	for i := range people {
		again.Go(func() {
			if p := enter(i); p != nil {
				p.Says("it is me")
				if line, err := p.Line(); err != nil || line != nameOf(i)+": it is me" {
					t.Errorf("%s hears %q, %v", nameOf(i), line, err)
				}
			}
		})
		again.Go(func() {
			if _, response, err := w.TryConnect(nameOf(i), queryOf(i), keyOf((i+1)%people)); err == nil || response.StatusCode != 409 {
				t.Errorf("with another user's key, a client connected as %s: %v", nameOf(i), err)
			}
		})
	}
	again.Wait()
}

// A panic and its stack are logged in one line, and the visitor sees nothing of it.
func TestAPanicIsOneLogLine(t *testing.T) {
	log := &strings.Builder{}
	d := siteOn(t, func(db chat.Store) chat.Store { return panics{db} }, func(_ *chat.Options, o *handlers.Options) {
		o.Log = slog.New(slog.NewTextHandler(log, nil))
	})
	response, body := d.get("/rooms/night-watch?name=Ann", "Cookie", "chat_guest="+annsKey, "Accept", "text/html")
	if response.StatusCode != 500 || strings.Contains(body, "forged") || !strings.Contains(body, "Something went wrong") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	// One line for the panic, and one for the request.
	if got := log.String(); strings.Count(got, "\n") != 2 || strings.Count(got, "msg=request") != 1 || !strings.Contains(got, `forged\nlevel=ERROR`) || strings.ContainsAny(got, "\r\x1b") || strings.Contains(got, annsKey) {
		t.Errorf("the log has\n%s", got)
	}
}

// panics is a store that panics when it lists rooms.
type panics struct{ chat.Store }

func (panics) Rooms(context.Context, string, string, int) ([]chat.Room, error) {
	panic("a room\x1b[31m forged\nlevel=ERROR msg=forged\r\n")
}
