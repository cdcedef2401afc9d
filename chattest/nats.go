package chattest

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// NATS is a NATS server of a test's own, in this process.
type NATS struct {
	t      testing.TB
	port   int
	server *server.Server
}

// StartNATS starts one on a free port. It ends with the test.
func StartNATS(t testing.TB) *NATS {
	t.Helper()
	n := &NATS{t: t, port: server.RANDOM_PORT}
	n.Start()
	t.Cleanup(n.Kill)
	return n
}

// URL is where nodes find it.
func (n *NATS) URL() string { return fmt.Sprintf("nats://127.0.0.1:%d", n.port) }

// Start starts it again where it was, with nothing of what it knew.
func (n *NATS) Start() {
	n.t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: n.port, NoLog: true, NoSigs: true})
	if err != nil {
		n.t.Fatalf("nats: %v", err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		n.t.Fatal("nats does not begin")
	}
	n.server = s
	if n.port == server.RANDOM_PORT {
		n.port = s.Addr().(*net.TCPAddr).Port
	}
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

// Kill ends it without a word.
func (n *NATS) Kill() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
}
