package chattest

import (
	"net"
	"net/url"
	"testing"
)

// Between is a network with weather that leads from its Address to another one: for
// programs that dial by themselves, as a node does Postgres and NATS. It ends with the
// test.
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

// BetweenURL is Between to the host of a URL, and that URL through the network.
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

// Address is where it is dialed.
func (n *Network) Address() string { return n.listener.Addr().String() }

// accepts carries what is dialed, until the network is closed.
func (n *Network) accepts() {
	for {
		near, err := n.listener.Accept()
		if err != nil {
			return
		}
		n.leads(near.(*net.TCPConn))
	}
}

// leads relays a connection, or resets it if there is nobody at the other end.
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
