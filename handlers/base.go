package handlers

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/static"
)

// base is the public URL of the chat, and the only place that knows it. Routes are registered
// below its path, and all URLs that the server sends are built by at. The zero base is the
// root of whichever host a request names.
type base struct {
	scheme, host string
	path         string // without a slash at its end: "" or "/team"
}

// newBase returns the base for a URL, and the zero base for nil.
func newBase(u *url.URL) base {
	if u == nil {
		return base{}
	}
	return base{scheme: u.Scheme, host: u.Host, path: strings.TrimRight(u.Path, "/")}
}

// at returns the public path of a path of the chat: /team/rooms/x for /rooms/x.
func (b base) at(path string) string { return b.path + path }

// static returns the public path of the folder static/ in this build.
func (b base) static() string { return b.at(staticPrefix + static.Hash()) }

// cookie returns the name of a cookie below this base path. Browsers also send the cookies of
// parent paths, which may belong to another chat, so the name contains the path.
func (b base) cookie(name string) string { return name + strings.ReplaceAll(b.path, "/", ".") }

// hostPrefix marks cookies that browsers accept only from this host, over HTTPS and for all
// paths (RFC 6265bis §4.1.3.2).
const hostPrefix = "__Host-"

// cookies returns the names under which a browser may send a cookie, in order of precedence.
// The prefix is absent over HTTP, below a base path, and in cookies of earlier versions.
func (b base) cookies(name string) []string {
	if b.path != "" {
		return []string{b.cookie(name)}
	}
	return []string{hostPrefix + name, name}
}

// origin returns the origin of the pages as browsers write it, or "" if each request decides.
func (b base) origin() string {
	if b.host == "" {
		return ""
	}
	return b.scheme + "://" + b.host
}

// route returns a route's pattern without the base path. Metrics and logs use it.
func (b base) route(pattern string) string {
	rest, below := strings.CutPrefix(pattern, b.path)
	if !below || rest == "" {
		return pattern // at the root
	}
	return rest
}

// redirectToSlash adds a missing trailing slash: the scopes of the service worker and the PWA
// begin after it.
func (b base) redirectToSlash(c *fiber.Ctx) error {
	if c.Path() != b.path {
		return c.Next()
	}
	target := b.at("/")
	if query := c.Context().QueryArgs().String(); query != "" {
		target += "?" + query
	}
	return c.Redirect(target, fiber.StatusSeeOther)
}

// scheme returns the scheme of the URL in the visitor's browser.
func (s *site) scheme(c *fiber.Ctx) string {
	if s.base.scheme != "" {
		return s.base.scheme
	}
	if s.knownScheme(c) == "https" {
		return "https"
	}
	return "http"
}

// knownScheme returns the scheme of that URL where the server can tell it: from its own TLS,
// from a trusted proxy, or from --base-url for the host named there. Otherwise it is empty,
// since a proxy that is not trusted may end TLS in front.
func (s *site) knownScheme(c *fiber.Ctx) string {
	if c.Context().IsTLS() {
		return "https"
	}
	if proto := strings.ToLower(strings.TrimSpace(c.Get(fiber.HeaderXForwardedProto))); s.trusted(remote(c)) && (proto == "http" || proto == "https") {
		return proto
	}
	if s.base.host != "" && sameHost(s.base.origin(), string(c.Context().Host())) {
		return s.base.scheme
	}
	return ""
}

// host returns the host of that URL, with its port, for links and QR codes. It is safe to
// show: checkHost has refused foreign hosts.
func (s *site) host(c *fiber.Ctx) string {
	if s.base.host != "" {
		return s.base.host
	}
	if host := string(c.Context().Host()); host != "" {
		return host
	}
	return c.Context().LocalAddr().String() // HTTP/1.0 without a Host header
}
