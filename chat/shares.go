package chat

import "net/netip"

// Share is a network in which an address is counted. Its limit is Times the limit of one
// address.
type Share struct {
	Network netip.Prefix
	Times   int
}

// Shares returns the networks in which an address is counted, the narrowest first. An IPv4
// address is a single one. An IPv6 subscriber has at least a /64, and many providers assign
// a /56 or /48 (RIPE-690): these get a higher limit than one address, but not 256 or 65,536
// times as high.
func Shares(address netip.Addr) []Share {
	network := Network(address)
	if !network.Addr().Is6() {
		return []Share{{network, 1}}
	}
	wide, _ := network.Addr().Prefix(56) // fits an IPv6 address
	wider, _ := network.Addr().Prefix(48)
	return []Share{{network, 1}, {wide, 4}, {wider, 16}}
}

// creatorNetwork returns the network by which new rooms are counted: the widest of Shares,
// or the zero Prefix if the address is not limited. One customer may have a whole IPv6 /48
// (RFC 6177) and could create rooms from each of its /64s.
func creatorNetwork(address netip.Addr) netip.Prefix {
	if !LimitedAddress(address) {
		return netip.Prefix{}
	}
	shares := Shares(address)
	return shares[len(shares)-1].Network
}

// Network returns the network by which connections of an address are counted: the address
// itself for IPv4, and the /64 for IPv6, because one subscriber has a whole /64. For an
// invalid address it returns the zero Prefix.
func Network(address netip.Addr) netip.Prefix {
	address = address.Unmap().WithZone("")
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	prefix, _ := address.Prefix(bits) // bits fit a valid address; an invalid one correctly gives the zero Prefix
	return prefix
}

// LimitedAddress reports whether limits per address apply: not to loopback addresses.
func LimitedAddress(address netip.Addr) bool {
	return address.IsValid() && !address.Unmap().IsLoopback()
}
