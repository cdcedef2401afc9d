package request

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/static"
)

// Base is the public URL of the chat, and the only place that knows it. Routes are registered
// below its path, and all URLs that the server sends are built by at. The zero base is the
// root of whichever host a request names.
type Base struct {
	scheme, host string
	Path         string // without a slash at its end: "" or "/team"
}

// NewBase returns the base for a URL, and the zero base for nil.
func NewBase(u *url.URL) Base {
	if u == nil {
		return Base{}
	}
	return Base{scheme: u.Scheme, host: u.Host, Path: strings.TrimRight(u.Path, "/")}
}

// At returns the public path of a path of the chat: /team/rooms/x for /rooms/x.
func (b Base) At(path string) string { return b.Path + path }

// staticPrefix is followed by the hash of all files, so that each file can be cached forever
// and always matches the others.
const staticPrefix = "/static/"

// Static returns the public path of the folder static/ in this build.
func (b Base) Static() string { return b.At(staticPrefix + static.Hash()) }

// cookie returns the name of a cookie below this base path. Browsers also send the cookies of
// parent paths, which may belong to another chat, so the name contains the path.
func (b Base) cookie(name string) string { return name + strings.ReplaceAll(b.Path, "/", ".") }

// hostPrefix marks cookies that browsers accept only from this host, over HTTPS and for all
// paths (RFC 6265bis §4.1.3.2).
const hostPrefix = "__Host-"

// Cookies returns the names under which a browser may send a cookie, in order of precedence.
// The prefix is absent over HTTP, below a base path, and in cookies of earlier versions.
func (b Base) Cookies(name string) []string {
	if b.Path != "" {
		return []string{b.cookie(name)}
	}
	return []string{hostPrefix + name, name}
}

// Origin returns the origin of the pages as browsers write it, or "" if each request decides.
func (b Base) Origin() string {
	if b.host == "" {
		return ""
	}
	return b.scheme + "://" + b.host
}

// Route returns a route's pattern without the base path. Metrics and logs use it.
func (b Base) Route(pattern string) string {
	rest, below := strings.CutPrefix(pattern, b.Path)
	if !below || rest == "" {
		return pattern // at the root
	}
	return rest
}

// RedirectToSlash adds a missing trailing slash: the scopes of the service worker and the PWA
// begin after it.
func (b Base) RedirectToSlash(c *fiber.Ctx) error {
	if c.Path() != b.Path {
		return c.Next()
	}
	target := b.At("/")
	if query := c.Context().QueryArgs().String(); query != "" {
		target += "?" + query
	}
	return c.Redirect(target, fiber.StatusSeeOther)
}

// Scheme returns the scheme of the URL in the visitor's browser.
func (s *Site) Scheme(c *fiber.Ctx) string {
	if s.Base.scheme != "" {
		return s.Base.scheme
	}
	if s.KnownScheme(c) == "https" {
		return "https"
	}
	return "http"
}

// KnownScheme returns the scheme of that URL where the server can tell it: from its own TLS,
// from a trusted proxy, or from --base-url for the host named there. Otherwise it is empty,
// since a proxy that is not trusted may end TLS in front.
func (s *Site) KnownScheme(c *fiber.Ctx) string {
	if c.Context().IsTLS() {
		return "https"
	}
	if proto := forwardedProto(c); proto != "" && s.trusted(remote(c)) {
		return proto
	}
	if s.Base.host != "" && SameHost(s.Base.Origin(), string(c.Context().Host())) {
		return s.Base.scheme
	}
	return ""
}

// forwardedProto returns the scheme in X-Forwarded-Proto: "http", "https" or "". In a list, as
// some chains of proxies make it, the first entry is that of the browser. Traefik writes ws and
// wss for a WebSocket.
func forwardedProto(c *fiber.Ctx) string {
	first, _, _ := strings.Cut(c.Get(fiber.HeaderXForwardedProto), ",")
	switch strings.ToLower(strings.TrimSpace(first)) {
	case "https", "wss":
		return "https"
	case "http", "ws":
		return "http"
	}
	return ""
}

// Host returns the host of that URL, with its port, for links and QR codes. It is safe to
// show: CheckHost has refused foreign hosts.
func (s *Site) Host(c *fiber.Ctx) string {
	if s.Base.host != "" {
		return s.Base.host
	}
	if host := string(c.Context().Host()); host != "" {
		return host
	}
	return c.Context().LocalAddr().String() // HTTP/1.0 without a Host header
}
