package handlers

import (
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"chatserver/handlers/request"
)

// The answers to requests that never reach a route. The sentences are fixed and repeat nothing
// of the request, which may belong to another protocol or contain markup.
const (
	reasonUnreadable = "This request is not valid HTTP/1.1."
	reasonVersion    = "This server speaks HTTP/1.1 only."
	reasonSlow       = "The request did not arrive in time."
	reasonBigHeader  = "The headers of this request are too large."
	reasonBigBody    = "The body of this request is too large."
)

// answerUnreadable returns an app's error handler for fasthttp, whose own handler would
// repeat a part of the request. A browser whose headers were read, for example one that
// sends a form that is too large, gets a page.
func (s *Server) answerUnreadable(app *fiber.App) func(*fasthttp.RequestCtx, error) {
	return func(ctx *fasthttp.RequestCtx, err error) {
		ctx.Response.Reset()
		ctx.SetConnectionClose()
		c := app.AcquireCtx(ctx)
		defer app.ReleaseCtx(c)
		_ = s.answerError(c, unreadable(err)) // it never returns an error
	}
}

// unreadable returns the refusal for a request that fasthttp could not read.
func unreadable(err error) error {
	var (
		tooBig  *fasthttp.ErrSmallBuffer
		network net.Error
	)
	switch {
	case errors.As(err, &tooBig):
		return request.Refuse(fiber.StatusRequestHeaderFieldsTooLarge, reasonBigHeader)
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return request.Refuse(fiber.StatusRequestEntityTooLarge, reasonBigBody)
	case errors.As(err, &network) && network.Timeout(), strings.Contains(err.Error(), "timeout"):
		return request.Refuse(fiber.StatusRequestTimeout, reasonSlow)
	}
	return request.Refuse(fiber.StatusBadRequest, reasonUnreadable)
}

// refuseUnknownMethods answers 501 to a request whose method Fiber does not know (RFC 9110
// §9.1). Fiber's own answer has no sentence and none of our headers.
func (s *Server) refuseUnknownMethods(app *fiber.App) {
	next := app.Server().Handler
	app.Server().Handler = func(ctx *fasthttp.RequestCtx) {
		if slices.Contains(fiber.DefaultMethods, string(ctx.Method())) {
			next(ctx)
			return
		}
		ctx.SetConnectionClose()
		c := app.AcquireCtx(ctx)
		defer app.ReleaseCtx(c)
		_ = s.answerError(c, request.Refuse(fiber.StatusNotImplemented, reasonMethod)) // it never returns an error
	}
}

// checkTarget refuses a request target with a fragment (RFC 9112 §3.2), and one in absolute
// form that names no HTTP host, such as http:///, or that has userinfo, which hides the host
// from people (RFC 9110 §4.2.1, §4.2.4). An absolute form without a path means the root
// (RFC 9110 §4.2.3); Fiber alone finds no route for http://host?query.
func checkTarget(c *fiber.Ctx) error {
	valid, pathless := parseTarget(string(c.Context().Request.Header.RequestURI()))
	if !valid {
		c.Context().SetConnectionClose()
		return request.Refuse(fiber.StatusBadRequest, reasonUnreadable)
	}
	if pathless {
		c.Context().URI().SetPath("/")
		c.Path("/")
	}
	return c.Next()
}

// parseTarget reports whether a request target is valid, and whether it has the absolute form
// without a path.
func parseTarget(target string) (valid, pathless bool) {
	if strings.Contains(target, "#") {
		return false, false
	}
	scheme, rest, absolute := strings.Cut(target, "://")
	if strings.HasPrefix(target, "/") || !absolute {
		return true, false
	}
	authority, path := rest, ""
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		authority, path = rest[:end], rest[end:]
	}
	scheme = strings.ToLower(scheme)
	valid = (scheme == "http" || scheme == "https") && authority != "" && !strings.Contains(authority, "@")
	return valid, !strings.HasPrefix(path, "/")
}

// checkVersion refuses every major version but 1 (RFC 9110 §15.6.6). An unknown minor
// version is read as HTTP/1.1 (RFC 9110 §6.2).
func checkVersion(c *fiber.Ctx) error {
	if !strings.HasPrefix(string(c.Context().Request.Header.Protocol()), "HTTP/1.") {
		c.Context().SetConnectionClose()
		return request.Refuse(fiber.StatusHTTPVersionNotSupported, reasonVersion)
	}
	return c.Next()
}

// answerOptions answers OPTIONS with the methods of a path, which some load balancers use as
// their default check (HAProxy: OPTIONS / HTTP/1.0), and with those of the whole server
// (OPTIONS *).
func answerOptions(c *fiber.Ctx) error {
	err := c.Next()
	if c.Method() != fiber.MethodOptions {
		return err
	}
	if string(c.Context().Request.Header.RequestURI()) == "*" {
		c.Set(fiber.HeaderAllow, "GET, HEAD")
	} else if !errors.Is(err, fiber.ErrMethodNotAllowed) {
		return err
	}
	c.Append(fiber.HeaderAllow, fiber.MethodOptions)
	return c.SendStatus(fiber.StatusNoContent)
}
