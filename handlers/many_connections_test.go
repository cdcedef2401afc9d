package handlers_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"chatserver/chattest"
	"chatserver/config"
)

// dialFrom opens a connection from a given address of this machine and sends a request, or
// the beginning of one.
func dialFrom(t *testing.T, w *chattest.World, source, request string) *bufio.Reader {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: chattest.Patience}
	conn, err := dialer.DialContext(t.Context(), "tcp", w.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReader(conn)
}

func statusOf(t *testing.T, in *bufio.Reader) int {
	t.Helper()
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// Requests that never end fill only the limit of their own address, and the metrics show it.
// A trusted proxy has no limit.
func TestBusyConnectionsFillTheLimitOfTheirAddress(t *testing.T) {
	const half, whole = "GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
	own := chattest.OwnAddress(t)
	for _, proxies := range [][]string{nil, {own}} {
		w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.MaxPerAddress, c.TrustedProxies = 3, proxies }))
		for range 3 {
			dialFrom(t, w, own, half)
		}
		want, counted := 429, `reason="address_full"} 1`
		if proxies != nil {
			want, counted = 200, `reason="address_full"} 0`
		}
		if status := statusOf(t, dialFrom(t, w, own, whole)); status != want {
			t.Errorf("with the proxies %v a fourth connection is answered with %d", proxies, status)
		}
		if status := statusOf(t, dialFrom(t, w, "127.0.0.1", whole)); status != 200 {
			t.Errorf("another address is answered with %d", status)
		}
		if !strings.Contains(metricsOf(t, w), counted) {
			t.Errorf("the metrics have no %s", counted)
		}
	}
}

// metricsOf returns the metrics of a server, as Prometheus reads them.
func metricsOf(t *testing.T, w *chattest.World) string {
	t.Helper()
	response, err := http.Get("http://" + w.Ops() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	metrics, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(metrics)
}
