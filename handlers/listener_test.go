package handlers

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// failingPort is a port on which accepting fails with each of the errors before it works.
type failingPort struct {
	net.Listener
	mu    sync.Mutex
	fails []error
}

func (p *failingPort) Accept() (net.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.fails) > 0 {
		err := p.fails[0]
		p.fails = p.fails[1:]
		return nil, &net.OpError{Op: "accept", Err: err}
	}
	return p.Listener.Accept()
}

func openPort(t *testing.T) net.Listener {
	t.Helper()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = port.Close() })
	return port
}

func TestAPortSurvivesTransientErrors(t *testing.T) {
	lacks := []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EMFILE}
	var log strings.Builder
	l := newListener(&failingPort{Listener: openPort(t), fails: lacks}, 0, &httpConns{}, testReporter(slog.NewTextHandler(&log, nil)))
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	began := time.Now()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if took := time.Since(began); took < (1<<len(lacks)-1)*minRetryDelay { // the pause doubles each time, or it would burn a core
		t.Errorf("it tried %d times in %v", len(lacks), took)
	}
	if told := strings.Count(log.String(), "\n"); told != 1 {
		t.Errorf("the log has %d lines about it: %s", told, log.String())
	}
	if l.retryDelay != minRetryDelay {
		t.Errorf("after a success the next pause is %v", l.retryDelay)
	}
}

func TestAPortEndsWithPermanentErrors(t *testing.T) {
	l := newListener(&failingPort{Listener: openPort(t), fails: []error{syscall.EBADF}}, 0, &httpConns{}, testReporter(slog.DiscardHandler))
	if _, err := l.Accept(); !errors.Is(err, syscall.EBADF) {
		t.Errorf("a broken port returns %v", err)
	}
}

func TestAPortCanBeClosedWhileItBacksOff(t *testing.T) {
	l := newListener(&failingPort{Listener: openPort(t), fails: []error{syscall.EMFILE}}, 0, &httpConns{}, testReporter(slog.DiscardHandler))
	l.retryDelay = time.Hour
	ended := make(chan error)
	go func() { _, err := l.Accept(); ended <- err }()
	_ = l.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("it ends with %v", err)
	}
}

// A client whose connection has a reserved descriptor gets the whole refusal, and the next
// client is served once there are enough descriptors.
func TestAClientWithAReservedDescriptorIsRefused(t *testing.T) {
	l := newListener(openPort(t), 0, &httpConns{}, testReporter(slog.DiscardHandler))
	l.firstReserved = 1 // the test itself has more than that
	accepted := make(chan net.Conn)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	for range 3 * maxRefusals { // none of them waits for another
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Write([]byte("GET /chat/Ann HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != 503 || response.Header.Get("Retry-After") != "5" || !response.Close || string(body) != reasonServerFull {
			t.Errorf("answered with %s %v %q, %v", response.Status, response.Header, body, err)
		}
		_ = client.Close()
	}
	select {
	case <-accepted:
		t.Error("a connection was accepted")
	default:
	}
	_ = l.Close()
}
