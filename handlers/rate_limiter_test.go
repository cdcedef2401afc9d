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

// Who comes and goes all the time is told to everybody in the room. So an address may
// come a hundred times at once and ten times a second, and its neighbours notice nothing.
func TestOneAddressComesOnlySoFast(t *testing.T) {
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
		t.Fatalf("in %v one address came %d times, and was refused with %v", took, came-1, refused)
	}
	chattest.Figure(t, "attack 10", "one address came and went %d times in %v, and was refused then with 429", came-1, took.Round(time.Millisecond))
	for address, want := range map[string]int{
		"203.0.113.8":             101, // the neighbour
		"203.0.113.7, no address": 101, // the one stranger, who has not come yet
		"2001:db8:0:1::1":         101,
	} {
		if got := comes("neighbour", address).StatusCode; got != want {
			t.Errorf("who comes from %s gets %d", address, got)
		}
	}
	ann.Says("nothing happened")
	ann.Hears("Ann: nothing happened")
}

// Guessing names is coming, too; and all of one /64 is one address.
func TestWhoGuessesNamesComesOnlySoFast(t *testing.T) {
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

// A page costs more than the request for it. Whether the server is there, and what
// browsers keep, may be asked as often as anybody likes.
func TestOneAddressAsksOnlySoFast(t *testing.T) {
	d := newDoors(t, func(_ *chat.Options, options *handlers.Options) { options.MaxPerAddress = 100 })
	asked := 0
	for ; asked < 10_000; asked++ {
		if response, said := d.get("/robots.txt"); response.StatusCode != 200 {
			if response.StatusCode != 429 || asked < 1000 || response.Header.Get("Retry-After") == "" || !strings.Contains(said, "just now") {
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
		t.Errorf("%d requests more were answered in %v", passed, time.Since(began))
	}
	for _, path := range []string{"/healthz", "/static/" + static.Hash() + "/js/app.js"} {
		if response, _ := d.get(path); response.StatusCode != 200 {
			t.Errorf("%s is answered with %d", path, response.StatusCode)
		}
	}
}

func TestWhereNothingIsCountedNobodyIsTooFast(t *testing.T) {
	d := newDoors(t, nil) // no limit for an address
	for i := range 1500 {
		if response, _ := d.get("/robots.txt"); response.StatusCode != 200 {
			t.Fatalf("request %d is answered with %d", i, response.StatusCode)
		}
	}
}

// Whoever asks for pages faster than ten times the rate is read no faster, also when
// each is asked for by another command.
func TestWhoFloodsWithQuestionsIsReadNoFaster(t *testing.T) {
	t.Parallel()
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.Rate = 1 }))
	for _, cmd := range []string{"join", "history", "rooms"} {
		ann := w.Join("Ann "+cmd, "lobby")
		began := time.Now()
		for range 40 { // thirty at once, and ten a second
			ann.Asks(cmd, "room", "lobby", "before", 1)
		}
		ann.Pings()
		if took := time.Since(began); took < 800*time.Millisecond {
			t.Errorf("40 of %s were read within %v", cmd, took)
		}
	}
}

// However many connections an address has, it reads no faster than one that asks for
// pages over HTTP; another address is not held up.
func TestAllConnectionsOfAnAddressReadOnlySoFast(t *testing.T) {
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
	for i := range 5 { // 1200 together: a thousand at once, and a hundred a second
		all.Go(func() { asks(fmt.Sprint("flooder", i), "203.0.113.7") })
	}
	neighbour := asks("neighbour", "203.0.113.8")
	all.Wait()
	took := time.Since(began)
	if took < 1500*time.Millisecond || neighbour >= took {
		t.Errorf("one address was answered within %v, its neighbour within %v", took, neighbour)
	}
}

// A page that comes back joins twenty rooms at once and may have twenty pages of each to
// read: that it does as fast as ever, and what was said meanwhile leaves as well.
func TestWhoComesBackIsNotHeldUp(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.Rate = 10 }))
	ann := w.Join("Ann", "room0")
	ann.SaysUntilAcknowledged("room0", uuid.NewString(), "hi")
	began := time.Now()
	for room := range 20 {
		ann.JoinsAlso(fmt.Sprint("room", room+1))
		for range 20 {
			ann.Asks("history", "room", fmt.Sprint("room", room+1), "before", 1)
		}
	}
	ann.SaysUntilAcknowledged("room0", uuid.NewString(), "here again")
	if took := time.Since(began); took > 30*time.Second { // as messages they would take 39 s
		t.Errorf("it took %v", took)
	}
}

// Whoever has a /56 or a /48 of IPv6 gets four times and sixteen times what one /64 gets, not
// 256 and 65,536 times.
func TestANetworkOfIPv6HasSoManyConnections(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.MaxPerAddress, c.TrustedProxies = 1, []string{"127.0.0.1"} }))
	comes := func(i int, address string) int {
		t.Helper()
		name := fmt.Sprint("Ann", i)
		ann, response, err := w.TryConnect(name, "room="+strings.ToLower(name), http.Header{"X-Forwarded-For": {address}})
		if err == nil {
			ann.Hears(name + " connected to chat") // she is counted
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
