package socket

import (
	"encoding/base64"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"chatserver/chat"
	"chatserver/chatv1"
	"chatserver/handlers/request"
)

// maxHeaders is the largest number of headers in a handshake, where all cookies together
// count as one. Removing headers takes quadratic time, and a browser behind several proxies
// sends thirty.
const maxHeaders = 100

// CheckHandshake refuses requests that are not an opening handshake of RFC 6455 §4.1. The
// library would answer every error with 426, so this runs before it.
func CheckHandshake(c *fiber.Ctx) error {
	if err := checkRequest(c); err != nil {
		return err
	}
	if err := checkVersionAndKey(c); err != nil {
		return err
	}
	kind, err := kindOf(c)
	if err != nil {
		return err
	}
	normalizeHandshake(&c.Context().Request.Header, kind)
	return c.Next()
}

// checkVersionAndKey refuses a handshake of another version, or without a valid key.
func checkVersionAndKey(c *fiber.Ctx) error {
	header := &c.Context().Request.Header
	if versions := header.PeekAll("Sec-WebSocket-Version"); len(versions) != 1 || string(versions[0]) != "13" {
		c.Set("Sec-WebSocket-Version", "13")
		return request.Refuse(fiber.StatusUpgradeRequired, "This server speaks version 13 of the WebSocket protocol (RFC 6455).")
	}
	keys := header.PeekAll("Sec-WebSocket-Key")
	if len(keys) != 1 {
		return request.Refuse(fiber.StatusBadRequest, "A WebSocket handshake has exactly one Sec-WebSocket-Key.")
	}
	if key, err := base64.StdEncoding.DecodeString(string(keys[0])); err != nil || len(key) != 16 {
		return request.Refuse(fiber.StatusBadRequest, "A Sec-WebSocket-Key is 16 bytes in base64.")
	}
	return nil
}

// normalizeHandshake reduces a valid handshake to the headers that the library understands.
// The library reads only the first header of each name, and would answer 426 where a proxy
// or a client has split a list into two headers.
func normalizeHandshake(header *fasthttp.RequestHeader, kind chat.Kind) {
	request.SetOnly(header, fiber.HeaderConnection, "Upgrade")
	request.SetOnly(header, fiber.HeaderUpgrade, "websocket")
	header.Del(headerProtocol)
	if !kind.IsText() {
		header.Set(headerProtocol, chatv1.Protocol)
	}
}

// upgradeHeaders are the headers that the library reads in a handshake, in fasthttp's
// spelling.
var upgradeHeaders = map[string]bool{
	"Connection": true, "Upgrade": true, "Sec-Websocket-Key": true, "Sec-Websocket-Version": true, "Sec-Websocket-Protocol": true,
}

// DropHeaders removes the headers that are not needed any more: browsers send many, and the
// library copies each of them twice.
func DropHeaders(c *fiber.Ctx) error {
	header := &c.Context().Request.Header
	header.DelAllCookies()
	var unused []string
	for name := range header.All() {
		if !upgradeHeaders[string(name)] {
			unused = append(unused, string(name))
		}
	}
	for _, name := range unused {
		header.Del(name)
	}
	return c.Next()
}

// headerProtocol is defined in RFC 6455 §11.3.4. A handshake may have several.
const headerProtocol = "Sec-WebSocket-Protocol"

// kindOf returns the framing that the client asks for: JSON if chat.v1 is among its
// subprotocols, plain text if it names none.
func kindOf(c *fiber.Ctx) (chat.Kind, error) {
	asksForOne := false
	for _, line := range c.Context().Request.Header.PeekAll(headerProtocol) {
		for protocol := range strings.SplitSeq(string(line), ",") {
			switch strings.TrimSpace(protocol) {
			case chatv1.Protocol:
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
	return 0, request.Refuse(fiber.StatusBadRequest, "The only subprotocol spoken here is "+chatv1.Protocol+": ask for it, or for none to speak plain text.")
}

// checkRequest refuses a request that cannot be a handshake at all.
func checkRequest(c *fiber.Ctx) error {
	asked := &c.Context().Request
	switch {
	case asked.Header.Len() > maxHeaders:
		return request.Refuse(fiber.StatusRequestHeaderFieldsTooLarge, "A WebSocket handshake has at most 100 headers.")
	case !request.IsHTTP11(c):
		return request.Refuse(fiber.StatusBadRequest, "A WebSocket handshake is an HTTP/1.1 request.")
	case len(asked.Header.Host()) == 0:
		return request.Refuse(fiber.StatusBadRequest, "A WebSocket handshake has a Host header.")
	case asked.Header.ContentLength() > 0, len(asked.Body()) > 0, request.HasHeader(&asked.Header, fiber.HeaderTransferEncoding):
		return request.Refuse(fiber.StatusBadRequest, "A WebSocket handshake has no body.")
	}
	return nil
}
