package chattest

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// NATS is a NATS server of a test's own, in this process.
type NATS struct {
	t       testing.TB
	port    int
	options []NATSOption
	server  *server.Server
}

// NATSOption changes how a NATS is set.
type NATSOption func(*server.Options)

// StartNATS starts one on a free port. It ends with the test.
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

// URL is where nodes find it.
func (n *NATS) URL() string { return fmt.Sprintf("nats://127.0.0.1:%d", n.port) }

// SecureURL is where nodes find it if it speaks TLS, as localhost.
func (n *NATS) SecureURL() string { return fmt.Sprintf("tls://localhost:%d", n.port) }

// Start starts it again where it was, with nothing of what it knew.
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
		n.t.Fatal("nats does not begin")
	}
	n.server = s
}

// Serves waits until so many nodes are connected.
func (n *NATS) Serves(nodes int) {
	n.t.Helper()
	for end := time.Now().Add(Patience); n.server.NumClients() != nodes; {
		if time.Now().After(end) {
			n.t.Fatalf("%d nodes are connected to NATS, and not %d", n.server.NumClients(), nodes)
		}
	}
}

// Refused waits until it has refused somebody so many times.
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

// Kill ends it without a word.
func (n *NATS) Kill() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
}
