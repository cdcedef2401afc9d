package chat

import "net/netip"

// Role is what an actor is to the server. It decides the actor's column in the access table.
type Role uint8

// The roles of today. roles is their number.
const (
	// Stranger has not entered the chat: the reader of a web page.
	Stranger Role = iota
	// Guest is a user with a name and a guest key.
	Guest
	// System is the operator's command line, which already controls the database.
	System
	roles
)

// String returns the role's name in the access table's golden file.
func (r Role) String() string {
	return [...]string{Stranger: "stranger", Guest: "guest", System: "system"}[r]
}

// Actor is who asks for something. Every use case that reaches a room gets one, and the
// access table decides by it. A Connection has an actor for as long as it is open.
//
// The zero Actor is a stranger of unknown address.
type Actor struct {
	Role    Role
	User    User       // zero for a stranger and the system
	Address netip.Addr // counts toward the limits per address; not valid for the system
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
