package pages

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/handlers/request"
	"chatserver/static"
)

// StaticFile serves an embedded file. Under another hash, that of a page from before an
// upgrade, it serves the current file and forbids caching it.
func (s *Server) StaticFile(c *fiber.Ctx) error {
	return sendStatic(c, c.Params("*"), c.Params("hash") == static.Hash())
}

// Favicon serves clients that request /favicon.ico without reading the page.
func (s *Server) Favicon(c *fiber.Ctx) error {
	return sendStatic(c, "icons/favicon.svg", false)
}

func sendStatic(c *fiber.Ctx, name string, immutable bool) error {
	file, ok := static.Open(name) // it cannot open paths outside of static/
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, file.Type())
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(request.HeaderResourcePolicy, "same-origin")
	c.Set(fiber.HeaderETag, file.ETag())
	c.Vary(fiber.HeaderAcceptEncoding)
	if immutable {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	if match := c.Get(fiber.HeaderIfNoneMatch); match == "*" || strings.Contains(match, strings.TrimPrefix(file.ETag(), "W/")) {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	body, encoding := file.Body(request.EncodingFor(c.Get(fiber.HeaderAcceptEncoding)))
	if encoding != "" {
		c.Set(fiber.HeaderContentEncoding, encoding)
	}
	c.Response().SetBodyRaw(body)
	return nil
}
