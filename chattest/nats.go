package chattest

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// NATS is a NATS server that runs in this process for one test.
type NATS struct {
	t       testing.TB
	port    int
	options []NATSOption
	server  *server.Server
}

// NATSOption changes the settings of a NATS server.
type NATSOption func(*server.Options)

// StartNATS starts a NATS server on a free port. It ends with the test.
func StartNATS(t testing.TB, options ...NATSOption) *NATS {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	n := &NATS{t: t, port: port, options: options}
	n.Start()
	t.Cleanup(n.Kill)
	return n
}

// URL returns the URL that nodes connect to.
func (n *NATS) URL() string { return fmt.Sprintf("nats://127.0.0.1:%d", n.port) }

// SecureURL returns the URL for TLS, with the host name localhost.
func (n *NATS) SecureURL() string { return fmt.Sprintf("tls://localhost:%d", n.port) }

// Start starts the server again on the same port, with empty state.
func (n *NATS) Start() {
	n.t.Helper()
	options := &server.Options{Host: "127.0.0.1", Port: n.port, NoLog: true, NoSigs: true}
	for _, option := range n.options {
		option(options)
	}
	s, err := server.NewServer(options)
	if err != nil {
		n.t.Fatalf("nats: %v", err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		n.t.Fatal("NATS does not start")
	}
	n.server = s
}

// Serves waits until the given number of nodes are connected.
func (n *NATS) Serves(nodes int) {
	n.t.Helper()
	for end := time.Now().Add(Patience); n.server.NumClients() != nodes; {
		if time.Now().After(end) {
			n.t.Fatalf("%d nodes are connected to NATS, want %d", n.server.NumClients(), nodes)
		}
	}
}

// Refused waits until the server has refused a client the given number of times.
func (n *NATS) Refused(times int) {
	n.t.Helper()
	for end := time.Now().Add(Patience); ; {
		refused, err := n.server.Connz(&server.ConnzOptions{State: server.ConnClosed})
		if err == nil && refused.Total >= times {
			return
		}
		if err != nil || time.Now().After(end) {
			n.t.Fatalf("NATS refused %+v, %v", refused, err)
		}
	}
}

// Kill ends the server without closing its connections first.
func (n *NATS) Kill() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
}
