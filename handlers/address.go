package handlers

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
)

// unreadableAddress is what a client is counted as whose address a trusted proxy reports in a form
// that cannot be read: all of them together are one address, which has limits. To count
// them as the proxy, or as loopback, would exempt them.
var unreadableAddress = netip.IPv4Unspecified()

// address is where a request comes from: the other end of its connection, or,
// if that is a trusted proxy, the last address of X-Forwarded-For that is not.
func (s *Server) address(c *fiber.Ctx) netip.Addr {
	address := remote(c)
	for _, entry := range slices.Backward(forwardedFor(c)) {
		if !s.trusted(address) {
			return address // what is before it is anybody's invention
		}
		next, ok := forwardedAddress(entry)
		if !ok || next.IsLoopback() && !address.IsLoopback() { // another machine's loopback is not this one's
			return unreadableAddress
		}
		address = next
	}
	return address
}

// forwardedAddress reads an entry of X-Forwarded-For: an address, with a port in the
// forms of RFC 7239 §6 (192.0.2.1:80, [2001:db8::1]:80, also in quotes) or without.
// It is false for unknown, for a made-up identifier such as _hidden, and for nonsense.
func forwardedAddress(entry string) (netip.Addr, bool) {
	if inner, quoted := strings.CutPrefix(entry, `"`); quoted {
		entry = strings.TrimSuffix(inner, `"`)
	}
	host, port, version := entry, "", 0
	if inside, after, bracketed := strings.Cut(entry, "]"); bracketed && strings.HasPrefix(inside, "[") {
		host, port, version = inside[1:], after, 6
	} else if strings.Count(entry, ":") == 1 {
		host, port, _ = strings.Cut(entry, ":")
		port, version = ":"+port, 4
	}
	address, err := netip.ParseAddr(host)
	if err != nil || !forwardedPort.MatchString(port) || version == 4 && !address.Is4() || version == 6 && !address.Is6() {
		return netip.Addr{}, false
	}
	return address.WithZone("").Unmap(), true
}

// forwardedPort is what may follow an address: nothing, or a node-port of RFC 7239 §6.
var forwardedPort = regexp.MustCompile(`^(:([0-9]{1,5}|_[A-Za-z0-9._-]+))?$`)

// forwardedFor is the list of addresses that X-Forwarded-For is. Some proxies write
// theirs into a line of its own, below those that came with the request: it is one
// list all the same (RFC 9110 §5.3).
func forwardedFor(c *fiber.Ctx) []string {
	var addresses []string
	for _, line := range c.Context().Request.Header.PeekAll(fiber.HeaderXForwardedFor) {
		for entry := range strings.SplitSeq(string(line), ",") {
			if entry = strings.TrimSpace(entry); entry != "" { // an empty element is none (RFC 9110 §5.6.1)
				addresses = append(addresses, entry)
			}
		}
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

// exempt reports whether connections from an address have no limit: this machine's own, and
// those of proxies, which are many people.
func (s *Server) exempt(address netip.Addr) bool {
	return !chat.LimitedAddress(address) || s.trusted(address)
}

// payer is who the cost of a request is charged to: its address, if that is limited.
func (s *Server) payer(c *fiber.Ctx) chat.Payer { return chat.PayerOf(s.address(c), chat.User{}) }
