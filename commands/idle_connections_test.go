package commands_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"chatserver/chattest"
)

// idleFrom opens a connection from an address of this machine, sends one request and
// reads the answer.
func idleFrom(t *testing.T, source, address string) (net.Conn, *bufio.Reader) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: chattest.Patience}
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(2 * chattest.Patience)) // only catches hanging
	in := bufio.NewReader(conn)
	if status := asksAgain(t, conn, in); status != http.StatusOK {
		t.Fatalf("the request is answered with %d", status)
	}
	return conn, in
}

func asksAgain(t *testing.T, conn net.Conn, in *bufio.Reader) int {
	t.Helper()
	if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

// One address holds more idle connections than the process has descriptors. Others can
// connect all the same, because the connections that have been idle longest are closed;
// with --max-per-address, all but its newest.
func TestIdleConnectionsOfOneAddressKeepNobodyOut(t *testing.T) {
	own := chattest.OwnAddress(t)
	for limit, closed := range map[string]int{"0": 600 - 256, "100": 600 - 100} {
		program := chattest.StartProgramWithFiles(t, 256, "--data", t.TempDir(), "--max-per-address", limit)
		var conns []net.Conn
		var ins []*bufio.Reader
		for range 600 {
			conn, in := idleFrom(t, own, program.Address)
			conns, ins = append(conns, conn), append(ins, in)
		}
		for _, name := range []string{"Ann", "Bob", "Cem"} {
			program.World().Connect(name, "room=lobby").Hears(name + " connected to chat")
			idleFrom(t, "127.0.0.1", program.Address)
		}
		for i, in := range ins[:closed] {
			if _, err := in.ReadByte(); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
				t.Fatalf("limit %s: connection %d is open: %v", limit, i, err)
			}
		}
		open := 600 - closed
		if limit == "0" {
			open = 100 // at least; descriptors ran out
		}
		for i := 600 - open; i < 600; i++ {
			if status := asksAgain(t, conns[i], ins[i]); status != http.StatusOK {
				t.Errorf("limit %s: connection %d is answered with %d", limit, i, status)
			}
		}
	}
}
