package handlers

import (
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
)

// address is where a request comes from: the other end of its connection, or,
// if that is a trusted proxy, the last address of X-Forwarded-For that is not.
func (s *Server) address(c *fiber.Ctx) netip.Addr {
	address := remote(c)
	if !s.trusted(address) {
		return address
	}
	forwarded := forwardedFor(c)
	for i := len(forwarded) - 1; i >= 0 && s.trusted(address); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(forwarded[i]))
		if err != nil {
			break // what is before a broken entry is anybody's invention
		}
		address = next.Unmap()
	}
	return address
}

// forwardedFor is the list of addresses that X-Forwarded-For is. Some proxies write
// theirs into a line of its own, below those that came with the request: it is one
// list all the same (RFC 9110 §5.3).
func forwardedFor(c *fiber.Ctx) []string {
	var addresses []string
	for _, line := range c.Context().Request.Header.PeekAll(fiber.HeaderXForwardedFor) {
		addresses = append(addresses, strings.Split(string(line), ",")...)
	}
	return addresses
}

func remote(c *fiber.Ctx) netip.Addr {
	address, _ := netip.AddrFromSlice(c.Context().RemoteIP()) // of no IP connection: the zero address, which is not limited
	return address.Unmap()
}

func (s *Server) trusted(address netip.Addr) bool {
	for _, network := range s.options.TrustedProxies {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// payer is who the cost of a request is charged to: its address, if that is limited.
func (s *Server) payer(c *fiber.Ctx) chat.Payer { return chat.PayerOf(s.address(c), chat.User{}) }
