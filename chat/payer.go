package chat

import "net/netip"

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
