package request

import (
	"github.com/gofiber/fiber/v2"
)

// The request headers in which a browser states the destination and the mode of a request
// (W3C Fetch Metadata).
const (
	HeaderFetchDest = "Sec-Fetch-Dest"
	HeaderFetchMode = "Sec-Fetch-Mode"
)

// documentDests are the values of Sec-Fetch-Dest whose responses are shown as documents.
var documentDests = map[string]bool{"document": true, "iframe": true, "frame": true, "embed": true, "object": true}

// WantsDocument reports whether a browser shows the response as a document, for any method. A
// service worker that forwards a navigation sends Sec-Fetch-Dest: empty, but the mode, or at
// least Accept, is still that of the navigation. A script's fetch has neither.
func WantsDocument(c *fiber.Ctx) bool {
	if RequestsUpgrade(c) {
		return false
	}
	dest := c.Get(HeaderFetchDest)
	if documentDests[dest] || c.Get(HeaderFetchMode) == "navigate" {
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
