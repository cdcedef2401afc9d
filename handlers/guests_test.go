package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"chatserver/chattest"
	"chatserver/config"
)

const annsKey, evesKey = "0123456789abcdef0123456789abcdef", "ffffffffffffffffffffffffffffffff"

func key(value string) http.Header { return http.Header{"Cookie": {"chat_guest=" + value}} }

func TestNobodyCanTakeTheNameOfAConnectedUser(t *testing.T) {
	w := chattest.NewWorld(t)
	ann, _, err := w.TryConnect("Ann", "", key(annsKey))
	if err != nil {
		t.Fatal(err)
	}
	ann.Hears("Ann connected to chat")
	for who, header := range map[string]http.Header{"Eve": key(evesKey), "a program": nil, "a broken key": key("0123")} {
		if _, response, err := w.TryConnect("ann", "", header); err == nil || response.StatusCode != 409 {
			t.Errorf("%s connected as Ann, %v", who, err)
		}
	}
	phone, _, err := w.TryConnect("Ann", "", key(annsKey))
	if err != nil {
		t.Fatalf("Ann cannot connect with her phone: %v", err)
	}
	phone.Hears("Ann connected to chat")
	ann.Leaves()
	if _, response, err := w.TryConnect("Ann", "", key(evesKey)); err == nil || response.StatusCode != 409 {
		t.Errorf("Ann's phone is connected, and Eve connected as Ann, %v", err)
	}
	phone.Leaves()
	if _, _, err := w.TryConnect("Ann", "", key(evesKey)); err != nil {
		t.Errorf("Ann has left, but Eve cannot take her name: %v", err)
	}
}

func TestTwoProgramsMayShareAName(t *testing.T) {
	w := chattest.NewWorld(t)
	one := w.Connect("bot", "")
	one.Hears("bot connected to chat")
	other := w.Connect("bot", "")
	other.Hears("bot connected to chat")
	one.Hears("bot connected to chat")
	one.Says("hi")
	other.Hears("bot: hi")
}

func TestAFullServerAcceptsAgainAfterADisconnect(t *testing.T) {
	two := 2
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.MaxConnections = &two }))
	ann := w.Connect("Ann", "")
	ann.Hears("Ann connected to chat")
	w.Connect("Bob", "").Hears("Bob connected to chat")
	if _, response, err := w.TryConnect("Cid", "", nil); err == nil || response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
		t.Errorf("a third connection was accepted, or refused without Retry-After: %v", err)
	}
	ann.Leaves()
	w.Connect("Cid", "")
}

func TestConnectionsPerAddressAreLimited(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.MaxPerAddress, c.TrustedProxies = 2, []string{"127.0.0.1"} }))
	from := func(addresses string) http.Header {
		return http.Header{"X-Forwarded-For": strings.Split(addresses, "\n")}
	}
	come := func(name, addresses string) int {
		p, response, err := w.TryConnect(name, "room="+name, from(addresses))
		if err == nil {
			p.Hears(name + " connected to chat") // and so is counted
		}
		return response.StatusCode
	}
	for _, step := range []struct {
		name, addresses string
		status          int
	}{
		{"a", "203.0.113.7", 101},
		{"b", "8.8.8.8, 203.0.113.7", 101},   // the entry forged by the client does not count
		{"c", "203.0.113.7", 429},            // the third
		{"d", "203.0.113.7, 127.0.0.1", 429}, // through another trusted proxy
		{"k", "8.8.8.8\n203.0.113.7", 429},   // the proxy adds a header line below the client's
		{"l", "203.0.113.7, 8.8.8.8, 203.0.113.7", 429},
		{"m", "8.8.8.8, 203.0.113.7\n127.0.0.1", 429},
		{"e", "203.0.113.8", 101},                 // another address
		{"f", "2001:db8:0:1::1", 101},             // one /64 …
		{"g", "2001:db8:0:1:ffff::2", 101},        //
		{"h", "2001:db8:0:1:aaaa::3", 429},        // … is one address
		{"i", "2001:db8:0:2::1", 101},             // the next is another
		{"n", "203.0.113.9:4711", 101},            // the port is not a part of the address
		{"o", "203.0.113.9:4712", 101},            //
		{"p", "203.0.113.9:_hidden", 429},         //
		{"j", "203.0.113.7, not an address", 101}, // unreadable addresses …
		{"q", "unknown", 101},                     //
		{"r", "203.0.113.10, _hidden", 429},       // … count as one address
	} {
		if got := come(step.name, step.addresses); got != step.status {
			t.Errorf("%s from %s gets %d instead of %d", step.name, step.addresses, got, step.status)
		}
	}
}

func TestForwardedForIsIgnoredFromUntrustedPeers(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.MaxPerAddress = 1 }))
	for _, name := range []string{"a", "b", "c"} { // all from loopback, which is not limited
		if _, _, err := w.TryConnect(name, "", http.Header{"X-Forwarded-For": {"203.0.113.7"}}); err != nil {
			t.Errorf("%s was counted by a header that any client can forge: %v", name, err)
		}
	}
}

// Over HTTPS the cookie has a name that no other host of the domain can set. A key from an
// earlier version is kept, under the new name.
func TestHTTPSMovesTheGuestKeyToTheHostCookie(t *testing.T) {
	d := doorsAt(t, "https://chat.example")
	const old, mine, other = "0123456789abcdef0123456789abcdef", "11111111111111111111111111111111", "22222222222222222222222222222222"
	for _, test := range []struct{ sent, set string }{
		{"chat_guest=" + old, "__Host-chat_guest=" + old},
		{"__Host-chat_guest=" + mine, ""},
		{"chat_guest=" + other + "; __Host-chat_guest=" + mine, ""},
		{"chat_guest=" + old + "; __Host-chat_guest=nonsense", "__Host-chat_guest=" + old},
	} {
		response, _ := d.get("/", "Cookie", test.sent)
		if set, _, _ := strings.Cut(response.Header.Get("Set-Cookie"), ";"); set != test.set {
			t.Errorf("with %s the browser gets %q", test.sent, response.Header.Get("Set-Cookie"))
		}
	}
	for sent, want := range map[string]string{
		"chat_page=name=Bob; __Host-chat_page=name=Ann": "Ann",
		"chat_page=name=Bob":                            "Bob",
	} {
		if _, body := d.get("/", "Cookie", sent); !strings.Contains(body, `data-me="`+want+`"`) {
			t.Errorf("with %s, %s is not signed in", sent, want)
		}
	}
}
