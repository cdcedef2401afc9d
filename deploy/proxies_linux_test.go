package deploy_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/config"
)

// behind is a chat that believes its own machine, and what it logs.
func behind(t *testing.T, options ...chattest.Option) (*chattest.World, *log) {
	t.Helper()
	told := &log{}
	return chattest.NewWorld(t, append([]chattest.Option{chattest.Log(told), chattest.With(func(c *config.Config) { c.TrustedProxies = []string{"127.0.0.1"} })}, options...)...), told
}

// What the docs have for the proxies serves the page and its connections, keeps foreign
// pages out, and tells the chat who asks: at the root of a host, and below a path.
func TestTheChatWorksBehindTheProxiesOfTheDocs(t *testing.T) {
	t.Parallel()
	team := chattest.With(func(c *config.Config) { c.BaseURL = "https://chat.example/team/" })
	for name, place := range map[string]struct {
		base    string
		options []chattest.Option
		proxy   func(t *testing.T, chat string) *proxy
	}{
		"nginx": {"https://chat.example", nil, func(t *testing.T, chat string) *proxy { t.Helper(); return newNginx(t, chat, nil) }},
		"Caddy": {"https://chat.example", nil, func(t *testing.T, chat string) *proxy { t.Helper(); return newCaddy(t, chat, "Behind a proxy") }},
		"nginx below a path": {"https://chat.example/team", []chattest.Option{team}, func(t *testing.T, chat string) *proxy {
			t.Helper()
			const root, below = "location / {", "location /team/ {"
			with(t, read(t, "../docs/tls.md"), "with `"+below+"` in the place of `"+root+"`", "")
			return newNginx(t, chat, func(site string) string { return with(t, site, root, below) })
		}},
		"Caddy below a path": {"https://chat.example/team", []chattest.Option{team}, func(t *testing.T, chat string) *proxy { t.Helper(); return newCaddy(t, chat, "Below a path") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, log := behind(t, place.options...)
			p := place.proxy(t, world.Address())
			p.servesThePage(place.base)
			p.carriesMessages(place.base)
			p.tellsWhoAsks(place.base, world, log)
			if place.options != nil {
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
		p.t.Errorf("the page is %d, %v, without %s", response.StatusCode, response.Header, socket)
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
			p.t.Errorf("a page of %s: %v, %v", origin, response, err)
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
	long := strings.Repeat("long ", 1600) // more than a proxy has in one buffer
	if err := people[0].Write(ctx, websocket.MessageText, []byte(long)); err != nil {
		p.t.Fatal(err)
	}
	p.hears(ctx, people[1], "Ann: "+long)
	if err := people[0].Close(websocket.StatusNormalClosure, ""); err != nil {
		p.t.Errorf("a goodbye is not answered: %v", err)
	}
	p.hears(ctx, people[1], "Ann left the chat")
}

func (p *proxy) hears(ctx context.Context, conn *websocket.Conn, line string) {
	p.t.Helper()
	if _, text, err := conn.Read(ctx); err != nil || string(text) != line {
		p.t.Fatalf("heard is %.80q instead of %.80q, %v", text, line, err)
	}
}

// tellsWhoAsks: whoever is behind the proxy is counted, and not whom they name.
func (p *proxy) tellsWhoAsks(base string, world *chattest.World, log *log) {
	p.t.Helper()
	const lie = "203.0.113.9"
	ask := func(client *http.Client, url string) string {
		p.get(client, url, "X-Forwarded-For", lie)
		return log.addressOf(p.t, "/version.json")
	}
	if got := ask(p.browser("127.0.0.7"), base+"/version.json"); got != "127.0.0.7" {
		p.t.Errorf("somebody at 127.0.0.7 is taken for %s", got)
	}
	straight := *p
	straight.address = world.Address()
	path := strings.TrimPrefix(base, "https://chat.example")
	if got := ask(straight.browser("127.0.0.8"), "http://chat.example"+path+"/version.json"); got != "127.0.0.8" {
		p.t.Errorf("somebody who is no proxy is taken for %s", got)
	}
}

// keepsToThePath: what is beside the path is not the chat's.
func (p *proxy) keepsToThePath() {
	p.t.Helper()
	browser := p.browser("127.0.0.1")
	response, _ := p.get(browser, "https://chat.example/team")
	if there := regexp.MustCompile(`^(https://chat\.example(:\d+)?)?/team/$`); response.StatusCode/100 != 3 || !there.MatchString(response.Header.Get("Location")) {
		p.t.Errorf("whoever forgets the slash gets %d to %q", response.StatusCode, response.Header.Get("Location"))
	}
	for _, path := range []string{"/", "/rooms/x", "/version.json", "/teamwork", "/chat/Ann"} {
		if _, body := p.get(browser, "https://chat.example"+path); strings.Contains(body, "chat") {
			p.t.Errorf("%s reaches the chat: %.200s", path, body)
		}
	}
}

// Nobody says anything for longer than nginx waits, and nobody is cut: the chat pings
// before. All times are a fiftieth of those in the docs and in the chat.
func TestASilentConnectionIsNotCutByNginx(t *testing.T) {
	t.Parallel()
	const (
		ping, wait = chat.PingInterval / 50, 1800 * time.Millisecond
		pings      = 4 // together longer than nginx waits
	)
	hasty := func(site string) string {
		return with(t, site, "proxy_read_timeout 90s;", fmt.Sprintf("proxy_read_timeout %dms;", wait.Milliseconds()))
	}
	silence := func(t *testing.T, world *chattest.World) (pinged int64, err error) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), chattest.Patience)
		defer cancel()
		heard, enough := atomic.Int64{}, make(chan struct{})
		p := newNginx(t, world.Address(), hasty)
		ann, _, err := p.connect(ctx, "wss://chat.example/chat/Ann", "https://chat.example", websocket.DialOptions{ //nolint:bodyclose // the library's
			OnPingReceived: func(context.Context, []byte) bool {
				if heard.Add(1) == pings {
					close(enough)
				}
				return true
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer ann.CloseNow() //nolint:errcheck // it is over
		p.hears(ctx, ann, "Ann connected to chat")
		cut := make(chan error, 1)
		go func() {
			_, _, err := ann.Read(ctx)
			cut <- err
		}()
		select {
		case <-enough:
			err = ann.Write(ctx, websocket.MessageText, []byte("still here"))
		case err = <-cut:
		}
		return heard.Load(), err
	}
	t.Run("a chat that pings", func(t *testing.T) {
		t.Parallel()
		world, _ := behind(t, chattest.Beat(ping))
		began := time.Now()
		if pinged, err := silence(t, world); err != nil || pinged < pings || time.Since(began) < wait {
			t.Errorf("after %v and %d pings it is cut: %v", time.Since(began), pinged, err)
		}
	})
	t.Run("one that does not", func(t *testing.T) { // or nginx would not wait at all
		t.Parallel()
		world, _ := behind(t, chattest.Beat(time.Hour)) // nor by chance
		if pinged, err := silence(t, world); err == nil || pinged > 0 {
			t.Errorf("nginx does not cut it: %d pings", pinged)
		}
	})
}
