package request

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// HeaderResourcePolicy states which origins may embed a response (WHATWG Fetch).
const HeaderResourcePolicy = "Cross-Origin-Resource-Policy"

func SetOnly(header *fasthttp.RequestHeader, name, value string) {
	header.Del(name)
	header.Set(name, value)
}

// HasHeader reports whether a header was sent, by the raw header block. After an empty
// chunked body has been read, fasthttp has removed its header, and the request looks like
// one without a body.
func HasHeader(header *fasthttp.RequestHeader, name string) bool {
	for line := range bytes.Lines(header.RawHeaders()) {
		if got, _, _ := bytes.Cut(line, []byte(":")); bytes.EqualFold(got, []byte(name)) {
			return true
		}
	}
	return false
}

func IsHTTP11(c *fiber.Ctx) bool { return string(c.Context().Request.Header.Protocol()) == "HTTP/1.1" }

// RequestsUpgrade reports whether a request asks to become a WebSocket.
func RequestsUpgrade(c *fiber.Ctx) bool { return IsUpgrade(&c.Context().Request.Header) }

// IsUpgrade looks for the two tokens of RFC 6455 §4.2.1, in any case and among any others.
func IsUpgrade(header *fasthttp.RequestHeader) bool {
	return hasToken(header, fiber.HeaderConnection, "upgrade") && hasToken(header, fiber.HeaderUpgrade, "websocket")
}

// hasToken looks for a token in all headers of a name; each of them is a list.
func hasToken(header *fasthttp.RequestHeader, name, token string) bool {
	for _, line := range header.PeekAll(name) {
		if ListHas(string(line), token) {
			return true
		}
	}
	return false
}

// ListHas looks for a token in a list (RFC 9110 §5.6.1).
func ListHas(list, token string) bool {
	for part := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(part), token) {
			return true
		}
	}
	return false
}
