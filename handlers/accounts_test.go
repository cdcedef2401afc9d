package handlers_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chatserver/accounts"
	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/chattest/authenticator"
	"chatserver/config"
)

// passwordOf returns a file with a password.
func passwordOf(t *testing.T, password string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const secretOfAnn = "correct horse battery"

// newTeam starts a server with the owner Ann, the member Bob and the bot deploy.
func newTeam(t *testing.T, options ...chattest.Option) *chattest.World {
	t.Helper()
	w := chattest.NewWorld(t, options...)
	w.Operates("user", "add", "Ann", "--role", "owner", "--password-file", passwordOf(t, secretOfAnn))
	w.Operates("user", "add", "Bob", "--password-file", passwordOf(t, "the password of Bob"))
	w.Operates("user", "add", "deploy", "--role", "bot")
	knowsAccounts(t, w)
	return w
}

// knowsAccounts waits until a server knows of the accounts that another process made: it then
// shuts out a guest named Ann, and refuses the next one.
func knowsAccounts(t *testing.T, w *chattest.World) {
	t.Helper()
	if guest, _, err := w.TryConnect("Ann", "room=elsewhere", nil); err == nil { // where nobody hears her leave
		guest.IsClosed()
	}
	isRefused(t, w, http.StatusUnauthorized, "Ann", "", nil)
}

// browser is a browser with cookies, which does not follow redirects.
type browser struct {
	t      *testing.T
	world  *chattest.World
	client *http.Client
}

func newBrowser(t *testing.T, w *chattest.World) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, w, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// posts sends a form, with headers in pairs, and returns the status, the location or the
// sentence of the answer.
func (b *browser) posts(path string, form url.Values, headers ...string) (int, string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, b.world.URL(path), strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", b.world.URL(""))
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return b.does(request)
}

func (b *browser) gets(path string, headers ...string) (int, string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, b.world.URL(path), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return b.does(request)
}

func (b *browser) does(request *http.Request) (int, string) {
	b.t.Helper()
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	response, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if location := response.Header.Get("Location"); location != "" {
		return response.StatusCode, location
	}
	return response.StatusCode, strings.TrimSpace(string(body))
}

func (b *browser) signsIn(name, password string) (int, string) {
	b.t.Helper()
	return b.posts("/sign-in", url.Values{"name": {name}, "password": {password}})
}

// cookies returns the browser's cookies as a header.
func (b *browser) cookies() http.Header { return b.cookiesFor(b.world.URL("/")) }

func (b *browser) cookiesFor(site string) http.Header {
	b.t.Helper()
	at, err := url.Parse(site)
	if err != nil {
		b.t.Fatal(err)
	}
	var pairs []string
	for _, cookie := range b.client.Jar.Cookies(at) {
		pairs = append(pairs, cookie.String())
	}
	return http.Header{"Cookie": {strings.Join(pairs, "; ")}}
}

// browserOfDora is a browser in which Dora has been a guest.
func browserOfDora(t *testing.T, w *chattest.World) *browser {
	t.Helper()
	b := newBrowser(t, w)
	b.gets("/") // gives the guest key
	at, err := url.Parse(w.URL("/"))
	if err != nil {
		t.Fatal(err)
	}
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: "chat_page", Value: "name=Dora&zone=UTC"}})
	return b
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// enters connects to the lobby with credentials, or as a guest without any, and waits until it is
// there: the answer to a handshake comes earlier.
func enters(t *testing.T, w *chattest.World, name string, header http.Header) *chattest.Person {
	t.Helper()
	p, response, err := w.TryConnect(name, "", header)
	if err != nil {
		t.Fatalf("%s cannot connect: %v, %v", name, response, err)
	}
	p.Hears(name + " connected to chat")
	return p
}

// isRefused expects a status for a handshake.
func isRefused(t *testing.T, w *chattest.World, status int, name, query string, header http.Header) {
	t.Helper()
	p, response, err := w.TryConnect(name, query, header)
	if err == nil {
		p.Leaves()
		t.Errorf("%s connects with %v", name, header)
	} else if response == nil || response.StatusCode != status {
		t.Errorf("%s with %v is refused with %v, %v", name, header, response, err)
	}
}

// An account's name opens with its session or its token, in any form, and with nothing else; a
// guest enters as ever.
func TestAnAccountsNameOpensOnlyWithItsCredential(t *testing.T) {
	w := newTeam(t)
	ann := newBrowser(t, w)
	if status, to := ann.signsIn("ann", secretOfAnn); status != http.StatusSeeOther || to != "/" {
		t.Fatalf("Ann signs in: %d %s", status, to)
	}
	token := w.Operates("token", "create", "--user", "deploy", "--scopes", "read,write")
	basic := http.Header{}
	request := http.Request{Header: basic}
	request.SetBasicAuth("deploy", token)
	listener := enters(t, w, "guest", nil)
	a, d, e := enters(t, w, "Ann", ann.cookies()), enters(t, w, "deploy", bearer(token)), enters(t, w, "deploy", basic)
	listener.Hears("Ann connected to chat", "deploy connected to chat", "deploy connected to chat")
	a.Says("from a browser")
	listener.Hears("Ann: from a browser")
	d.Says("by Bearer")
	listener.Hears("deploy: by Bearer")
	e.Says("by Basic")
	listener.Hears("deploy: by Basic")
	for _, name := range []string{"Ann", "ANN", "deploy", "dep1oy"} {
		isRefused(t, w, http.StatusUnauthorized, name, "", nil)
	}
	isRefused(t, w, http.StatusForbidden, "Bob", "", ann.cookies())
	isRefused(t, w, http.StatusForbidden, "Ann", "", bearer(token))
	isRefused(t, w, http.StatusForbidden, "Carol", "", bearer(token))
	isRefused(t, w, http.StatusUnauthorized, "deploy", "", bearer(token[:len(token)-1]+"_"))
	isRefused(t, w, http.StatusUnauthorized, "deploy", "", bearer("not a token of ours"))
	enters(t, w, "Carol", nil)
}

// A proxy in front may have a password of its own, which browsers send to us as well: it is none
// of our business.
func TestTheCredentialsOfAProxyDoNotMatter(t *testing.T) {
	w := chattest.NewWorld(t)
	for _, header := range []string{"Basic dGVhbTpzZWNyZXQ=", "Bearer eyJhbGciOiJub25lIn0.e30.", "Digest username=\"team\"", "nonsense"} {
		enters(t, w, "Carol", http.Header{"Authorization": {header}}).Leaves()
	}
}

// A token opens the rooms and gives the rights that it was made for, and no others.
func TestATokenGivesWhatItsScopesAndRoomsDo(t *testing.T) {
	w := newTeam(t)
	for _, test := range []struct {
		scopes, rooms, room string
		status              int
		writes              bool
	}{
		{"read,write", "", "lobby", 0, true},
		{"read", "", "lobby", 0, false},
		{"write", "", "lobby", http.StatusForbidden, false},
		{"read,write", "tea", "tea", 0, true},
		{"read,write", "tea", "lobby", http.StatusNotFound, false},
	} {
		args := []string{"token", "create", "--user", "deploy", "--scopes", test.scopes}
		if test.rooms != "" {
			args = append(args, "--rooms", test.rooms)
		}
		token := w.Operates(args...)
		if test.status != 0 {
			isRefused(t, w, test.status, "deploy", "room="+test.room, bearer(token))
			continue
		}
		bot, _, err := w.TryConnect("deploy", "room="+test.room, bearer(token))
		if err != nil {
			t.Fatal(err)
		}
		bot.Hears("deploy connected to chat")
		bot.Says("hello")
		if test.writes {
			bot.Hears("deploy: hello")
			bot.Leaves()
		} else if code, reason, heard := bot.IsClosed(); code != 1008 || !strings.Contains(reason, "scope") || slices.Contains(heard, "deploy: hello") {
			t.Errorf("without the scope write: %d %q after %q", code, reason, heard)
		}
	}
}

// What ends a session or a token ends its connections within a second, and opens no others.
func TestWhatIsRevokedIsOut(t *testing.T) {
	for name, revoke := range map[string]func(t *testing.T, w *chattest.World, here, other *browser){
		"signed out": func(_ *testing.T, _ *chattest.World, here, _ *browser) { here.posts("/sign-out", nil) },
		"signed out elsewhere": func(_ *testing.T, _ *chattest.World, _, other *browser) {
			other.posts("/sessions/end-others", nil)
		},
		"password changed": func(t *testing.T, _ *chattest.World, _, other *browser) {
			if status, said := other.posts("/account/password", url.Values{"old": {secretOfAnn}, "password": {"another password"}}); status != http.StatusSeeOther {
				t.Errorf("the password: %d %s", status, said)
			}
		},
		"disabled by the operator": func(_ *testing.T, w *chattest.World, _, _ *browser) {
			w.Operates("user", "add", "Eve", "--role", "owner")
			w.Operates("user", "disable", "Ann")
		},
		"ended by the operator": func(_ *testing.T, w *chattest.World, _, _ *browser) {
			w.Operates("user", "sessions", "Ann", "--end-all")
		},
		"password reset by the operator": func(t *testing.T, w *chattest.World, _, _ *browser) {
			w.Operates("user", "passwd", "Ann", "--password-file", passwordOf(t, "another password"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTeam(t)
			here, other := newBrowser(t, w), newBrowser(t, w)
			here.signsIn("Ann", secretOfAnn)
			other.signsIn("Ann", secretOfAnn)
			ann, bystander := enters(t, w, "Ann", here.cookies()), enters(t, w, "guest", nil)
			revoke(t, w, here, other)
			if code, reason, _ := ann.IsClosed(); code != 1008 || reason != accounts.CloseSignedOut.Reason {
				t.Errorf("the connection closes with %d %q", code, reason)
			}
			isRefused(t, w, http.StatusUnauthorized, "Ann", "", here.cookies())
			bystander.Says("still here")
			bystander.Hears("Ann left the chat", "guest: still here")
		})
	}
}

func TestARevokedTokenIsOut(t *testing.T) {
	w := newTeam(t)
	token, other := w.Operates("token", "create", "--user", "deploy", "--scopes", "read,write"), w.Operates("token", "create", "--user", "deploy", "--scopes", "read,write")
	bot, goesOn := enters(t, w, "deploy", bearer(token)), enters(t, w, "deploy", bearer(other))
	id := strings.Fields(strings.Split(w.Operates("token", "list"), "\n")[1])[0]
	w.Operates("token", "revoke", id)
	if code, _, _ := bot.IsClosed(); code != 1008 {
		t.Errorf("the connection closes with %d", code)
	}
	isRefused(t, w, http.StatusUnauthorized, "deploy", "", bearer(token))
	goesOn.Says("another token goes on")
	goesOn.Hears("deploy left the chat", "deploy: another token goes on")
	if list := w.Operates("token", "list"); strings.Contains(list, token) || strings.Contains(list, other) || strings.Contains(list, id) {
		t.Errorf("the list shows\n%s", list)
	}
}

// A changed role applies to the next connection, and there is a next one at once.
func TestAChangedRoleEndsConnectionsThatHaveTheOldOne(t *testing.T) {
	w := newTeam(t)
	bob := newBrowser(t, w)
	bob.signsIn("Bob", "the password of Bob")
	connection := enters(t, w, "Bob", bob.cookies())
	w.Operates("user", "role", "Bob", "admin")
	if code, reason, _ := connection.IsClosed(); code != 1001 || reason != accounts.CloseChanged.Reason {
		t.Errorf("the connection closes with %d %q", code, reason)
	}
	enters(t, w, "Bob", bob.cookies())
}

// Guests whom a setting shuts out leave within a second, and accounts do not notice.
func TestGuestsLeaveWhenTheSettingSaysSo(t *testing.T) {
	for _, value := range []string{"never", "by-link"} {
		t.Run(value, func(t *testing.T) {
			w := newTeam(t)
			ann := newBrowser(t, w)
			ann.signsIn("Ann", secretOfAnn)
			member, guest := enters(t, w, "Ann", ann.cookies()), enters(t, w, "Carol", nil)
			guest.Says("a word for members")
			member.Hears("Carol connected to chat", "Carol: a word for members")
			w.Operates("settings", "set", "guests", value)
			if code, _, _ := guest.IsClosed(); code != 1008 {
				t.Errorf("the guest's connection closes with %d", code)
			}
			isRefused(t, w, http.StatusUnauthorized, "Carol", "", nil)
			member.Says("we are alone")
			member.Hears("Carol left the chat", "Ann: we are alone")
			stranger := newBrowser(t, w)
			for _, path := range []string{"/", "/rooms/lobby", "/rooms/tea", "/rooms/lobby/1"} {
				if status, said := stranger.gets(path, "Accept", "text/html", "Sec-Fetch-Dest", "document"); status != http.StatusUnauthorized || !strings.Contains(said, `name="next" value="`+path+`"`) || strings.Contains(said, "word for members") {
					t.Errorf("a stranger's browser opens %s: %d %.100s", path, status, said)
				}
				if status, said := stranger.gets(path); status != http.StatusUnauthorized || strings.Contains(said, "word for members") {
					t.Errorf("a stranger's program opens %s: %d %.100s", path, status, said)
				}
			}
			if status, said := ann.gets("/"); status != http.StatusOK || !strings.Contains(said, "word for members") {
				t.Errorf("Ann's page: %d", status)
			}
			w.Operates("settings", "set", "guests", "everywhere")
			eventually(t, "guests enter again", func() bool {
				p, _, err := w.TryConnect("Carol", "", nil)
				if err == nil {
					p.Leaves()
				}
				return err == nil
			})
		})
	}
}

// A guest who is there under the name of a new account loses it within a second.
func TestAGuestLosesTheNameThatAnAccountGets(t *testing.T) {
	w := newTeam(t)
	guest, other := enters(t, w, "Dora", nil), enters(t, w, "Carol", nil)
	w.Operates("user", "add", "dora")
	if code, reason, _ := guest.IsClosed(); code != 1008 || reason != accounts.CloseNameGone.Reason {
		t.Errorf("the guest's connection closes with %d %q", code, reason)
	}
	isRefused(t, w, http.StatusUnauthorized, "Dora", "", nil)
	other.Says("still here")
	other.Hears("Dora left the chat", "Carol: still here")
}

// The account then has the id of the guest whose tab is still connected.
func TestAGuestIsOutWhenTheirIDBecomesAnAccounts(t *testing.T) {
	w := newTeam(t)
	w.Operates("settings", "set", "sign-up", "open")
	b := browserOfDora(t, w)
	guest, other := enters(t, w, "Dora", b.cookies()), enters(t, w, "Carol", nil)
	eventually(t, "Dora signs up", func() bool {
		status, _ := b.posts("/sign-up", url.Values{"name": {"Edgar"}, "password": {"a password of Dora"}})
		return status == http.StatusSeeOther
	})
	if code, reason, _ := guest.IsClosed(); code != 1008 || reason != accounts.CloseNameGone.Reason {
		t.Errorf("the guest's connection closes with %d %q", code, reason)
	}
	other.Says("still here")
	other.Hears("Dora left the chat", "Carol: still here")
}

// The link claims the server once: of all who have it, one becomes the owner. Before that the
// chat is open, and the link of a former start is worth nothing.
func TestTheServerIsClaimedOnce(t *testing.T) {
	w := chattest.NewWorld(t)
	former := w.ClaimPath()
	w.Stop()
	w.Start()
	link := w.ClaimPath()
	if former == link || !strings.HasPrefix(link, "/claim/") || len(link) < 40 {
		t.Fatalf("the links are %s and %s", former, link)
	}
	claims := func(path, name string) (int, string) {
		return newBrowser(t, w).posts(path, url.Values{"name": {name}, "password": {"a password of " + name}})
	}
	for _, path := range []string{former, link[:len(link)-1], "/claim/x"} {
		if status, said := claims(path, "Eve"); status != http.StatusGone {
			t.Errorf("%s: %d %s", path, status, said)
		}
	}
	if status, said := newBrowser(t, w).posts("/sign-up", url.Values{"name": {"Eve"}, "password": {"a password of Eve"}}); status != http.StatusForbidden {
		t.Errorf("without a link: %d %s", status, said)
	}
	enters(t, w, "guest", nil)
	if status, said := claims(link, "Ann"); status != http.StatusSeeOther {
		t.Fatalf("the link: %d %s", status, said)
	}
	if status, said := claims(link, "Bob"); status != http.StatusGone {
		t.Errorf("the link again: %d %s", status, said)
	}
	if list := w.Operates("user", "list"); strings.Count(list, "\n") != 1 || !strings.Contains(list, "owner") {
		t.Errorf("the accounts are\n%s", list)
	}
	w.Stop()
	w.Start()
	if link := w.ClaimPath(); link != "" {
		t.Errorf("a claimed server offers %s", link)
	}
}

// A server that was killed could not end its link: the next start does.
func TestAStartEndsTheLinksOfEarlierOnes(t *testing.T) {
	w := chattest.NewWorld(t)
	ctx, a := context.Background(), w.Accounts()
	former, err := a.OfferClaim(ctx, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.OfferClaim(ctx, true); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Invitation(ctx, former.Secret); !errors.Is(err, accounts.ErrInvitation) {
		t.Errorf("the former link: %v", err)
	}
}

// A guest who signs up in the same browser goes on with what they wrote, and the next guest in
// that browser is somebody else.
func TestAGuestWhoSignsUpKeepsWhatTheyWrote(t *testing.T) {
	w := newTeam(t)
	w.Operates("settings", "set", "sign-up", "open")
	b := browserOfDora(t, w)
	asGuest := b.cookies()
	guest := enters(t, w, "Dora", asGuest)
	guest.Says("written by a guest")
	guest.Hears("Dora: written by a guest")
	guest.Leaves()
	eventually(t, "Dora signs up", func() bool {
		status, said := b.posts("/sign-up", url.Values{"name": {"dora.k"}, "password": {"a password of Dora"}})
		if status != http.StatusSeeOther && status != http.StatusForbidden { // until the setting is known
			t.Fatalf("%d %s", status, said)
		}
		return status == http.StatusSeeOther
	})
	author := w.Stored("lobby")[0].AuthorID
	if list := w.Operates("user", "list"); !strings.Contains(list, author) {
		t.Errorf("the author is %s, and the accounts are\n%s", author, list)
	}
	isRefused(t, w, http.StatusUnauthorized, "Dora", "", http.Header{"Cookie": {strings.Join(slices.DeleteFunc(strings.Split(asGuest.Get("Cookie"), "; "), func(pair string) bool { return strings.HasPrefix(pair, "chat_session") }), "; ")}})
	b.posts("/sign-out", nil)
	enters(t, w, "Dora", b.cookies()).Says("written by the next guest")
	eventually(t, "it is stored", func() bool { return len(w.Stored("lobby")) == 2 })
	if other := w.Stored("lobby")[1].AuthorID; other == author {
		t.Error("the next guest of the browser is the account")
	}
}

// Forms from pages of other sites change nothing, whatever they claim; programs may send them.
func TestAGuestWhoSignsUpWithAPasskeyKeepsWhatTheyWrote(t *testing.T) {
	w := newTeam(t)
	b := newBrowser(t, w)
	site := strings.Replace(w.URL(""), "127.0.0.1", "localhost", 1) // passkeys belong to a host name
	host := []string{"Host", strings.TrimPrefix(site, "http://"), "Origin", site}
	b.gets("/", host...)
	at, err := url.Parse(site)
	if err != nil {
		t.Fatal(err)
	}
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: "chat_page", Value: "name=Dora&zone=UTC"}})
	guest := enters(t, w, "Dora", b.cookiesFor(site))
	guest.Says("written by a guest")
	guest.Hears("Dora: written by a guest")
	guest.Leaves()
	link := strings.Fields(w.Operates("invite"))[0]
	path := "/sign-up/" + link[strings.LastIndex(link, "/")+1:] + "/passkey"
	status, said := b.posts(path+"/begin", url.Values{"name": {"dora.k"}}, host...)
	var ceremony struct {
		ID      string          `json:"id"`
		Options json.RawMessage `json:"options"`
	}
	if err := json.Unmarshal([]byte(said), &ceremony); err != nil {
		t.Fatalf("%d %s: %v", status, said, err)
	}
	key := authenticator.New(t)
	key.Origin, key.Site = site, "localhost"
	if status, said := b.posts(path, url.Values{"id": {ceremony.ID}, "credential": {string(key.Create(ceremony.Options))}}, host...); status != http.StatusOK {
		t.Fatalf("%d %s", status, said)
	}
	if author, list := w.Stored("lobby")[0].AuthorID, w.Operates("user", "list"); !strings.Contains(list, "dora.k") || !strings.Contains(list, author) {
		t.Errorf("the author is %s, and the accounts are\n%s", author, list)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	w := newTeam(t)
	form := url.Values{"name": {"Ann"}, "password": {secretOfAnn}}
	for _, test := range []struct {
		headers []string
		status  int
	}{
		{[]string{"Origin", "https://evil.example"}, http.StatusForbidden},
		{[]string{"Origin", "null"}, http.StatusForbidden},
		{[]string{"Origin", "http://" + w.Address() + ".evil.example"}, http.StatusForbidden},
		{[]string{"Origin", w.URL(""), "Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{[]string{"Origin", w.URL(""), "Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		{[]string{"Origin", w.URL(""), "Sec-Fetch-Site", "same-origin"}, http.StatusSeeOther},
		{[]string{"Origin", ""}, http.StatusForbidden},
		{nil, http.StatusSeeOther},
	} {
		if status, said := newBrowser(t, w).posts("/sign-in", form, test.headers...); status != test.status {
			t.Errorf("%q: %d %s", test.headers, status, said)
		}
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.URL("/sign-in"), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, said := newBrowser(t, w).does(request); status != http.StatusSeeOther {
		t.Errorf("a program: %d %s", status, said)
	}
}

// A browser is sent on only to a path of this chat.
func TestASignInLeadsNowhereElse(t *testing.T) {
	w := newTeam(t)
	for next, want := range map[string]string{
		"/rooms/tea?x=1": "/rooms/tea?x=1", "": "/", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "javascript:alert(1)": "/",
		"/a\nb": "/", "rooms/tea": "/", "/rooms/tea#x": "/rooms/tea#x",
	} {
		if status, to := newBrowser(t, w).posts("/sign-in", url.Values{"name": {"Ann"}, "password": {secretOfAnn}, "next": {next}}); status != http.StatusSeeOther || to != want {
			t.Errorf("%q leads to %d %q", next, status, to)
		}
	}
}

// The server alone makes the secret of a session, and a new one with each sign-in.
func TestASessionIsNeverTakenOverFromTheBrowser(t *testing.T) {
	w := newTeam(t)
	b := newBrowser(t, w)
	at, err := url.Parse(w.URL("/"))
	if err != nil {
		t.Fatal(err)
	}
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: "chat_session", Value: strings.Repeat("A", 43)}})
	planted := b.cookies()
	b.signsIn("Ann", secretOfAnn)
	first := b.cookies()
	isRefused(t, w, http.StatusUnauthorized, "Ann", "", planted)
	enters(t, w, "Ann", first).Leaves()
	b.signsIn("Ann", secretOfAnn)
	isRefused(t, w, http.StatusUnauthorized, "Ann", "", first)
	enters(t, w, "Ann", b.cookies()).Leaves()
}

// A wrong name, a wrong password, a disabled account and an account without a password are
// refused alike, and the eleventh try in three minutes is not looked at.
func TestWrongPasswordsAreAlikeAndLimited(t *testing.T) {
	w := newTeam(t, chattest.With(func(c *config.Config) { c.TrustedProxies = []string{"127.0.0.0/8"} }))
	w.Operates("user", "add", "Dis", "--password-file", passwordOf(t, "a password of Dis"))
	w.Operates("user", "disable", "Dis")
	b := newBrowser(t, w)
	for _, try := range [][2]string{{"Ann", "wrong password"}, {"Nobody", "wrong password"}, {"deploy", "wrong password"}, {"Dis", "a password of Dis"}, {"a:b", "wrong password"}, {"An n", secretOfAnn}} {
		if status, said := b.signsIn(try[0], try[1]); status != http.StatusUnauthorized || said != "Name or password is wrong." {
			t.Errorf("%s: %d %q", try[0], status, said)
		}
	}
	if status, said := b.signsIn("Ann", strings.Repeat("x", accounts.MaxPassword+1)); status != http.StatusBadRequest {
		t.Errorf("a password that is too long: %d %s", status, said)
	}
	from := func(address, name, password string) int {
		status, _ := b.posts("/sign-in", url.Values{"name": {name}, "password": {password}}, "X-Forwarded-For", address)
		return status
	}
	for n := range 10 {
		if status := from("203.0.113.7", "User "+string(rune('a'+n)), "wrong password"); status != http.StatusUnauthorized {
			t.Errorf("try %d from an address: %d", n, status)
		}
	}
	if status := from("203.0.113.7", "Bob", "the password of Bob"); status != http.StatusTooManyRequests {
		t.Errorf("the eleventh try of an address: %d", status)
	}
	if status := from("203.0.113.8", "Bob", "the password of Bob"); status != http.StatusSeeOther {
		t.Errorf("another address: %d", status)
	}
	for n := range 10 {
		if status := from("203.0.114."+string(rune('1'+n%9)), "Bob", "wrong password"); status != http.StatusUnauthorized {
			t.Errorf("try %d of an account: %d", n, status)
		}
	}
	if status := from("203.0.115.1", "Bob", "the password of Bob"); status != http.StatusTooManyRequests {
		t.Errorf("the eleventh try of an account: %d", status)
	}
	if status := from("203.0.115.1", "Ann", secretOfAnn); status != http.StatusSeeOther {
		t.Errorf("another account: %d", status)
	}
}

// A right that ends between the handshake and the moment at which the connection has entered
// does not survive in it.
func TestARightThatEndsDuringTheHandshakeIsOut(t *testing.T) {
	w := newTeam(t)
	ctx, a := context.Background(), w.Accounts()
	if _, err := a.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	token := w.Operates("token", "create", "--user", "deploy", "--scopes", "read")
	actor, err := a.AuthenticateToken(ctx, accounts.Secret(token), chat.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	then := a.State().Changes
	if err := a.Recheck(ctx, actor, then); err != nil {
		t.Errorf("before anything has changed: %v", err)
	}
	if err := a.RevokeToken(ctx, chat.Operator(), actor.Credential.ID, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	var close chat.Close
	if err := a.Recheck(ctx, actor, then); !errors.As(err, &close) || close != accounts.CloseSignedOut {
		t.Errorf("after it was revoked: %v", err)
	}
}

// A guest who is shut out during the handshake is told why.
func TestAGuestWhoIsShutOutDuringTheHandshakeIsToldWhy(t *testing.T) {
	w := newTeam(t)
	ctx, a := context.Background(), w.Accounts()
	dora, err := chat.NewUser("Dora", 0, "")
	if err != nil {
		t.Fatal(err)
	}
	guest, then := chat.GuestAt(dora, netip.Addr{}), a.State().Changes
	for _, step := range []struct {
		command []string
		want    chat.Close
	}{
		{[]string{"user", "add", "dora"}, accounts.CloseNameGone},
		{[]string{"settings", "set", "guests", "never"}, accounts.CloseNoGuests},
	} {
		w.Operates(step.command...)
		if _, err := a.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		var close chat.Close
		if err := a.Recheck(ctx, guest, then); !errors.As(err, &close) || close != step.want {
			t.Errorf("after %q: %v", step.command, err)
		}
	}
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for began := time.Now(); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > chattest.Patience {
			t.Fatalf("not after %v: %s", chattest.Patience, what)
		}
	}
}
