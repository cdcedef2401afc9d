package chattest

import (
	"net"
	"testing"
)

// OwnAddress returns a non-loopback IP address of this machine. Clients that connect to
// it also come from it, so the limits for remote clients apply to them. The test fails
// if there is no such address.
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
	t.Fatal("this machine has no network address other than loopback")
	return ""
}
