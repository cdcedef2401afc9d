package deploy_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"chatserver/chattest"
	"chatserver/config"
)

// behind starts a chat that trusts this machine as a proxy, and returns it with its log.
func behind(t *testing.T, options ...chattest.Option) (*chattest.World, *log) {
	t.Helper()
	told := &log{}
	return chattest.NewWorld(t, append([]chattest.Option{chattest.Log(told), chattest.With(func(c *config.Config) { c.TrustedProxies = []string{"127.0.0.1"} })}, options...)...), told
}

// With the docs' configuration, each proxy serves the page and its connections, keeps
// pages of other origins out, and passes on the client's address: at the root of a host,
// and under a path.
func TestTheChatWorksBehindTheProxiesOfTheDocs(t *testing.T) {
	t.Parallel()
	team := chattest.With(func(c *config.Config) { c.BaseURL = "https://chat.example/team/" })
	type place struct {
		base    string
		options []chattest.Option
		proxy   func(t *testing.T, chat string) *proxy
		whole   bool // it forwards the whole host, not only the path
	}
	places := map[string]place{
		"nginx": {"https://chat.example", nil, func(t *testing.T, chat string) *proxy { t.Helper(); return newNginx(t, chat, nil) }, true},
		"Caddy": {"https://chat.example", nil, func(t *testing.T, chat string) *proxy { t.Helper(); return newCaddy(t, chat, "Behind a proxy") }, true},
		"nginx below a path": {"https://chat.example/team", []chattest.Option{team}, func(t *testing.T, chat string) *proxy {
			t.Helper()
			const root, below = "location / {", "location /team/ {"
			with(t, read(t, "../docs/tls.md"), "with `"+below+"` in the place of `"+root+"`", "")
			return newNginx(t, chat, func(site string) string { return with(t, site, root, below) })
		}, false},
		"Caddy below a path": {"https://chat.example/team", []chattest.Option{team}, func(t *testing.T, chat string) *proxy { t.Helper(); return newCaddy(t, chat, "Below a path") }, false},
	}
	for name, proxy := range others {
		places[name] = place{"https://chat.example", nil, proxy, true}
		places[name+" below a path"] = place{"https://chat.example/team", []chattest.Option{team}, proxy, true}
	}
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, log := behind(t, place.options...)
			p := place.proxy(t, world.Address())
			p.servesThePage(place.base)
			p.carriesMessages(place.base)
			p.tellsWhoAsks(place.base, world, log)
			if !place.whole {
				p.keepsToThePath()
			}
		})
	}
}

func (p *proxy) servesThePage(base string) {
	p.t.Helper()
	browser := p.browser("127.0.0.1")
	response, page := p.get(browser, base+"/")
	socket := strings.Replace(base, "https", "wss", 1) + "/chat/you"
	if response.StatusCode != http.StatusOK || !strings.Contains(page, socket) || !strings.Contains(response.Header.Get("Set-Cookie"), "secure") {
		p.t.Errorf("the page returns %d, %v, without %s", response.StatusCode, response.Header, socket)
	}
	for _, file := range regexp.MustCompile(`(?:href|src)="(/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		if response, _ := p.get(browser, "https://chat.example"+file[1]); response.StatusCode != http.StatusOK {
			p.t.Errorf("%s is %d", file[1], response.StatusCode)
		}
	}
}

func (p *proxy) carriesMessages(base string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), chattest.Patience)
	defer cancel()
	socket := strings.Replace(base, "https", "wss", 1) + "/chat/"
	for _, origin := range []string{"https://evil.example", "https://chat.example.evil.example", "null"} {
		if _, response, err := p.connect(ctx, socket+"Eve", origin, websocket.DialOptions{}); err == nil || response == nil || response.StatusCode != http.StatusForbidden { //nolint:bodyclose // the library's
			p.t.Errorf("a page of origin %s: %v, %v", origin, response, err)
		}
	}
	var people []*websocket.Conn
	for _, name := range []string{"Ann", "Bob"} {
		conn, _, err := p.connect(ctx, socket+name, "https://chat.example", websocket.DialOptions{}) //nolint:bodyclose // the library's
		if err != nil {
			p.t.Fatal(err)
		}
		defer conn.CloseNow() //nolint:errcheck // it is over
		p.hears(ctx, conn, name+" connected to chat")
		people = append(people, conn)
	}
	p.hears(ctx, people[0], "Bob connected to chat")
	long := strings.Repeat("long ", 1600) // larger than one buffer of a proxy
	if err := people[0].Write(ctx, websocket.MessageText, []byte(long)); err != nil {
		p.t.Fatal(err)
	}
	p.hears(ctx, people[1], "Ann: "+long)
	if err := people[0].Close(websocket.StatusNormalClosure, ""); err != nil {
		p.t.Errorf("a close frame gets no answer: %v", err)
	}
	p.hears(ctx, people[1], "Ann left the chat")
	p.passesCodesOn(ctx, socket, "Ann: "+long)
}

// passesCodesOn checks that the chat's close code arrives, after the history.
func (p *proxy) passesCodesOn(ctx context.Context, socket, history string) {
	p.t.Helper()
	for code, payload := range map[websocket.StatusCode]struct {
		kind websocket.MessageType
		text string
	}{1003: {websocket.MessageBinary, "x"}, 1007: {websocket.MessageText, "\xff"}, 1008: {websocket.MessageText, "\x1b"}} {
		conn, _, err := p.connect(ctx, fmt.Sprintf("%sCid%d?history=1", socket, code), "https://chat.example", websocket.DialOptions{}) //nolint:bodyclose // the library's
		if err != nil {
			p.t.Fatal(err)
		}
		defer conn.CloseNow() //nolint:errcheck // it is over
		p.hears(ctx, conn, history)
		if err := conn.Write(ctx, payload.kind, []byte(payload.text)); err != nil {
			p.t.Fatal(err)
		}
		for err == nil {
			_, _, err = conn.Read(ctx)
		}
		if websocket.CloseStatus(err) != code {
			p.t.Errorf("closed with %v, want %d", err, code)
		}
	}
}

func (p *proxy) hears(ctx context.Context, conn *websocket.Conn, line string) {
	p.t.Helper()
	if _, text, err := conn.Read(ctx); err != nil || string(text) != line {
		p.t.Fatalf("received %.80q, want %.80q, %v", text, line, err)
	}
}

// tellsWhoAsks checks that the client's own address counts, and not one that it claims
// to have.
func (p *proxy) tellsWhoAsks(base string, world *chattest.World, log *log) {
	p.t.Helper()
	const lie = "203.0.113.9"
	ask := func(client *http.Client, url string) string {
		p.get(client, url, "X-Forwarded-For", lie)
		return log.addressOf(p.t, "/version.json")
	}
	if got := ask(p.browser("127.0.0.7"), base+"/version.json"); got != "127.0.0.7" {
		p.t.Errorf("a client at 127.0.0.7 is taken for %s", got)
	}
	straight := *p
	straight.address = world.Address()
	path := strings.TrimPrefix(base, "https://chat.example")
	if got := ask(straight.browser("127.0.0.8"), "http://chat.example"+path+"/version.json"); got != "127.0.0.8" {
		p.t.Errorf("a client that is not a proxy is taken for %s", got)
	}
}

// keepsToThePath checks that requests outside of the base path do not reach the chat.
func (p *proxy) keepsToThePath() {
	p.t.Helper()
	browser := p.browser("127.0.0.1")
	response, _ := p.get(browser, "https://chat.example/team")
	if there := regexp.MustCompile(`^(https://chat\.example(:\d+)?)?/team/$`); response.StatusCode/100 != 3 || !there.MatchString(response.Header.Get("Location")) {
		p.t.Errorf("without the trailing slash: %d to %q", response.StatusCode, response.Header.Get("Location"))
	}
	for _, path := range []string{"/", "/rooms/x", "/version.json", "/teamwork", "/chat/Ann"} {
		if _, body := p.get(browser, "https://chat.example"+path); strings.Contains(body, "chat") {
			p.t.Errorf("%s reaches the chat: %.200s", path, body)
		}
	}
}
