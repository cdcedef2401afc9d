package handlers_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/chatv1"
	"chatserver/cluster"
	"chatserver/config"
	"chatserver/handlers"
	"chatserver/handlers/socket"
	"chatserver/node"
	"chatserver/static"
	"chatserver/store"
)

// site is a chat on a real store, whose routes are called through app.Test.
type site struct {
	t      *testing.T
	server *handlers.Server
	chat   *chat.Chat
	db     *store.DB
}

func newSite(t *testing.T, change func(*chat.Options, *handlers.Options)) *site {
	t.Helper()
	return siteOn(t, func(db chat.Store) chat.Store { return db }, change)
}

// siteOn returns a site on a store that wraps the real one.
func siteOn(t *testing.T, wrap func(chat.Store) chat.Store, change func(*chat.Options, *handlers.Options)) *site {
	t.Helper()
	db, err := store.OpenSQLite(context.Background(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	shortIDs := chatv1.NewShortIDs([]byte("a secret"))
	rules, options := chat.Options{Log: log}, handlers.Options{Hosts: []string{"chat.example", "team.example", "example.com"}, OpsHosts: []string{"chat.example", "example.com"}, MaxText: 8192, Version: "v1.2.3", Log: log, ShortIDs: shortIDs}
	if change != nil {
		change(&rules, &options)
	}
	d := &site{t: t, db: db, chat: node.Start(wrap(db), socket.Frames(shortIDs), cluster.Alone(), rules)}
	d.server = handlers.New(d.chat, options)
	t.Cleanup(func() {
		if err := d.chat.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// get sends a request to an app, with headers in pairs, and returns the response and its
// body.
func get(t *testing.T, app *fiber.App, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Host, request.RequestURI = "chat.example:9090", path // as it is, valid or not
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := app.Test(request, 10_000)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func (d *site) get(path string, headers ...string) (*http.Response, string) {
	d.t.Helper()
	return get(d.t, d.server.Public(), path, headers...)
}

// nobody is the socket of a connection that does nothing.
type nobody struct{ chat.Socket }

func (nobody) Close(chat.Close) {}
func (nobody) CheckIdle()       {}

// handshake returns the headers of a browser's handshake and those that a test adds.
func handshake(extra ...string) []string {
	return append([]string{
		"Connection", "Upgrade", "Upgrade", "websocket",
		"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
	}, extra...)
}

func TestThePageIsServed(t *testing.T) {
	d := newSite(t, nil)
	response, body := d.get("/")
	if response.StatusCode != 200 || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		t.Fatalf("got %d %s", response.StatusCode, response.Header.Get("Content-Type"))
	}
	for _, word := range []string{">Name<", "(optional)", "Connect", "Disconnect", "Message", "Send", "Clear", static.Hash(), "chat.example:9090"} {
		if !strings.Contains(body, word) {
			t.Errorf("the page has no %q", word)
		}
	}
	cookie := response.Header.Get("Set-Cookie")
	if !regexp.MustCompile(`^chat_guest=[0-9a-f]{32};.*HttpOnly; SameSite=Lax$`).MatchString(cookie) {
		t.Errorf("the guest's key is set as %q", cookie)
	}
	response, _ = d.get("/", "Cookie", strings.Split(cookie, ";")[0])
	if again := response.Header.Get("Set-Cookie"); again != "" {
		t.Errorf("a guest with a key gets another: %q", again)
	}
}

func TestTheRoomOfTheURLIsShown(t *testing.T) {
	d := newSite(t, nil)
	if _, body := d.get("/rooms/night-watch"); !strings.Contains(body, "Night watch") || !strings.Contains(body, "/rooms/night-watch") {
		t.Error("the page does not show the room")
	}
	if response, body := d.get("/rooms/a%20b"); response.StatusCode != 400 || !strings.Contains(body, "A room's name has") {
		t.Errorf("a room that cannot be: %d %s", response.StatusCode, body)
	}
}

// The page loads nothing from other hosts and has no inline scripts or styles, so it works
// under a strict policy without exceptions.
func TestThePageNeedsNoExceptionFromThePolicy(t *testing.T) {
	d := newSite(t, nil)
	response, body := d.get("/?name=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&age=%3Cimg+src=x+onerror=alert(1)%3E")
	for header, want := range map[string]string{
		"Content-Security-Policy": "script-src 'self'; style-src 'self' 'sha256-", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
	} {
		if got := response.Header.Get(header); !strings.Contains(got, want) || strings.Contains(got, "unsafe") {
			t.Errorf("%s: %q", header, got)
		}
	}
	if strings.Contains(body, "<script>alert") || strings.Contains(body, "<img src=x") {
		t.Error("what was entered became markup")
	}
	body = regexp.MustCompile(`(value|class)="[^"]*"`).ReplaceAllString(body, "")
	body = regexp.MustCompile(`<script type="application/json" id="words">[^<]*</script>`).ReplaceAllString(body, "") // data, which is not run
	for what, pattern := range map[string]string{
		"a script of its own":      `<script(>| [^>]*[^"]>)|<script[^>]*>[^<]`,
		"a style of its own":       `<style|<[^>]+ style=`,
		"a handler in the markup":  `<[^>]+ on[a-z]+=`,
		"something from elsewhere": `(src|href)="(https?:)?//`,
	} {
		if found := regexp.MustCompile(pattern).FindString(body); found != "" {
			t.Errorf("the page has %s: %q", what, found)
		}
	}
}

func TestAnInvalidNameIsShownAtTheField(t *testing.T) {
	d := newSite(t, nil)
	_, body := d.get("/?name=a%2Fb&age=300")
	for _, sentence := range []string{"A name cannot contain the characters", "An age is a whole number from 1 to 199."} {
		if !strings.Contains(body, sentence) {
			t.Errorf("the page does not say %q", sentence)
		}
	}
	if !strings.Contains(body, `value="a/b"`) || !strings.Contains(body, `value="300"`) {
		t.Error("what was entered is lost")
	}
	if _, body := d.get("/?name=Ann&age=25"); strings.Contains(body, "A name cannot") || !strings.Contains(body, `value="Ann"`) {
		t.Error("a right name is not filled in, or found wrong")
	}
}

func TestThePageCanCheckANameBeforeConnecting(t *testing.T) {
	d := newSite(t, nil)
	check := func(query string) (name string, errors map[string]string) {
		response, body := d.get("/check?" + query)
		var answer struct {
			Name   string
			Errors map[string]string
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil || response.StatusCode != 200 {
			t.Fatalf("%d %s: %v", response.StatusCode, body, err)
		}
		return answer.Name, answer.Errors
	}
	if name, errors := check("name=%20Ann%20%20Lee&age=25&room=lobby"); name != "Ann Lee" || len(errors) != 0 {
		t.Errorf("got %q, %v", name, errors)
	}
	if _, errors := check("name=&age=x&room=a+b"); errors["name"] != "Enter a name." || errors["age"] == "" || errors["room"] == "" {
		t.Errorf("got %v", errors)
	}
	ann, err := chat.NewUser("ANN", 0, "another key")
	if err != nil {
		t.Fatal(err)
	}
	there := &chat.Connection{Actor: chat.GuestAt(ann, netip.Addr{}), Socket: nobody{}}
	if err := d.chat.Enter(there); err != nil {
		t.Fatal(err)
	}
	if _, errors := check("name=Ann"); !strings.Contains(errors["name"], "is already in use") {
		t.Errorf("a taken name: %v", errors)
	}
	there.Left = true
	d.chat.Exit(there)
	if _, errors := check("name=Ann"); len(errors) != 0 {
		t.Errorf("a name that is free again: %v", errors)
	}
}

func TestStaticFilesAreCachedUnderTheirHash(t *testing.T) {
	d := newSite(t, nil)
	for path, want := range map[string]string{"css/tokens.css": "text/css", "js/app.js": "text/javascript", "icons/favicon.svg": "image/svg+xml"} {
		response, body := d.get("/static/" + static.Hash() + "/" + path)
		if response.StatusCode != 200 || body == "" || !strings.HasPrefix(response.Header.Get("Content-Type"), want) ||
			!strings.Contains(response.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %v", path, response.StatusCode, response.Header)
		}
	}
	if response, _ := d.get("/static/000000000000/js/app.js"); response.StatusCode != 200 || response.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("a page from before an upgrade gets %d, %v", response.StatusCode, response.Header)
	}
	for _, path := range []string{"nope.css", "../static.go", "..%2Fstatic.go", "%2e%2e/static.go", "/etc/passwd", "", "css", `..\static.go`} {
		if response, _ := d.get("/static/" + static.Hash() + "/" + path); response.StatusCode != 404 {
			t.Errorf("%q: %d", path, response.StatusCode)
		}
	}
}

func TestABrowserIsRedirectedToThePage(t *testing.T) {
	d := newSite(t, nil)
	for path, want := range map[string]string{
		"/chat/Ann":                           "/?name=Ann",
		"/chat/Ann%20Lee?age=25":              "/?age=25&name=Ann+Lee",
		"/chat/Ann?room=night-watch":          "/rooms/night-watch?name=Ann",
		"/chat/a%2Fb":                         "/?name=a%2Fb",
		"/chat/%zz":                           "/",
		"/chat/":                              "/",
		"/chat":                               "/",
		"/chat/Ann?room=%2F%2Fevil.example":   "/rooms/%2F%2Fevil.example?name=Ann",
		"/chat/Ann?age=1%0d%0aSet-Cookie:x=y": "/?age=1%0D%0ASet-Cookie%3Ax%3Dy&name=Ann",
	} {
		response, _ := d.get(path, "Accept", "text/html,application/xhtml+xml")
		if got := response.Header.Get("Location"); response.StatusCode != 303 || got != want {
			t.Errorf("%s leads to %d %q instead of %q", path, response.StatusCode, got, want)
		}
	}
}

func TestOtherRequestsWithoutAnUpgradeGet426(t *testing.T) {
	d := newSite(t, nil)
	for _, headers := range [][]string{nil, {"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Connection", "Upgrade", "Upgrade", "h2c"}} {
		response, body := d.get("/chat/Ann", headers...)
		if response.StatusCode != 426 || response.Header.Get("Upgrade") != "websocket" || !strings.Contains(body, "ws://") {
			t.Errorf("%v: %d %v %s", headers, response.StatusCode, response.Header, body)
		}
	}
}

func TestAHandshakeIsAnswered(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.Origins = []string{"https://team.example"} }))
	for name, extra := range map[string][]string{
		"a program":                      {"Host", "chat.example:9090"},
		"a page of ours":                 {"Host", "chat.example:9090", "Origin", "http://chat.example:9090"},
		"behind a TLS proxy":             {"Host", "chat.example", "Origin", "https://chat.example"},
		"a default port written":         {"Host", "chat.example:443", "Origin", "https://chat.example"},
		"a listed origin":                {"Host", "chat.example", "Origin", "https://team.example"},
		"a listed one, in capitals":      {"Host", "chat.example", "Origin", "https://TEAM.example"},
		"our host in capitals":           {"Host", "chat.example:9090", "Origin", "http://CHAT.Example:9090"},
		"the default port of the page":   {"Host", "chat.example", "Origin", "http://chat.example:80"},
		"a host with a dot at its end":   {"Host", "chat.example.:9090", "Origin", "http://chat.example.:9090"},
		"an IPv6 address":                {"Host", "[::1]:9090", "Origin", "http://[::1]:9090"},
		"an IPv6 address without a port": {"Host", "[2001:db8::80]", "Origin", "http://[2001:db8::80]"},
	} {
		response, body := w.Handshake("/chat/Ann", handshake(extra...)...)
		if response.StatusCode != 101 || response.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
			t.Errorf("%s: %d %s", name, response.StatusCode, body)
		}
	}
	if response, _ := w.Handshake("/chat/Ann", handshake("Host", "chat.example", "Origin", "http://team.example")...); response.StatusCode != 403 {
		t.Errorf("a listed host under another scheme: %d", response.StatusCode)
	}
}

// without returns a handshake that lacks a header.
func without(name string, extra ...string) []string {
	var headers []string
	all := handshake()
	for i := 0; i < len(all); i += 2 {
		if all[i] != name {
			headers = append(headers, all[i], all[i+1])
		}
	}
	return append(headers, extra...)
}

func TestRefusedBeforeTheUpgrade(t *testing.T) {
	d := newSite(t, nil)
	for _, test := range []struct {
		what    string
		path    string
		headers []string
		status  int
		says    string
	}{
		{"no name", "/chat/", handshake(), 400, "Enter a name."},
		{"a blank name", "/chat/%20", handshake(), 400, "Enter a name."},
		{"a name with a colon", "/chat/Ann%3A%20hi", handshake(), 400, "cannot contain the characters"},
		{"a name with a path", "/chat/..%2Fetc", handshake(), 400, "cannot contain the characters"},
		{"a name with a line break", "/chat/Ann%0AEve", handshake(), 400, "control characters"},
		{"a name with a NUL", "/chat/Ann%00", handshake(), 400, "control characters"},
		{"a name that is not UTF-8", "/chat/%FF", handshake(), 400, "UTF-8"},
		{"a name with a bidi override", "/chat/Ann%E2%80%AE", handshake(), 400, "direction"},
		{"a name that is too long", "/chat/" + strings.Repeat("a", 33), handshake(), 400, "at most 32 characters; this one has 33"},
		{"a broken escape", "/chat/%zz", handshake(), 400, "broken % escape"},
		{"an age of zero", "/chat/Ann?age=0", handshake(), 400, "An age is a whole number"},
		{"an age in words", "/chat/Ann?age=old", handshake(), 400, "An age is a whole number"},
		{"two ages", "/chat/Ann?age=1&age=2", handshake(), 400, "Give age once"},
		{"a room that cannot be", "/chat/Ann?room=a/b", handshake(), 400, "A room's name has"},
		{"two rooms", "/chat/Ann?room=a&room=b", handshake(), 400, "Give room once"},
		{"too much history", "/chat/Ann?history=101", handshake(), 400, "from 0 to 100"},
		{"a negative history", "/chat/Ann?history=-1", handshake(), 400, "from 0 to 100"},
		{"a history in words", "/chat/Ann?history=all", handshake(), 400, "from 0 to 100"},
		{"a foreign page", "/chat/Ann", handshake("Origin", "http://evil.example"), 403, "may not open a connection"},
		{"a page without an origin", "/chat/Ann", handshake("Origin", "null"), 403, "may not open"},
		{"a look-alike before", "/chat/Ann", handshake("Origin", "http://evilchat.example:9090"), 403, "may not open"},
		{"a look-alike behind", "/chat/Ann", handshake("Origin", "http://chat.example:9090.evil.example"), 403, "may not open"},
		{"a user before the host", "/chat/Ann", handshake("Origin", "http://chat.example:9090@evil.example"), 403, "may not open"},
		{"our name as a user", "/chat/Ann", handshake("Origin", "http://evil@chat.example:9090"), 403, "may not open"},
		{"another port", "/chat/Ann", handshake("Origin", "http://chat.example:9091"), 403, "may not open"},
		{"another scheme's port", "/chat/Ann", handshake("Origin", "https://chat.example", "Host", "chat.example:80"), 403, "may not open"},
		{"a scheme of its own", "/chat/Ann", handshake("Origin", "ftp://chat.example:9090"), 403, "may not open"},
		{"a dot behind the host", "/chat/Ann", handshake("Origin", "http://chat.example.:9090"), 403, "may not open"},
		{"a scheme in capitals, as no browser writes it", "/chat/Ann", handshake("Origin", "HTTP://chat.example:9090"), 403, "may not open"},
		{"another IPv6 address", "/chat/Ann", handshake("Host", "[::1]:9090", "Origin", "http://[::2]:9090"), 403, "may not open"},
		{"an IPv6 address with a zone", "/chat/Ann", handshake("Host", "[::1]:9090", "Origin", "http://[::1%25eth0]:9090"), 403, "may not open"},
		{"IPv4 written as IPv6", "/chat/Ann", handshake("Host", "127.0.0.1:9090", "Origin", "http://[::ffff:127.0.0.1]:9090"), 403, "may not open"},
		{"no port where ours is none of the defaults", "/chat/Ann", handshake("Origin", "http://chat.example"), 403, "may not open"},
		{"the default port of HTTP, where ours is that of TLS", "/chat/Ann", handshake("Host", "chat.example:443", "Origin", "http://chat.example"), 403, "may not open"},
		{"a path", "/chat/Ann", handshake("Origin", "http://chat.example:9090/"), 403, "may not open"},
		{"an origin and another in one line", "/chat/Ann", handshake("Origin", "http://chat.example:9090 http://evil.example"), 403, "may not open"},
		{"a page without any host", "/chat/Ann", handshake("Origin", "http://"), 403, "may not open"},
		{"an empty origin", "/chat/Ann", handshake("Origin", ""), 403, "may not open"},
		{"an extension of the browser", "/chat/Ann", handshake("Origin", "chrome-extension://abcdef"), 403, "may not open"},
		{"a file", "/chat/Ann", handshake("Origin", "file://"), 403, "may not open"},
		{"a backslash", "/chat/Ann", handshake("Origin", "http://chat.example:9090\\@evil.example"), 403, "may not open"},
		{"two origins", "/chat/Ann", handshake("Origin", "http://chat.example:9090", "Origin", "http://evil.example"), 403, "may not open"},
		{"an unknown subprotocol", "/chat/Ann", handshake("Sec-WebSocket-Protocol", "mqtt"), 400, "subprotocol"},
		{"no version", "/chat/Ann", without("Sec-WebSocket-Version"), 426, "version 13"},
		{"an old version", "/chat/Ann", without("Sec-WebSocket-Version", "Sec-WebSocket-Version", "8"), 426, "version 13"},
		{"no key", "/chat/Ann", without("Sec-WebSocket-Key"), 400, "exactly one"},
		{"a short key", "/chat/Ann", without("Sec-WebSocket-Key", "Sec-WebSocket-Key", "dG9vIHNob3J0"), 400, "16 bytes"},
		{"a key that is no base64", "/chat/Ann", without("Sec-WebSocket-Key", "Sec-WebSocket-Key", "!!!!!!!!!!!!!!!!!!!!!!=="), 400, "16 bytes"},
		{"two keys", "/chat/Ann", handshake("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), 400, "exactly one"},
	} {
		response, body := d.get(test.path, test.headers...)
		if response.StatusCode != test.status || !strings.Contains(body, test.says) || strings.Count(body, "\n") != 1 {
			t.Errorf("%s: %d %q, want %d and %q", test.what, response.StatusCode, body, test.status, test.says)
		}
		if test.status == 426 && response.Header.Get("Sec-WebSocket-Version") != "13" {
			t.Errorf("%s: the version is not named", test.what)
		}
	}
	if d.chat.Connections() != 0 {
		t.Errorf("%d connections were counted", d.chat.Connections())
	}
}

func TestATakenNameIsRefused(t *testing.T) {
	d := newSite(t, nil)
	ann, err := chat.NewUser("Ann", 0, "0123456789abcdef0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	there := &chat.Connection{Actor: chat.GuestAt(ann, netip.Addr{}), Socket: nobody{}}
	if err := d.chat.Enter(there); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/chat/Ann", "/chat/ANN", "/chat/%20ann%20", "/chat/%EF%BC%A1nn"} {
		if response, body := d.get(path, handshake()...); response.StatusCode != 409 || !strings.Contains(body, "choose another name") {
			t.Errorf("%s: %d %s", path, response.StatusCode, body)
		}
	}
	if response, _ := d.get("/chat/Ann", handshake("Cookie", "chat_guest=ffffffffffffffffffffffffffffffff")...); response.StatusCode != 409 {
		t.Errorf("with another key: %d", response.StatusCode)
	}
	d.chat.Exit(there)
}

func TestAFullServerRefusesConnections(t *testing.T) {
	d := newSite(t, func(rules *chat.Options, _ *handlers.Options) { rules.MaxConnections = 1 })
	there := &chat.Connection{Socket: nobody{}}
	if err := d.chat.Enter(there); err != nil {
		t.Fatal(err)
	}
	if response, body := d.get("/chat/Ann", handshake()...); response.StatusCode != 503 || response.Header.Get("Retry-After") == "" || !strings.Contains(body, "full") {
		t.Errorf("%d %v %s", response.StatusCode, response.Header, body)
	}
	d.chat.Exit(there)
}

func TestAStoppingServerRefusesConnections(t *testing.T) {
	d := newSite(t, nil)
	if response, _ := d.get("/healthz"); response.StatusCode != 200 {
		t.Errorf("healthz before: %d", response.StatusCode)
	}
	d.chat.BeginStop()
	for _, path := range []string{"/chat/Ann", "/healthz"} {
		if response, body := d.get(path, handshake()...); response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", path, response.StatusCode, body)
		}
	}
}

// While memory is short, new connections are refused, and the health checks tell load
// balancers and operators why.
func TestMemoryPressureRefusesConnections(t *testing.T) {
	d := newSite(t, nil)
	before := debug.SetMemoryLimit(1 << 20) // this test's process uses more already
	defer debug.SetMemoryLimit(before)
	if response, body := d.get("/chat/Ann", handshake()...); response.StatusCode != 503 || !strings.Contains(body, "memory") {
		t.Fatalf("memory is not short: %d %s", response.StatusCode, body)
	}
	if response, _ := d.get("/healthz"); response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
		t.Errorf("/healthz answers %d", response.StatusCode)
	}
	want := "[+] newcomers ok\n[-] memory: memory is short\n[+] store ok\n"
	if response, body := get(t, d.server.Ops(), "/readyz?verbose"); response.StatusCode != 503 || body != want {
		t.Errorf("/readyz answers %d %s", response.StatusCode, body)
	}
	if response, _ := get(t, d.server.Ops(), "/livez"); response.StatusCode != 200 {
		t.Errorf("/livez answers %d, so the server would be restarted", response.StatusCode)
	}
	debug.SetMemoryLimit(before)
	for deadline := time.Now().Add(chattest.Patience); ; {
		response, body := get(t, d.server.Ops(), "/readyz?verbose")
		if response.StatusCode == 200 && body == "[+] newcomers ok\n[+] memory ok\n[+] store ok\n" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("with enough memory again /readyz answers %d %s", response.StatusCode, body)
		}
	}
}

func TestAdminRoutesAreNotPublic(t *testing.T) {
	d := newSite(t, nil)
	for path, says := range map[string]string{"/livez": "ok", "/readyz": "ok", "/healthz": "ok", "/version": "v1.2.3", "/debug/pprof/": "goroutine"} {
		if response, body := get(t, d.server.Ops(), path); response.StatusCode != 200 || !strings.Contains(body, says) {
			t.Errorf("operators get %d from %s: %s", response.StatusCode, path, body)
		}
		if response, _ := d.get(path); path != "/healthz" && response.StatusCode != 404 {
			t.Errorf("everybody gets %d from %s", response.StatusCode, path)
		}
	}
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	d := newSite(t, nil)
	response, body := d.get("/nope", "Accept", "text/html")
	if response.StatusCode != 404 || !strings.Contains(body, `The chat is at <bdi translate="no">/</bdi>.`) || !strings.Contains(body, `href="/"`) || response.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("a browser gets %d %s", response.StatusCode, body)
	}
	if response, body := d.get("/nope"); response.StatusCode != 404 || !strings.Contains(body, "The chat is at /.") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	request := httptest.NewRequest(http.MethodPost, "/chat/Ann", nil)
	response, err := d.server.Public().Test(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != 405 {
		t.Errorf("a POST gets %d", response.StatusCode)
	}
}

// Anybody may check the server's health; frequent checks must not keep the store from
// working.
func TestHealthChecksAreCheap(t *testing.T) {
	log := &strings.Builder{}
	d := newSite(t, func(_ *chat.Options, o *handlers.Options) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
	if response, _ := d.get("/healthz"); response.StatusCode != 200 {
		t.Fatalf("healthz: %d", response.StatusCode)
	}
	if err := d.db.Close(); err != nil { // from now on each check of the store fails
		t.Fatal(err)
	}
	if response, _ := d.get("/healthz"); response.StatusCode != 200 {
		t.Errorf("a second check within a second reached the store")
	}
	for deadline := time.Now().Add(chattest.Patience); ; {
		if response, body := d.get("/healthz"); response.StatusCode == 503 && strings.Contains(body, "temporarily unavailable") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the broken store is never noticed")
		}
	}
	if !strings.Contains(log.String(), "not ready") {
		t.Error("the log does not say why")
	}
}
