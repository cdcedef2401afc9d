package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/static"
)

// staticPrefix is followed by the hash of all files, so that one is cached for
// ever and never out of step with the others.
const staticPrefix = "/static/"

// staticFile serves an embedded file. Under another hash, that of a page from
// before an upgrade, it serves what there is and has it cached by nobody.
func (s *Server) staticFile(c *fiber.Ctx) error {
	return sendStatic(c, c.Params("*"), c.Params("hash") == static.Hash())
}

// favicon is asked for by those who do not read the page.
func (s *Server) favicon(c *fiber.Ctx) error {
	return sendStatic(c, "icons/favicon.svg", false)
}

func sendStatic(c *fiber.Ctx, name string, forever bool) error {
	file, ok := static.Open(name) // it knows no path outside
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, file.Type())
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(headerResourcePolicy, "same-origin")
	c.Set(fiber.HeaderETag, file.ETag())
	c.Vary(fiber.HeaderAcceptEncoding)
	if forever {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	if match := c.Get(fiber.HeaderIfNoneMatch); match == "*" || strings.Contains(match, strings.TrimPrefix(file.ETag(), "W/")) {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	body, encoding := file.Body(encodingFor(c.Get(fiber.HeaderAcceptEncoding)))
	if encoding != "" {
		c.Set(fiber.HeaderContentEncoding, encoding)
	}
	c.Response().SetBodyRaw(body)
	return nil
}
