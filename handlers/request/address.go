package request

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
)

// unreadableAddress stands for all clients whose address a trusted proxy reports in an
// unreadable form. Together they count as one address, which has limits. Counting them as
// the proxy, or as loopback, would exempt them.
var unreadableAddress = netip.IPv4Unspecified()

// Address returns the client's address: the peer of the connection or, if that is a
// trusted proxy, the last address in X-Forwarded-For that is not one.
func (s *Site) Address(c *fiber.Ctx) netip.Addr {
	address := remote(c)
	for _, entry := range slices.Backward(ForwardedFor(c)) {
		if !s.trusted(address) {
			return address // a client can forge the entries before it
		}
		next, ok := forwardedAddress(entry)
		if !ok || next.IsLoopback() && !address.IsLoopback() { // another machine's loopback is not this one's
			return unreadableAddress
		}
		address = next
	}
	return address
}

// forwardedAddress parses an entry of X-Forwarded-For: an address, with or without a port in
// the forms of RFC 7239 §6 (192.0.2.1:80, [2001:db8::1]:80, optionally quoted). It returns
// false for "unknown", for an obfuscated identifier such as _hidden, for an address that no
// client can have (Squid writes :: into requests of its own), and for invalid input.
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
	address = address.WithZone("").Unmap()
	return address, !address.IsUnspecified() && !address.IsMulticast()
}

// forwardedPort matches what may follow an address: nothing, or a node-port of RFC 7239 §6.
var forwardedPort = regexp.MustCompile(`^(:([0-9]{1,5}|_[A-Za-z0-9._-]+))?$`)

// ForwardedFor returns the entries of X-Forwarded-For. Some proxies add a header line of
// their own below those of the request; all lines form one list (RFC 9110 §5.3).
func ForwardedFor(c *fiber.Ctx) []string {
	var addresses []string
	for _, line := range c.Context().Request.Header.PeekAll(fiber.HeaderXForwardedFor) {
		for entry := range strings.SplitSeq(string(line), ",") {
			if entry = strings.TrimSpace(entry); entry != "" { // empty elements are ignored (RFC 9110 §5.6.1)
				addresses = append(addresses, entry)
			}
		}
	}
	return addresses
}

func remote(c *fiber.Ctx) netip.Addr {
	address, _ := netip.AddrFromSlice(c.Context().RemoteIP()) // without an IP connection: the zero address, which is not limited
	return address.Unmap()
}

func (s *Site) trusted(address netip.Addr) bool {
	for _, network := range s.TrustedProxies {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// Exempt reports whether connections from an address are not limited: those of this machine,
// and those of trusted proxies, which carry many users.
func (s *Site) Exempt(address netip.Addr) bool {
	return !chat.LimitedAddress(address) || s.trusted(address)
}
