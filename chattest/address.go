package chattest

import (
	"net"
	"testing"
)

// OwnAddress is an IP address of this machine that is not loopback: who connects to it
// comes from it as well, and has the limits of a stranger. The test fails without one.
func OwnAddress(t testing.TB) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.IP.IsGlobalUnicast() {
			return network.IP.String()
		}
	}
	t.Fatal("this machine has no network interface with an address, except for loopback")
	return ""
}
