package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"chatserver/chattest"
)

// login is a proxy in front of the chat that requires a session of its own.
type login struct {
	*front
	pages *httptest.Server // the sign-in page, on another origin, as with single sign-on
	asks  http.HandlerFunc // answers requests without a session
}

const session = "proxy_session"

// newLogin returns a proxy that answers requests without a session in a given way.
func newLogin(t *testing.T, world *chattest.World, asks func(l *login, w http.ResponseWriter, r *http.Request)) *login {
	t.Helper()
	l := &login{front: newFront(t, world)}
	l.asks = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_signed-in" {
			http.SetCookie(w, &http.Cookie{Name: session, Value: "yes", Path: "/", HttpOnly: true})
			l.front.Answers(nil) // there is only one person: from now on everything is forwarded
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusSeeOther)
			return
		}
		asks(l, w, r)
	}
	l.pages = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.form(w, http.StatusOK, r.URL.Query().Get("to"))
	}))
	t.Cleanup(l.pages.Close)
	return l
}

// form is the sign-in page; it leads back to the original page.
func (l *login) form(w http.ResponseWriter, status int, to string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `<!doctype html><title>Company login</title><h1 data-testid="company">Company login</h1>
		<a data-testid="sign-in" href="`+l.URL+`/_signed-in?to=`+url.QueryEscape(to)+`">Sign in</a>`)
}

// Expires ends the session. Open WebSockets stay open, as with most proxies.
func (l *login) Expires() { l.front.Answers(l.asks) }

// A refusal of the server itself is no login of a proxy, whatever its status: the form shows the
// server's sentence. The same status from something else is a login.
func TestARefusalOfTheServerIsNoLogin(t *testing.T) {
	t.Parallel()
	const reason = "Too many requests from your address. Try again in a moment."
	for name, test := range map[string]struct {
		status int
		own    bool
		says   string
	}{
		"403 of the server":     {http.StatusForbidden, true, reason},
		"429 of the server":     {http.StatusTooManyRequests, true, reason},
		"403 of another":        {http.StatusForbidden, false, "Something else is answering instead of the server"},
		"429 of another":        {http.StatusTooManyRequests, false, "The server isn’t responding"},
		"a fault of the server": {http.StatusInternalServerError, true, "The server isn’t responding"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, browser := chattest.NewWorld(t), NewBrowser(t)
			browser.ExpectsOutages()
			browser.Expect("status of")
			front := newFront(t, world)
			ann := browser.Person()
			ann.Opens(front.URL)
			front.Answers(func(w http.ResponseWriter, _ *http.Request) {
				if test.own {
					w.Header().Set("Chatserver-Build", "1")
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, reason+"\n")
			})
			ann.Labelled("Name").MustInput("Ann")
			ann.Button("Connect").MustClick()
			ann.Shows("join", test.says)
			link := test.status == http.StatusForbidden && !test.own
			ann.Sees("the link to a login", `(link) => document.querySelector('[data-testid=form-login]').checkVisibility() === link`, link)
		})
	}
}

// The session at a proxy has expired. The page, which is shown from the cache, says that
// something else answers, leads to the sign-in page past the service worker, and returns
// to the room with everything that was written in the meantime.
func TestAnExpiredProxyLoginIsRenewed(t *testing.T) {
	t.Parallel()
	for name, asks := range map[string]func(l *login, w http.ResponseWriter, r *http.Request){
		"leads elsewhere": func(l *login, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, l.pages.URL+"/?to="+url.QueryEscape(l.URL+r.URL.RequestURI()), http.StatusFound)
		},
		"refuses scripts": func(l *login, w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.Header.Get("Accept"), "text/html") {
				http.Error(w, "no session", http.StatusUnauthorized)
				return
			}
			l.form(w, http.StatusForbidden, l.URL+r.URL.RequestURI())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, browser := chattest.NewWorld(t), NewBrowser(t)
			browser.ExpectsOutages()
			browser.Expect("status of")
			browser.Expect("Redirect")
			proxy := newLogin(t, world, asks)
			ann := browser.Person()
			ann.Size(360, 740)
			ann.Opens(proxy.URL + "/rooms/night-watch")
			ann.Keeps("/rooms/night-watch")
			ann.Connects("Ann", "")
			ann.Says("all quiet")
			ann.Hears("Ann: all quiet")
			ann.IsKept("/rooms/night-watch", "all quiet")
			ann.Sees("no link to a login", `() => !document.querySelector('[data-testid=banner-login]').checkVisibility()`)

			proxy.Expires()
			ann.Reloads()
			ann.Hears("Ann: all quiet")
			ann.Shows("banner", "Something else is answering instead of the server")
			ann.NoSideways()
			ann.Says("while nobody let her through")
			ann.Writes("while nobody let her through")
			ann.Labelled("Message").MustInput("half a sentence")
			ann.Shows("banner-login", "Sign in there")
			ann.Part("banner-login").MustClick()
			ann.Shows("company", "Company login")
			ann.Part("sign-in").MustClick()
			ann.Hears("Ann: all quiet", "Ann: while nobody let her through")
			ann.Shows("room-title", "Night watch")
			ann.Shows("status", "Connected")
			ann.Written("half a sentence")
			ann.Sees("the address of the room alone", `(address) => location.href === address`, proxy.URL+"/rooms/night-watch")
		})
	}
}

// People who have never been signed in find the link to the sign-in page on the first
// screen.
func TestTheFirstScreenLeadsToTheLoginOfAProxy(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	browser.Expect("status of")
	browser.Expect("Redirect")
	proxy := newLogin(t, world, func(l *login, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, l.pages.URL+"/?to="+url.QueryEscape(l.URL+r.URL.RequestURI()), http.StatusFound)
	})
	ann := browser.Person()
	ann.Opens(proxy.URL + "/rooms/night-watch")
	ann.Keeps("/rooms/night-watch")
	proxy.Expires()
	ann.Labelled("Name").MustInput("Ann")
	ann.Button("Connect").MustClick()
	ann.Shows("form-error", "Something else is answering instead of the server")
	ann.Shows("form-login", "Sign in there")
	ann.Part("form-login").MustClick()
	ann.Shows("company", "Company login")
	ann.Part("sign-in").MustClick()
	ann.Shows("join", "Join the chat")
	ann.Sees("the address of the room alone", `(address) => location.href === address`, proxy.URL+"/rooms/night-watch")
	ann.Connects("Ann", "")
	ann.Sees("no link to a login", `() => !document.querySelector('[data-testid=form-login]')?.checkVisibility()`)
}
