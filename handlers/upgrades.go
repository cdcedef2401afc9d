package handlers

import (
	"bytes"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"chatserver/handlers/request"
)

// keepUpgradesOpen is fasthttp's HeaderReceived. A handshake may carry "close" beside
// "upgrade" in its Connection header; lighttpd sends that. RFC 6455 §4.2.1 requires only the
// token upgrade, and "close" means nothing once the connection no longer speaks HTTP.
// fasthttp would answer 101 and close the connection, so this removes the token. A chunked
// request keeps it (see refuseAmbiguous), and so does HTTP/1.0, which has no upgrades.
func keepUpgradesOpen(header *fasthttp.RequestHeader) (config fasthttp.RequestConfig) {
	if header.ConnectionClose() && string(header.Protocol()) != "HTTP/1.0" && request.IsUpgrade(header) && !request.HasHeader(header, fiber.HeaderTransferEncoding) {
		request.SetOnly(header, fiber.HeaderConnection, "Upgrade")
	}
	return config
}

// honourClose closes the connection after a request that asked for it and was not upgraded,
// even if keepUpgradesOpen removed the token.
func honourClose(c *fiber.Ctx) error {
	err := c.Next()
	if c.Response().StatusCode() != fiber.StatusSwitchingProtocols && request.RequestsUpgrade(c) && requestsClose(c) {
		c.Context().SetConnectionClose()
	}
	return err
}

// requestsClose reads the raw headers, because keepUpgradesOpen changes the parsed ones.
func requestsClose(c *fiber.Ctx) bool {
	for line := range bytes.Lines(c.Context().Request.Header.RawHeaders()) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte(fiber.HeaderConnection)) && request.ListHas(string(value), "close") {
			return true
		}
	}
	return false
}
