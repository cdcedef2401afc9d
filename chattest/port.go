package chattest

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"testing"
)

// firstPort and lastPort bound the ports for servers. They lie below the ephemeral ports
// (from 32768 on Linux, from 49152 elsewhere; RFC 6056 §2.1), because the kernel may
// lend a free ephemeral port to any outgoing connection while its server starts or
// restarts.
const firstPort, lastPort = 12_000, 32_000

// givenPorts holds the ports that this process has handed out: a server that is down
// keeps its port.
var givenPorts sync.Map

// FreeAddress returns an address on 127.0.0.1. No server uses its port on any address of
// this machine, and this process returns it only once.
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
	return 0, errors.New("no free port")
}
