package chat

import "net/netip"

// Payer is who a cost is charged to: the network of a limited address (see Network), so
// that a hundred connections of one address share what one may use; otherwise, as on
// this machine, the user. Payers can be compared and are keys of maps.
type Payer struct {
	network netip.Prefix
	user    string // User.ID; empty if the network pays
}

// PayerOf returns who pays for a user at an address. Of an address that is not limited
// and no user it is the zero Payer, which all such requests share.
func PayerOf(address netip.Addr, user User) Payer {
	if LimitedAddress(address) {
		return Payer{network: Network(address)}
	}
	return Payer{user: user.ID}
}

// Payer is who a connection's costs are charged to.
func (c *Connection) Payer() Payer { return PayerOf(c.Address, c.User) }
