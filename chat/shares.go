package chat

import "net/netip"

// Share is a network that an address is counted in, with its limit in multiples of the limit
// of one address.
type Share struct {
	Network netip.Prefix
	Times   int
}

// Shares returns the networks that an address is counted in, the narrowest first. An IPv4
// address is one. A subscriber of IPv6 has a /64 at least, and many providers assign a /56 or
// a /48 (RIPE-690): these may have more than one address may, but not 256 or 65,536 times as
// much.
func Shares(address netip.Addr) []Share {
	network := Network(address)
	if !network.Addr().Is6() {
		return []Share{{network, 1}}
	}
	wide, _ := network.Addr().Prefix(56) // it fits an IPv6 address
	wider, _ := network.Addr().Prefix(48)
	return []Share{{network, 1}, {wide, 4}, {wider, 16}}
}

// creatorNetwork is the network by which new rooms are counted, the widest of Shares; the
// zero Prefix if they are not. One customer may have a whole /48 of IPv6 (RFC 6177), and
// make rooms from each /64 of it.
func creatorNetwork(address netip.Addr) netip.Prefix {
	if !LimitedAddress(address) {
		return netip.Prefix{}
	}
	shares := Shares(address)
	return shares[len(shares)-1].Network
}

// addressFullLocked reports whether a network of an address has as many connections as it may
// have. h.mu must be held.
func (h *hub) addressFullLocked(address netip.Addr, limit int) bool {
	for _, share := range Shares(address) {
		if h.addresses[share.Network] >= limit*share.Times {
			return true
		}
	}
	return false
}
