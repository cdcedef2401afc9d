package request

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/accounts"
)

const (
	// sessionCookie holds the secret of a browser's session.
	sessionCookie = "chat_session"
	// sessionDays is how long a browser keeps the cookie; the server ends the session earlier,
	// see accounts.SessionIdle. Chrome keeps no cookie for longer.
	sessionDays = 400
)

// sessionName returns the only name under which the session of a request is accepted. Over
// HTTPS it has the prefix with which no other host, and no page without TLS, can set it.
func (s *Site) sessionName(c *fiber.Ctx) string {
	if s.Scheme(c) == "https" {
		return s.Base.Cookies(sessionCookie)[0]
	}
	return s.Base.cookie(sessionCookie)
}

// Session returns the secret of the browser's session, or "".
func (s *Site) Session(c *fiber.Ctx) accounts.Secret {
	return accounts.Secret(strings.Clone(c.Cookies(s.sessionName(c))))
}

// SetSession gives a browser the secret of its new session, or with "" removes the cookie.
func (s *Site) SetSession(c *fiber.Ctx, secret accounts.Secret) {
	cookie := &fiber.Cookie{
		Name: s.sessionName(c), Value: string(secret), Path: s.Base.At("/"), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: s.Scheme(c) == "https", Expires: time.Now().AddDate(0, 0, sessionDays),
	}
	if secret == "" {
		cookie.Expires = time.Unix(0, 0)
	}
	c.Cookie(cookie)
}

// flowCookie holds the secret that binds what a browser begins to it: see accounts.Flow.
const flowCookie = "chat_flow"

func (s *Site) flowName(c *fiber.Ctx) string {
	if s.Scheme(c) == "https" {
		return s.Base.Cookies(flowCookie)[0]
	}
	return s.Base.cookie(flowCookie)
}

func (s *Site) browser(c *fiber.Ctx) accounts.Secret {
	return accounts.Secret(strings.Clone(c.Cookies(s.flowName(c))))
}

// BeginFlow returns where a request comes from that begins a flow, and gives the browser the
// cookie that finishes it. Tabs of one browser share the cookie.
func (s *Site) BeginFlow(c *fiber.Ctx) accounts.Client {
	client := s.Client(c)
	if client.Browser == "" {
		client.Browser = accounts.NewBrowser()
	}
	c.Cookie(&fiber.Cookie{
		Name: s.flowName(c), Value: string(client.Browser), Path: s.Base.At("/"), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: s.Scheme(c) == "https", Expires: time.Now().Add(accounts.FlowAge),
	})
	return client
}

// Client returns where a request to sign in comes from.
func (s *Site) Client(c *fiber.Ctx) accounts.Client {
	return accounts.Client{
		Actor: s.Actor(c), Device: device(c.Get(fiber.HeaderUserAgent)), Session: s.Session(c), GuestKey: s.guestKey(c), Browser: s.browser(c),
	}
}

// device describes a browser by its User-Agent header, like "Firefox on Linux". It names what
// people recognize; the order matters, because browsers name those that they resemble.
func device(agent string) string {
	browser := firstIn(agent, "another browser", "Edg", "Edge", "OPR/", "Opera", "SamsungBrowser", "Samsung Internet", "Firefox/", "Firefox", "FxiOS", "Firefox",
		"CriOS", "Chrome", "Chrome/", "Chrome", "Safari/", "Safari", "curl/", "curl")
	system := firstIn(agent, "", "Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "CrOS", "ChromeOS", "Mac OS X", "Mac", "Linux", "Linux")
	if system == "" {
		return browser
	}
	return browser + " on " + system
}

// firstIn returns the name after the first mark that a text contains, from marks and names in
// turns.
func firstIn(text, none string, marksAndNames ...string) string {
	for i := 0; i < len(marksAndNames); i += 2 {
		if strings.Contains(text, marksAndNames[i]) {
			return marksAndNames[i+1]
		}
	}
	return none
}

// reasonCrossSite answers a form that a page of another site sends.
const reasonCrossSite = "This request came from a page of another site."

// RefuseCrossSite refuses requests that change something and that a page of another origin
// sends: a browser states where a request comes from (W3C Fetch Metadata, RFC 6454), with every
// request that a page can send. What states neither is no browser, and has no cookies that
// could be abused.
func (s *Site) RefuseCrossSite(c *fiber.Ctx) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return c.Next()
	}
	site, origins := c.Get(headerFetchSite), c.Context().Request.Header.PeekAll(fiber.HeaderOrigin)
	switch {
	case site == "same-origin", site == "none":
		return c.Next()
	case site == "" && len(origins) == 0:
		return c.Next()
	case site == "" && len(origins) == 1 && s.IsOwnOrigin(c, string(origins[0])):
		return c.Next()
	}
	return Refuse(fiber.StatusForbidden, reasonCrossSite)
}

// IsOwnOrigin reports whether an origin is that of the pages at the request's host. If the
// scheme is known, it must match as well: anybody on the network path can change a page that
// was sent without TLS.
func (s *Site) IsOwnOrigin(c *fiber.Ctx, origin string) bool {
	if own := s.Base.Origin(); own != "" && strings.EqualFold(own, origin) {
		return true
	}
	if !SameHost(origin, string(c.Context().Host())) {
		return false
	}
	scheme := s.KnownScheme(c)
	return scheme == "" || strings.HasPrefix(strings.ToLower(origin), scheme+"://")
}
