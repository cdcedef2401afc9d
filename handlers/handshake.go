package handlers

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"chatserver/chat"
)

// maxHeaders is how many a handshake may have, cookies together one: taking out those
// that are spare takes as long as their square, and a browser behind some proxies
// sends thirty.
const maxHeaders = 100

// checkHandshake refuses whatever is not an opening handshake of RFC 6455 §4.1,
// before the library that answers every error with 426 sees it.
func checkHandshake(c *fiber.Ctx) error {
	header := &c.Context().Request.Header
	if err := checkRequest(c); err != nil {
		return err
	}
	if versions := header.PeekAll("Sec-WebSocket-Version"); len(versions) != 1 || string(versions[0]) != "13" {
		c.Set("Sec-WebSocket-Version", "13")
		return refuse(fiber.StatusUpgradeRequired, "This server speaks version 13 of the WebSocket protocol (RFC 6455).")
	}
	keys := header.PeekAll("Sec-WebSocket-Key")
	if len(keys) != 1 {
		return refuse(fiber.StatusBadRequest, "A WebSocket handshake has exactly one Sec-WebSocket-Key.")
	}
	if key, err := base64.StdEncoding.DecodeString(string(keys[0])); err != nil || len(key) != 16 {
		return refuse(fiber.StatusBadRequest, "A Sec-WebSocket-Key is 16 bytes in base64.")
	}
	kind, err := kindOf(c)
	if err != nil {
		return err
	}
	normalizeHandshake(header, kind)
	return c.Next()
}

// normalizeHandshake reduces a handshake that was found right to what the library that
// answers it understands: it looks at the first header of a name only, and would
// answer 426 where a proxy or a client has split a list into two headers.
func normalizeHandshake(header *fasthttp.RequestHeader, kind chat.Kind) {
	setOnly(header, fiber.HeaderConnection, "Upgrade")
	setOnly(header, fiber.HeaderUpgrade, "websocket")
	header.Del(headerProtocol)
	if kind != chat.PlainText {
		header.Set(headerProtocol, jsonProtocol)
	}
}

func setOnly(header *fasthttp.RequestHeader, name, value string) {
	header.Del(name)
	header.Set(name, value)
}

// keepUpgradesOpen is fasthttp's HeaderReceived. A handshake may carry "close" beside
// "upgrade" in its Connection header, as lighttpd sends it: RFC 6455 §4.2.1 asks for
// the token upgrade only, and "close" has no meaning for what is no HTTP any more
// after the answer. fasthttp would answer 101 and close the connection, so the
// token is removed. A request with chunks keeps it: see refuseAmbiguous.
func keepUpgradesOpen(header *fasthttp.RequestHeader) (config fasthttp.RequestConfig) {
	if header.ConnectionClose() && isUpgrade(header) && !hasHeader(header, fiber.HeaderTransferEncoding) {
		setOnly(header, fiber.HeaderConnection, "Upgrade")
	}
	return config
}

// honourClose closes the connection of a request that asked for that and did not
// become a WebSocket, also where keepUpgradesOpen has removed the token.
func honourClose(c *fiber.Ctx) error {
	err := c.Next()
	if c.Response().StatusCode() != fiber.StatusSwitchingProtocols && requestsUpgrade(c) && requestsClose(c) {
		c.Context().SetConnectionClose()
	}
	return err
}

// requestsClose looks at the headers as they came.
func requestsClose(c *fiber.Ctx) bool {
	for line := range bytes.Lines(c.Context().Request.Header.RawHeaders()) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte(fiber.HeaderConnection)) && listHas(string(value), "close") {
			return true
		}
	}
	return false
}

// upgradeHeaders are those that the library that answers a handshake looks at, as
// fasthttp writes their names.
var upgradeHeaders = map[string]bool{
	"Connection": true, "Upgrade": true, "Sec-Websocket-Key": true, "Sec-Websocket-Version": true, "Sec-Websocket-Protocol": true,
}

// dropHeaders drops the headers that nobody will look at any more: a browser sends
// a lot of them, and the library copies each twice.
func dropHeaders(c *fiber.Ctx) error {
	header := &c.Context().Request.Header
	header.DelAllCookies()
	var spare []string
	for name := range header.All() {
		if !upgradeHeaders[string(name)] {
			spare = append(spare, string(name))
		}
	}
	for _, name := range spare {
		header.Del(name)
	}
	return c.Next()
}

// headerProtocol is of RFC 6455 §11.3.4. A handshake may have several.
const headerProtocol = "Sec-WebSocket-Protocol"

// kindOf is how the connection wants to speak: JSON if that is among the
// subprotocols it asks for, plain text if it asks for none.
func kindOf(c *fiber.Ctx) (chat.Kind, error) {
	asksForOne := false
	for _, line := range c.Context().Request.Header.PeekAll(headerProtocol) {
		for protocol := range strings.SplitSeq(string(line), ",") {
			switch strings.TrimSpace(protocol) {
			case jsonProtocol:
				return chat.JSON, nil
			case "": // an empty list element, RFC 9110 §5.6.1.2
			default:
				asksForOne = true
			}
		}
	}
	if !asksForOne {
		return chat.PlainText, nil
	}
	return 0, refuse(fiber.StatusBadRequest, "The only subprotocol spoken here is "+jsonProtocol+": ask for it, or for none to speak plain text.")
}

// checkRequest refuses a handshake whose request cannot be one.
func checkRequest(c *fiber.Ctx) error {
	request := &c.Context().Request
	switch {
	case request.Header.Len() > maxHeaders:
		return refuse(fiber.StatusRequestHeaderFieldsTooLarge, "A WebSocket handshake has at most 100 headers.")
	case !isHTTP11(c):
		return refuse(fiber.StatusBadRequest, "A WebSocket handshake is an HTTP/1.1 request.")
	case len(request.Header.Host()) == 0:
		return refuse(fiber.StatusBadRequest, "A WebSocket handshake has a Host header.")
	case request.Header.ContentLength() > 0, len(request.Body()) > 0, hasHeader(&request.Header, fiber.HeaderTransferEncoding):
		return refuse(fiber.StatusBadRequest, "A WebSocket handshake has no body.")
	}
	return nil
}

// hasHeader reports whether a header came. A body in chunks that was none is not told
// apart from no body once it was read, and its header is gone by then.
func hasHeader(header *fasthttp.RequestHeader, name string) bool {
	for line := range bytes.Lines(header.RawHeaders()) {
		if got, _, _ := bytes.Cut(line, []byte(":")); bytes.EqualFold(got, []byte(name)) {
			return true
		}
	}
	return false
}

func isHTTP11(c *fiber.Ctx) bool { return string(c.Context().Request.Header.Protocol()) == "HTTP/1.1" }

// requestsUpgrade reports whether a request wants to become a WebSocket.
func requestsUpgrade(c *fiber.Ctx) bool { return isUpgrade(&c.Context().Request.Header) }

// isUpgrade asks for the two tokens of RFC 6455 §4.2.1, in any case and whatever
// stands beside them.
func isUpgrade(header *fasthttp.RequestHeader) bool {
	return hasToken(header, fiber.HeaderConnection, "upgrade") && hasToken(header, fiber.HeaderUpgrade, "websocket")
}

// hasToken looks for a token in all headers of a name, each of which is a list.
func hasToken(header *fasthttp.RequestHeader, name, token string) bool {
	for _, line := range header.PeekAll(name) {
		if listHas(string(line), token) {
			return true
		}
	}
	return false
}

// listHas looks for a token in a list, RFC 9110 §5.6.1.
func listHas(list, token string) bool {
	for part := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(part), token) {
			return true
		}
	}
	return false
}

// checkOrigin refuses the pages of others: a browser sends a visitor's cookies
// with every handshake, whoever's page asks for it. Programs send no Origin and
// have no cookies to be abused.
func (s *Server) checkOrigin(c *fiber.Ctx) error {
	origins := c.Context().Request.Header.PeekAll(fiber.HeaderOrigin)
	if len(origins) == 0 {
		return nil
	}
	origin := string(origins[0])
	if len(origins) == 1 && (s.origins[strings.ToLower(origin)] || s.isOwnOrigin(c, origin)) {
		return nil
	}
	return refuse(fiber.StatusForbidden, "This page may not open a connection here: its origin is neither this host nor one of --origins.")
}

// isOwnOrigin reports whether an origin is that of the pages at the request's host. Where the
// scheme is known it must match, too: anybody on the path can change a page that was sent
// without TLS.
func (s *Server) isOwnOrigin(c *fiber.Ctx, origin string) bool {
	if !sameHost(origin, string(c.Context().Host())) {
		return false
	}
	scheme := s.knownScheme(c)
	return scheme == "" || strings.HasPrefix(strings.ToLower(origin), scheme+"://")
}
