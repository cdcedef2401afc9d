package chat

import (
	"net/netip"
	"testing"
)

func TestAddressesAreCountedByNetwork(t *testing.T) {
	same := func(a, b string) bool { return Network(netip.MustParseAddr(a)) == Network(netip.MustParseAddr(b)) }
	for _, pair := range [][2]string{
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9"}, // one subscriber
		{"10.0.0.1", "::ffff:10.0.0.1"},             // one address, written twice
		{"fe80::1%eth0", "fe80::2%eth1"},
	} {
		if !same(pair[0], pair[1]) {
			t.Errorf("%s and %s are counted separately", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"10.0.0.1", "10.0.0.2"}, {"2001:db8:1:2::1", "2001:db8:1:3::1"}} {
		if same(pair[0], pair[1]) {
			t.Errorf("%s and %s are counted together", pair[0], pair[1])
		}
	}
	if LimitedAddress(netip.MustParseAddr("127.0.0.9")) || LimitedAddress(netip.MustParseAddr("::ffff:127.0.0.1")) || LimitedAddress(netip.MustParseAddr("::1")) || LimitedAddress(netip.Addr{}) {
		t.Error("loopback is limited")
	}
	if !LimitedAddress(netip.MustParseAddr("192.0.2.1")) {
		t.Error("a foreign address is not limited")
	}
}

func TestARoomClosesItsHoles(t *testing.T) {
	r := &room{hub: &hub{}}
	var members []*subscription
	for range 100 {
		members = append(members, r.addLocked(&Connection{}))
	}
	for i, m := range members {
		if i%10 != 0 {
			r.removeLocked(m)
		}
	}
	if len(r.subscriptions) > 30 || len(r.subscriptions)-r.holes != 10 {
		t.Errorf("10 subscriptions take %d places with %d holes", len(r.subscriptions), r.holes)
	}
	for i, m := range r.subscriptions {
		if m != nil && int(m.index) != i {
			t.Errorf("the subscription at %d has the index %d", i, m.index)
		}
	}
}
