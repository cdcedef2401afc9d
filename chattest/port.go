package chattest

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"testing"
)

// Ports given to servers come from below the ports that kernels lend to outgoing
// connections (Linux from 32768, others from 49152; RFC 6056 §2.1): the kernel would lend
// a port that is free for a moment, while its server starts or restarts, to anybody.
const firstPort, lastPort = 12_000, 32_000

// givenPorts are those this process gave: a server that is down keeps its port.
var givenPorts sync.Map

// FreeAddress returns an address of 127.0.0.1 whose port no server uses, at any address of
// this machine, and that this process gives once.
func FreeAddress(t testing.TB) string {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// freePort is FreeAddress without a test.
func freePort() (int, error) {
	for range lastPort - firstPort {
		port := firstPort + rand.IntN(lastPort-firstPort) //nolint:gosec // nobody guesses it
		listener, err := net.Listen("tcp4", ":"+strconv.Itoa(port))
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			return 0, err
		}
		if _, given := givenPorts.LoadOrStore(port, true); !given {
			return port, nil
		}
	}
	return 0, errors.New("no port is free")
}
