package handlers

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/handlers/request"
	"chatserver/static"
)

// contentSecurityPolicy lets a page load only our own files, so that text from users can be
// shown but never run.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self' " + emojiStyle + "; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// emojiStyle is the digest of the one style that a script writes: that of the vendored emoji
// picker, inside its shadow root.
const emojiStyle = "'sha256-rg2BpwZ4T9EADaas/dlxn0KsISPDXXIabE9pnJ++3UQ='"

// permissionsPolicy disables the browser features that our pages do not use, so that a
// script that should not be there cannot request them either.
const permissionsPolicy = "accelerometer=(), camera=(), display-capture=(), encrypted-media=(), geolocation=(), gyroscope=(), " +
	"magnetometer=(), microphone=(), midi=(), payment=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()"

const (
	headerPermissions  = "Permissions-Policy"
	headerOpenerPolicy = "Cross-Origin-Opener-Policy"
	// headerBuild tells the page's service worker that a response comes from this server,
	// and not from a proxy or captive portal in front of it.
	headerBuild = "Chatserver-Build"
)

// securityHeaders adds the security headers to everything that a browser may show.
func securityHeaders(c *fiber.Ctx) error {
	secure(c)
	return c.Next()
}

// strictTransport makes browsers open this host only over HTTPS (HSTS, RFC 6797), until 180
// days after the last response. It does not include subdomains, which may belong to other
// programs.
const strictTransport = "max-age=15552000"

// secure sets the headers that restrict what a response may do in a browser. It sends HSTS
// if the server itself terminates TLS, but never for localhost: all programs that are
// developed there, on any port, would need TLS.
func secure(c *fiber.Ctx) {
	if host, _ := request.HostOf(string(c.Context().Host())); c.Context().IsTLS() && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		c.Set(fiber.HeaderStrictTransportSecurity, strictTransport)
	}
	c.Set(fiber.HeaderContentSecurityPolicy, contentSecurityPolicy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set(headerPermissions, permissionsPolicy)
	c.Set(headerOpenerPolicy, "same-origin")
	c.Set(request.HeaderResourcePolicy, "same-origin")
	c.Set(headerBuild, static.Hash())
}

// refuseAmbiguous refuses requests that a proxy in front might parse as two where we parse
// one: Content-Length beside Transfer-Encoding, and folded headers (RFC 9112 §5.2, §6.1).
// fasthttp itself refuses every other ambiguity.
func refuseAmbiguous(c *fiber.Ctx) error {
	header := &c.Context().Request.Header
	lines := header.RawHeaders()
	folded := bytes.Contains(lines, []byte("\n ")) || bytes.Contains(lines, []byte("\n\t"))
	// Given both, fasthttp reads the chunks, and closes the connection afterwards.
	if folded || header.ConnectionClose() && request.HasHeader(header, fiber.HeaderTransferEncoding) && request.HasHeader(header, fiber.HeaderContentLength) {
		c.Context().SetConnectionClose()
		return request.Refuse(fiber.StatusBadRequest, reasonAmbiguous)
	}
	return c.Next()
}

// refuseDamaged refuses everything once the database is found to be damaged: what is read might
// be wrong, and what is written lost when a backup is restored.
func (s *Server) refuseDamaged(c *fiber.Ctx) error {
	if s.options.Damage != nil && s.options.Damage() != nil {
		return request.Refuse(fiber.StatusServiceUnavailable, reasonDamaged)
	}
	return c.Next()
}

// recoverRequest turns a panic into a 500 that reveals nothing about it.
func (s *Server) recoverRequest(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.site.Reporter.Panicked("request")
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return c.Next()
}
