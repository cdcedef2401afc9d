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
