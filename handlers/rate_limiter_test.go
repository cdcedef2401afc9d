package handlers_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/config"
	"chatserver/handlers"
	"chatserver/static"
)

// Each join and leave is sent to everybody in the room. So one address may open a hundred
// connections at once and then ten per second, and its neighbours notice nothing.
func TestConnectionsOfAnAddressAreRateLimited(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.TrustedProxies = []string{"127.0.0.1"} }))
	ann := w.Connect("Ann", "room=quiet")
	ann.Hears("Ann connected to chat")
	comes := func(name, address string) *http.Response {
		p, response, err := w.TryConnect(name, "room=busy", http.Header{"X-Forwarded-For": {address}})
		if err == nil {
			p.Hears(name + " connected to chat")
			p.Leaves()
		}
		return response
	}
	began, came := time.Now(), 0
	var refused *http.Response
	for ; refused == nil && came < 1000; came++ {
		if response := comes(fmt.Sprint("guest", came), "203.0.113.7"); response.StatusCode == http.StatusTooManyRequests {
			refused = response
		}
	}
	took := time.Since(began)
	if most := 101 + int(10*took.Seconds()); refused == nil || came-1 < 100 || came-1 > most || refused.Header.Get("Retry-After") == "" {
		t.Fatalf("in %v one address connected %d times, and then got %v", took, came-1, refused)
	}
	chattest.Figure(t, "attack 10", "one address came and went %d times in %v, and was refused then with 429", came-1, took.Round(time.Millisecond))
	for address, want := range map[string]int{
		"203.0.113.8":             101, // the neighbour
		"203.0.113.7, no address": 101, // all requests without an address are one address
		"2001:db8:0:1::1":         101,
	} {
		if got := comes("neighbour", address).StatusCode; got != want {
			t.Errorf("a connection from %s gets %d", address, got)
		}
	}
	ann.Says("nothing happened")
	ann.Hears("Ann: nothing happened")
}

// Guessing names counts as connecting, and a whole /64 is one address.
func TestGuessingNamesIsRateLimited(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.MaxPerAddress, c.TrustedProxies = 2, []string{"127.0.0.1"} }))
	guess := func(i int, network string) (int, string) {
		response, said := w.Handshake("/chat/a:b", "Host", w.Address(), "Connection", "Upgrade", "Upgrade", "websocket",
			"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "X-Forwarded-For", fmt.Sprintf("%s::%x", network, i+1))
		return response.StatusCode, said
	}
	for i := range 1000 {
		status, said := guess(i, "2001:db8:0:1")
		if status == 400 {
			continue
		}
		if status != 429 || i < 100 || !strings.Contains(said, "just now") {
			t.Errorf("guess %d is answered with %d %q", i, status, said)
		}
		if status, _ := guess(i, "2001:db8:0:2"); status != 400 {
			t.Errorf("the neighbour is answered with %d", status)
		}
		return
	}
	t.Error("nobody was refused")
}

// Pages cost more to make than to request, so they are limited. Health checks and files that
// browsers cache are not.
func TestRequestsOfAnAddressAreRateLimited(t *testing.T) {
	d := newSite(t, func(_ *chat.Options, options *handlers.Options) { options.MaxPerAddress = 100 })
	asked := 0
	for ; asked < 10_000; asked++ {
		if response, said := d.get("/robots.txt"); response.StatusCode != 200 {
			if response.StatusCode != 429 || asked < 1000 || response.Header.Get("Retry-After") == "" || !strings.Contains(said, "Too many requests") {
				t.Fatalf("request %d is answered with %d %q", asked, response.StatusCode, said)
			}
			break
		}
	}
	began := time.Now()
	passed := 0
	for _, path := range []string{"/", "/rooms/x", "/rooms/x/qr.svg", "/check?name=Ann", "/nowhere", "/"} {
		if response, _ := d.get(path); response.StatusCode != 429 {
			passed++
		}
	}
	if most := 1 + int(100*time.Since(began).Seconds()); passed > most {
		t.Errorf("%d more requests were answered in %v", passed, time.Since(began))
	}
	for _, path := range []string{"/healthz", "/static/" + static.Hash() + "/js/app.js"} {
		if response, _ := d.get(path); response.StatusCode != 200 {
			t.Errorf("%s is answered with %d", path, response.StatusCode)
		}
	}
}

func TestWithoutALimitNothingIsRateLimited(t *testing.T) {
	d := newSite(t, nil) // without a limit per address
	for i := range 1500 {
		if response, _ := d.get("/robots.txt"); response.StatusCode != 200 {
			t.Fatalf("request %d is answered with %d", i, response.StatusCode)
		}
	}
}

// A client that requests pages faster than ten times the rate is throttled, also if it uses
// several commands.
func TestAFloodOfReadsIsThrottled(t *testing.T) {
	t.Parallel()
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.Rate = 1 }))
	for _, cmd := range []string{"join", "history", "rooms"} {
		ann := w.Join("Ann "+cmd, "lobby")
		began := time.Now()
		for range 40 { // a burst of thirty, then ten per second
			ann.Asks(cmd, "room", "lobby", "before", 1)
		}
		ann.Pings()
		if took := time.Since(began); took < 800*time.Millisecond {
			t.Errorf("40 of %s were read within %v", cmd, took)
		}
	}
}

// An address cannot read faster by opening more connections, or by using HTTP; other
// addresses are not delayed.
func TestReadsOfAnAddressAreThrottled(t *testing.T) {
	t.Parallel()
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.TrustedProxies = []string{"127.0.0.1"} })) // no limit for one of them
	asks := func(name, address string) time.Duration {
		conn := w.Dial()
		in := upgradeTo(t, w, conn, "/chat/"+name, "chat.v1", "X-Forwarded-For: "+address)
		began := time.Now()
		all := strings.Repeat(part(0x81, `{"cmd":"rooms"}`), 240) + part(0x81, `{"cmd":"ping"}`)
		if _, err := io.WriteString(conn, all); err != nil {
			t.Error(err)
			return 0
		}
		for {
			if _, said := frame(t, in); strings.Contains(said, `"pong"`) {
				return time.Since(began)
			}
		}
	}
	began := time.Now()
	var all sync.WaitGroup
	for i := range 5 { // 1200 together: a burst of a thousand, then a hundred per second
		all.Go(func() { asks(fmt.Sprint("flooder", i), "203.0.113.7") })
	}
	neighbour := asks("neighbour", "203.0.113.8")
	all.Wait()
	took := time.Since(began)
	if took < 1500*time.Millisecond || neighbour >= took {
		t.Errorf("one address was answered within %v, its neighbour within %v", took, neighbour)
	}
}

// A page that reconnects joins twenty rooms at once and may have to read twenty pages of
// each. It does so at full speed, and its waiting messages are sent as well.
func TestAReconnectingPageIsNotThrottled(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.Rate = 10 }))
	ann := w.Join("Ann", "room0")
	ann.SaysUntilAcknowledged("room0", uuid.NewString(), "hi")
	for room := range 20 {
		ann.JoinsAlso(fmt.Sprint("room", room+1))
		for range 20 {
			ann.Asks("history", "room", fmt.Sprint("room", room+1), "before", 1)
		}
	}
	ann.SaysUntilAcknowledged("room0", uuid.NewString(), "here again")
	if pauses := throttled(t, w, "reads") + throttled(t, w, "messages"); pauses > 10 { // at the rate of messages it would be 39 s
		t.Errorf("the server paused for %v s", pauses)
	}
}

// throttled returns for how many seconds a server has throttled connections for a reason:
// what its limits require, which does not depend on the speed of the machine.
func throttled(t *testing.T, w *chattest.World, reason string) (seconds float64) {
	t.Helper()
	_, value, _ := strings.Cut(metricsOf(t, w), `chatserver_throttled_seconds_total{reason="`+reason+`"} `)
	if _, err := fmt.Sscan(value, &seconds); err != nil {
		t.Fatalf("throttled for %s: %v", reason, err)
	}
	return seconds
}

// An IPv6 /56 or /48 gets four or sixteen times what one /64 gets, not 256 or 65,536 times.
func TestAnIPv6NetworkHasALimitOfConnections(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.MaxPerAddress, c.TrustedProxies = 1, []string{"127.0.0.1"} }))
	comes := func(i int, address string) int {
		t.Helper()
		name := fmt.Sprint("Ann", i)
		ann, response, err := w.TryConnect(name, "room="+strings.ToLower(name), http.Header{"X-Forwarded-For": {address}})
		if err == nil {
			ann.Hears(name + " connected to chat") // her connection is counted now
		}
		if response == nil {
			t.Fatal(err)
		}
		return response.StatusCode
	}
	n := 0
	for wide := range 4 { // each /56 of the first /48
		for narrow := range 4 {
			n++
			if got := comes(n, fmt.Sprintf("2001:db8:1:%x::1", wide<<8|narrow)); got != 101 {
				t.Errorf("/64 %d of /56 %d is answered with %d", narrow, wide, got)
			}
			if got := comes(1000+n, fmt.Sprintf("2001:db8:1:%x::2", wide<<8|narrow)); got != 429 {
				t.Errorf("the second of /64 %d of /56 %d is answered with %d", narrow, wide, got)
			}
		}
		if got := comes(2000+wide, fmt.Sprintf("2001:db8:1:%x::1", wide<<8|4)); got != 429 {
			t.Errorf("the fifth /64 of /56 %d is answered with %d", wide, got)
		}
	}
	if got := comes(3000, "2001:db8:1:ff00::1"); got != 429 {
		t.Errorf("the seventeenth /64 of a /48 is answered with %d", got)
	}
	if got := comes(3001, "2001:db8:2::1"); got != 101 {
		t.Errorf("the neighbour is answered with %d", got)
	}
}
