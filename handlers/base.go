package handlers

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/static"
)

// base is where people reach the chat, and the one place that knows it: routes are
// registered below its path, and whatever is sent out comes by at. The zero base is the
// root of whatever host a request names.
type base struct {
	scheme, host string
	path         string // without a slash at its end: "" or "/team"
}

// newBase is the base of a URL; nil is that of the zero base.
func newBase(u *url.URL) base {
	if u == nil {
		return base{}
	}
	return base{scheme: u.Scheme, host: u.Host, path: strings.TrimRight(u.Path, "/")}
}

// at is where a path of ours is for a browser: /rooms/x at /team/rooms/x.
func (b base) at(path string) string { return b.path + path }

// static is what the paths in static/ come after.
func (b base) static() string { return b.at(staticPrefix + static.Hash()) }

// cookie is what a cookie of ours is called there: one of a path above is sent as well, and
// is another chat's.
func (b base) cookie(name string) string { return name + strings.ReplaceAll(b.path, "/", ".") }

// hostPrefix begins the name of a cookie that browsers accept from this host alone, over
// HTTPS, and for all its paths (RFC 6265bis §4.1.3.2).
const hostPrefix = "__Host-"

// cookies returns the names by which a cookie may come, the one that counts first. It has no
// prefix over HTTP, below a path, and in browsers that got it from an earlier version.
func (b base) cookies(name string) []string {
	if b.path != "" {
		return []string{b.cookie(name)}
	}
	return []string{hostPrefix + name, name}
}

// origin is that of the pages, as browsers write it; empty if it is the request's.
func (b base) origin() string {
	if b.host == "" {
		return ""
	}
	return b.scheme + "://" + b.host
}

// route is the pattern of a route as it would be without a base, by which requests are
// counted.
func (b base) route(pattern string) string {
	rest, below := strings.CutPrefix(pattern, b.path)
	if pattern == connectionRoute || !below || rest == "" {
		return pattern // at the root
	}
	return rest
}

// redirectToSlash leads whoever forgets the slash at the end: a worker and an app begin behind it.
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

// scheme is the one of the URL in the visitor's browser.
func (s *Server) scheme(c *fiber.Ctx) string {
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
func (s *Server) knownScheme(c *fiber.Ctx) string {
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

// host is the one of that URL, with its port. Links and QR codes show no other: checkHost has
// refused what is not ours.
func (s *Server) host(c *fiber.Ctx) string {
	if s.base.host != "" {
		return s.base.host
	}
	if host := string(c.Context().Host()); host != "" {
		return host
	}
	return c.Context().LocalAddr().String() // of HTTP/1.0 without a host
}
