package chat

import "net/netip"

// Role is what an actor is to the server. It decides the actor's column in the access table.
type Role uint8

// The roles. roles is their number.
const (
	// Stranger has not entered the chat: the reader of a web page.
	Stranger Role = iota
	// Guest is a user with a name and a guest key.
	Guest
	// Bot is a program's account, which belongs to a person's account.
	Bot
	// Member is a person's account.
	Member
	// Admin is an account that manages people, rooms and settings.
	Admin
	// Owner is an Admin that also decides who is admin or owner.
	Owner
	// System is the operator's command line, which already controls the database.
	System
	roles
)

// String returns the role's name, as in the access table's golden file and the store.
func (r Role) String() string {
	return [...]string{Stranger: "stranger", Guest: "guest", Bot: "bot", Member: "member", Admin: "admin", Owner: "owner", System: "system"}[r]
}

// HasAccount reports whether actors of this role have an account.
func (r Role) HasAccount() bool { return r >= Bot && r <= Owner }

// Actor is who asks for something. Every use case that reaches a room gets one, and the
// access table decides by it. A Connection has an actor for as long as it is open.
//
// The zero Actor is a stranger of unknown address.
type Actor struct {
	Role       Role
	User       User        // zero for a stranger and the system
	Credential *Credential // how an account proved who it is; nil for everyone else
	Address    netip.Addr  // counts toward the limits per address; not valid for the system
}

// GuestAt returns the actor of a guest who connects from an address.
func GuestAt(user User, address netip.Addr) Actor {
	return Actor{Role: Guest, User: user, Address: address}
}

// StrangerAt returns the actor of a request from an address that has not entered.
func StrangerAt(address netip.Addr) Actor { return Actor{Address: address} }

// Operator returns the actor of the operator's command line.
func Operator() Actor { return Actor{Role: System} }

// Payer returns the payer of the actor's costs.
func (a Actor) Payer() Payer { return PayerOf(a.Address, a.User) }

// Payer is the party that a cost is charged to. For a limited address it is the network (see
// Network), so that a hundred connections of one address share one allowance; otherwise, as
// for loopback, it is the user. Payers are comparable and can be map keys.
type Payer struct {
	network netip.Prefix
	user    string // User.ID; empty if the network pays
}

// PayerOf returns the payer for a user at an address. For an address without a limit and no
// user it is the zero Payer, which all such requests share.
func PayerOf(address netip.Addr, user User) Payer {
	if LimitedAddress(address) {
		return Payer{network: Network(address)}
	}
	return Payer{user: user.ID}
}

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
