package handlers_test

import (
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/config"
	"chatserver/handlers"
)

// ourHosts and foreignHosts are Host headers, for the public port of a chat with the
// settings of worldWithHosts; brokenHosts are malformed.
var (
	ourHosts = []string{
		"127.0.0.1", "127.0.0.1:9090", "192.168.1.7:9090", "8.8.8.8", "[::1]:9090", "[2001:db8::1]", "[fe80::1%25eth0]:9090", "[::ffff:127.0.0.1]",
		"localhost", "localhost:9090", "LocalHost:9090", "localhost.:9090", "localhost:", "chat.localhost:9090",
		"chat.example", "chat.example:9090", "CHAT.Example", "chat.example.", "chat.example.:443", "xn--bcher-kva.example", "XN--Bcher-KVA.example",
		"box", "box:9090", "chat_backend", "nas.local", "nas.LOCAL.", "nas.lan:80", "chat.internal", "chat.svc.cluster.local", "pi.home.arpa", "chat.test",
	}
	foreignHosts = []string{
		"evil.example", "evil.example:9090", "EVIL.example.", "chat.example.evil.example", "evil-chat.example", "sub.chat.example", "chat.example..", "..",
		"localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1.nip.io", "nas.locale", "evil.localhost.example", "local.example", "home.arpa.example",
		"xn--evil-kva.example",
		// IPv4 addresses in forms that no browser sends.
		"2130706433", "2130706433:9090", "017700000001", "0x7f000001", "0X7F000001", "127.1", "0177.0.0.1", "0x7f.1", "1.2.3", "127.0.0.0x1.", "0x", "evil.local.7",
	}
	brokenHosts = []string{
		"evil.example:port", "chat.example:80:80", "[::1", "[::1]x", "[127.0.0.1]", "[chat.example]", "::1", "evil@localhost", "localhost@evil.example", "local host",
		"localhost:65536", "localhost:+80", "localhost:80.", "[::1]:65536", "localhost,evil.example", "localhost?x", "localhost#x", "localhost\\x", "user:word@localhost",
		".", ".local", "[::1]localhost", strings.Repeat("a", 64), strings.Repeat("a.", 126) + "local", "[fe80::1%eth0]",
		"%6cocalhost", "b\u00fccher.example", "localhost/", "localhost:9090x",
	}
)

func worldWithHosts(t *testing.T, log io.Writer) *chattest.World {
	t.Helper()
	return chattest.NewWorld(t, chattest.Log(log), chattest.With(func(c *config.Config) {
		c.Hosts, c.Origins, c.BaseURL = []string{"B\u00fccher.example."}, []string{"https://Chat.Example:8443"}, ""
	}))
}

// A site that points its own domain at the server (DNS rebinding) gains nothing, on any
// route and with any spelling of the name.
func TestOnlyOurHostsAreServed(t *testing.T) {
	w := worldWithHosts(t, t.Output())
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range append([]string{machine, w.Address()}, ourHosts...) {
		if response, said := sendRaw(t, w.Address(), "GET /robots.txt HTTP/1.1\r\nConnection: close\r\nHost: "+host+"\r\n\r\n"); response.StatusCode != 200 {
			t.Errorf("%s is answered with %s %s", host, response.Status, said)
		}
	}
	for _, host := range foreignHosts {
		for _, path := range []string{"/", "/rooms/x", "/check?name=Ann", "/chat/Ann", "/healthz", "/version.json", "/sw.js", "/rooms/x/qr.svg", "/nowhere"} {
			response, said := sendRaw(t, w.Address(), "GET "+path+" HTTP/1.1\r\nHost: "+host+"\r\nOrigin: http://"+host+"\r\n\r\n")
			if response.StatusCode != 421 || strings.Count(said, "\n") != 1 || !strings.Contains(said, "--hosts") || strings.Contains(said, host) {
				t.Errorf("%s of %s is answered with %s %.80q", path, host, response.Status, said)
			}
		}
		if response, _ := w.Handshake("/chat/Eve", handshake("Host", host, "Origin", "http://"+host)...); response.StatusCode != 421 {
			t.Errorf("a connection at %s is answered with %s", host, response.Status)
		}
	}
	for _, host := range brokenHosts {
		if response, said := sendRaw(t, w.Address(), "GET / HTTP/1.1\r\nHost: "+host+"\r\n\r\n"); response.StatusCode != 421 && response.StatusCode != 400 {
			t.Errorf("%s is answered with %s %.60q", host, response.Status, said)
		}
	}
}

// If a request names two hosts, both must be ours. A request without a host does not come
// from a browser.
func TestEveryHostOfARequestCounts(t *testing.T) {
	w := worldWithHosts(t, t.Output())
	for request, status := range map[string]int{
		"GET /robots.txt HTTP/1.0\r\n\r\n": 200,
		"GET http://localhost/robots.txt HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n":  200,
		"GET http://evil.example/robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n":                    421,
		"GET http://localhost/robots.txt HTTP/1.1\r\nHost: evil.example\r\n\r\n":                    421,
		"GET /robots.txt HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\n\r\n":     421,
		"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n":                 400,
		"POST /check HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n":                   421,
		"OPTIONS / HTTP/1.1\r\nHost: evil.example\r\n\r\n":                                          421,
		"OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n\r\n":                                          421,
		"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n":                    400,
		"GET /robots.txt HTTP/1.1\r\nHost:\r\n\r\n":                                                 400,
		"GET /robots.txt HTTP/1.1\r\n\r\n":                                                          400,
		"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n":                       421,
		"GET HTTPS://LOCALHOST/robots.txt HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n": 200,
		"GET http://localhost@evil.example/robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n":          400,
		"GET http://evil.example@localhost/robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n":          400,
		"GET http://@localhost/robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n":                      400,
		"GET http:///robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n":                                400,
		"GET http://?x HTTP/1.1\r\nHost: localhost\r\n\r\n":                                         400,
		"GET http://localhost?name=Ann HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n":    200,
		"GET http://localhost HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n":             200,
		"OPTIONS http://localhost?x HTTP/1.1\r\nHost: localhost\r\n\r\n":                            204,
		"GET http://evil.example?x HTTP/1.1\r\nHost: localhost\r\n\r\n":                             421,
		"GET http://localhost#x HTTP/1.1\r\nHost: localhost\r\n\r\n":                                400,
		"GET /robots.txt#x HTTP/1.1\r\nHost: localhost\r\n\r\n":                                     400,
		"GET ftp://localhost/robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n":                        400,
		"GET ws://localhost/chat/Eve HTTP/1.1\r\nHost: localhost\r\n\r\n":                           400,
		"GET evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n":                                   400,
	} {
		if response, said := sendRaw(t, w.Address(), request); response.StatusCode != status {
			t.Errorf("%q is answered with %s %.80q", request, response.Status, said)
		}
	}
}

// At home no setting is needed: people connect by address, by localhost, by the machine's
// name and by the names that routers give out, from browsers and from programs.
func TestPeopleConnectByEveryNameAtHome(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.Hosts = nil }))
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for i, host := range []string{"127.0.0.1:9090", "[::1]:9090", "localhost:9090", machine, "box", "nas.local", "nas.lan", "nas.home.arpa", "192.168.1.7"} {
		for j, origin := range []string{"", "http://" + host} {
			headers := handshake("Host", host)
			if origin != "" {
				headers = append(headers, "Origin", origin)
			}
			if response, said := w.Handshake(fmt.Sprintf("/chat/Ann%d-%d", i, j), headers...); response.StatusCode != 101 {
				t.Errorf("%s with origin %q is answered with %s %s", host, origin, response.Status, said)
			}
		}
	}
	if response, _ := w.Handshake("/chat/Eve", handshake("Host", "chat.example")...); response.StatusCode != 421 {
		t.Errorf("a domain that no setting names is answered with %s", response.Status)
	}
}

// The admin listener refuses browsers that use a name of the chat, and pages of other
// origins.
func TestTheAdminListenerAnswersToAddressesOnly(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) {
		c.Hosts, c.BaseURL = []string{"listed.example"}, "https://chat.example/"
	}))
	paths := []string{"/healthz", "/livez", "/readyz", "/readyz?verbose", "/version", "/metrics", "/debug/pprof/", "/debug/pprof/cmdline"}
	ask := func(path, headers string) int {
		response, _ := sendRaw(t, w.Ops(), "GET "+path+" HTTP/1.1\r\nConnection: close\r\n"+headers+"\r\n")
		return response.StatusCode
	}
	for _, path := range paths {
		for _, host := range []string{"127.0.0.1:9797", "10.1.2.3:9797", "[::1]:9797", "localhost:9797", "LOCALHOST."} {
			if got := ask(path, "Host: "+host+"\r\n"); got != 200 {
				t.Errorf("%s of %s is answered with %d", path, host, got)
			}
		}
		for _, host := range []string{"evil.example", "chat.example", "listed.example", "chatserver:9797", "nas.local", "chat.localhost", "chat.internal", "box"} {
			if got := ask(path, "Host: "+host+"\r\n"); got != 421 {
				t.Errorf("%s of %s is answered with %d", path, host, got)
			}
		}
		for headers, want := range map[string]int{
			"Origin: https://evil.example\r\n":                                          403,
			"Origin: null\r\n":                                                          403,
			"Origin: http://localhost:9090\r\n":                                         403,
			"Origin: http://localhost:9797\r\nOrigin: https://evil.example\r\n":         403,
			"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n":                 403,
			"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n":                403,
			"Origin: http://localhost:9797\r\nSec-Fetch-Site: same-origin\r\n":          200,
			"Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nAccept: text/html\r\n": 200,
		} {
			if got := ask(path, "Host: localhost:9797\r\n"+headers); got != want {
				t.Errorf("%s with %q is answered with %d", path, headers, got)
			}
		}
	}
	if response, _ := sendRaw(t, w.Ops(), "POST /seen HTTP/1.1\r\nHost: localhost:9797\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n"); response.StatusCode != 403 {
		t.Errorf("a page of another site creates a probe: %s", response.Status)
	}
}

// The log names each unknown host once, and stops before there are more than an operator can
// read.
func TestUnknownHostsAreLoggedOnce(t *testing.T) {
	var log strings.Builder
	w := worldWithHosts(t, &log)
	ask := func(host string) {
		t.Helper()
		if response, _ := sendRaw(t, w.Address(), "GET /robots.txt HTTP/1.1\r\nConnection: close\r\nHost: "+host+"\r\n\r\n"); response.StatusCode != 421 {
			t.Errorf("%s is answered with %s", host, response.Status)
		}
	}
	for _, host := range []string{"evil.example", "EVIL.example.", "evil.example:1", "evil.example:2"} {
		ask(host)
	}
	for i := range 100 {
		ask(fmt.Sprintf("evil%d.example", i))
	}
	w.Stop()
	said := log.String()
	if strings.Count(said, "host=evil.example ") != 1 || !strings.Contains(said, "--hosts") {
		t.Errorf("the log does not name the host and the setting once:\n%s", said)
	}
	if named, more := strings.Count(said, "unknown host refused"), strings.Count(said, "too many unknown hosts"); named != 32 || more != 1 {
		t.Errorf("the log names %d hosts, and says %d times that there are more", named, more)
	}
	w.Start()
}

// A browser gets a page with its styles, and without links that would be refused again.
func TestABrowserGetsAPageForAnUnknownHost(t *testing.T) {
	d := newSite(t, nil)
	response, body := d.get("/rooms/x", "Host", "evil.example", "Accept", browserAccept, "Sec-Fetch-Dest", "document")
	if response.StatusCode != 421 || !isErrorPage(response, body) || !strings.Contains(body, "--hosts") || strings.Contains(body, "join-again") || strings.Contains(body, "evil") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	sheet := strings.SplitN(strings.SplitN(body, `rel="stylesheet" href="`, 2)[1], `"`, 2)[0]
	if response, _ := d.get(sheet, "Host", "evil.example"); response.StatusCode != 200 {
		t.Errorf("%s is answered with %d", sheet, response.StatusCode)
	}
}

// If the server knows the scheme, a page of the other scheme is foreign: anybody on the
// network path can have changed a page that was sent without TLS.
func TestAPageOfTheOtherSchemeIsRefused(t *testing.T) {
	proxied := func(_ *chat.Options, o *handlers.Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")} // app.Test comes from 0.0.0.0
	}
	based := func(_ *chat.Options, o *handlers.Options) {
		o.Base, _ = url.Parse("https://chat.example")
	}
	for _, test := range []struct {
		change    func(*chat.Options, *handlers.Options)
		forwarded string
		host      string
		origin    string
		status    int
	}{
		{proxied, "https", "chat.example", "https://chat.example", 400}, // the origin is allowed, but the name is invalid
		{proxied, "https", "chat.example", "http://chat.example", 403},
		{proxied, "HTTPS", "chat.example", "http://chat.example:80", 403},
		{proxied, "http", "chat.example", "https://chat.example", 403},
		{proxied, "http", "chat.example", "http://chat.example", 400},
		{proxied, "https, http", "chat.example", "https://chat.example", 400}, // TLS ends at the outer of two proxies
		{proxied, "https,https", "chat.example", "http://chat.example", 403},
		{proxied, "wss", "chat.example", "https://chat.example", 400}, // Traefik
		{proxied, "wss", "chat.example", "http://chat.example", 403},
		{proxied, "ws", "chat.example", "https://chat.example", 403},
		{proxied, "", "chat.example", "https://chat.example", 400},
		{proxied, "nonsense", "chat.example", "http://chat.example", 400},
		{nil, "https", "chat.example", "http://chat.example", 400}, // no proxy is trusted
		{based, "", "chat.example", "https://chat.example", 400},
		{based, "", "chat.example", "http://chat.example", 403},
		{based, "", "127.0.0.1:9090", "http://127.0.0.1:9090", 400},
	} {
		d := newSite(t, test.change)
		response, said := d.get("/chat/a:b", handshake("Host", test.host, "Origin", test.origin, "X-Forwarded-Proto", test.forwarded)...)
		if response.StatusCode != test.status {
			t.Errorf("%+v is answered with %d %s", test, response.StatusCode, said)
		}
	}
}
