package chattest

import (
	"net"
	"net/url"
	"testing"
)

// Between returns a fault-injecting proxy in front of an address, for programs that dial
// it themselves, such as a node that dials Postgres or NATS. It ends with the test.
func Between(t testing.TB, to string) *Network {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &Network{t: t, to: func() string { return to }, listener: listener, changed: make(chan struct{})}
	n.carrying.Go(n.accepts)
	t.Cleanup(n.close)
	return n
}

// BetweenURL starts a proxy as Between does in front of a URL's host. It returns the
// proxy and the URL that leads through it.
func BetweenURL(t testing.TB, to string) (n *Network, through string) {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	n = Between(t, u.Host)
	u.Host = n.Address()
	return n, u.String()
}

// Address returns the address that the proxy listens on.
func (n *Network) Address() string { return n.listener.Addr().String() }

// accepts relays incoming connections until the network is closed.
func (n *Network) accepts() {
	for {
		near, err := n.listener.Accept()
		if err != nil {
			return
		}
		n.leads(near.(*net.TCPConn))
	}
}

// leads relays a connection, or resets it if nothing listens at the other end.
func (n *Network) leads(near *net.TCPConn) {
	far, err := net.Dial("tcp", n.to())
	if err != nil {
		reset(near)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	server := far.(*net.TCPConn)
	if n.closed {
		reset(near)
		reset(server)
		return
	}
	n.relayed = append(n.relayed, near, server)
	n.relay(near, server, true)
	n.relay(server, near, false)
}
