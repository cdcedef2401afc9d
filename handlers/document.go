package handlers

import (
	"github.com/gofiber/fiber/v2"
)

// The request headers in which a browser states the destination and the mode of a request
// (W3C Fetch Metadata).
const (
	headerFetchDest = "Sec-Fetch-Dest"
	headerFetchMode = "Sec-Fetch-Mode"
)

// documentDests are the values of Sec-Fetch-Dest whose responses are shown as documents.
var documentDests = map[string]bool{"document": true, "iframe": true, "frame": true, "embed": true, "object": true}

// wantsDocument reports whether a browser shows the response as a document, for any method. A
// service worker that forwards a navigation sends Sec-Fetch-Dest: empty, but the mode, or at
// least Accept, is still that of the navigation. A script's fetch has neither.
func wantsDocument(c *fiber.Ctx) bool {
	if requestsUpgrade(c) {
		return false
	}
	dest := c.Get(headerFetchDest)
	if documentDests[dest] || c.Get(headerFetchMode) == "navigate" {
		return accepts(c.Get(fiber.HeaderAccept, "*/*"), fiber.MIMETextHTML, "text/*", "*/*")
	}
	return (dest == "" || dest == "empty") && accepts(c.Get(fiber.HeaderAccept), fiber.MIMETextHTML)
}

// accepts reports whether an Accept header accepts the first of the given media ranges that it
// lists (RFC 9110 §12.5.1). Pass the most specific range first, since that one decides.
func accepts(accept string, ranges ...string) bool {
	qualities := qualitiesOf(accept)
	for _, name := range ranges {
		if q, listed := qualities[name]; listed {
			return q > 0
		}
	}
	return false
}
