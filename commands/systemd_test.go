package commands_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chatserver/chattest"
)

// manager is a service manager: it owns the public port, starts the service on it and
// receives its notifications.
type manager struct {
	t       *testing.T
	port    *net.TCPListener
	told    *net.UnixConn
	folder  string
	address string
}

func newManager(t *testing.T) *manager {
	t.Helper()
	m := &manager{t: t, folder: t.TempDir()}
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.port, m.address = port.(*net.TCPListener), port.Addr().String()
	path := filepath.Join(t.TempDir(), "notify")
	if m.told, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = m.port.Close(), m.told.Close() })
	return m
}

// starts starts the service with the socket.
func (m *manager) starts() *exec.Cmd {
	m.t.Helper()
	file, err := m.port.File()
	if err != nil {
		m.t.Fatal(err)
	}
	defer file.Close()
	program := chattest.Command("--listen", "127.0.0.1:1", "--ops", "off", "--data", m.folder)
	// Only the child process knows its own PID.
	service := exec.Command("/bin/sh", append([]string{"-c", `LISTEN_PID=$$ WATCHDOG_PID=$$ exec "$0" "$@"`}, program.Args...)...) //nolint:gosec // ourselves
	service.Env = append(program.Env, "LISTEN_FDS=1", "LISTEN_FDNAMES=public", "NOTIFY_SOCKET="+m.told.LocalAddr().String(), "WATCHDOG_USEC=200000")
	service.ExtraFiles, service.Stderr = []*os.File{file}, m.t.Output()
	if err := service.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = service.Process.Kill() }) // it may have exited already
	return service
}

// hears waits until the service sends a state.
func (m *manager) hears(state string) {
	m.t.Helper()
	if err := m.told.SetReadDeadline(time.Now().Add(chattest.Patience)); err != nil {
		m.t.Fatal(err)
	}
	for buffer := make([]byte, 256); ; {
		n, err := m.told.Read(buffer)
		if err != nil {
			m.t.Fatalf("the service never sent %s: %v", state, err)
		}
		if string(buffer[:n]) == state {
			return
		}
	}
}

// With socket activation, connections during a restart wait instead of being refused.
func TestNobodyIsRefusedDuringARestart(t *testing.T) {
	m := newManager(t)
	service := m.starts()
	m.hears("READY=1")
	m.hears("WATCHDOG=1")
	var wg sync.WaitGroup
	var answered, wrong atomic.Int64
	over := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				if err := asksForHealth(m.address); err != nil {
					wrong.Add(1)
					t.Errorf("a connection was refused: %v", err)
					return
				}
				answered.Add(1)
			}
		})
	}
	for range 3 {
		before := answered.Load()
		if err := service.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		m.hears("STOPPING=1")
		if err := service.Wait(); err != nil {
			t.Fatalf("the service ended with %v", err)
		}
		service = m.starts()
		m.hears("READY=1")
		for end := time.Now().Add(chattest.Patience); answered.Load() == before && wrong.Load() == 0 && time.Now().Before(end); {
			m.hears("WATCHDOG=1")
		}
	}
	close(over)
	wg.Wait()
	if answered.Load() == 0 {
		t.Error("no request was answered")
	}
	t.Logf("%d were answered over three restarts", answered.Load())
	_ = service.Process.Signal(syscall.SIGTERM)
	if err := service.Wait(); err != nil {
		t.Error(err)
	}
}

// asksForHealth requests the health check on a new connection.
func asksForHealth(address string) error {
	conn, err := net.DialTimeout("tcp", address, chattest.Patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(chattest.Patience)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", address); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.Contains(line, " 200 ") && !strings.Contains(line, " 503 ") {
		err = fmt.Errorf("the answer is %q", line)
	}
	return err
}

// Two sockets without names cannot be distinguished.
func TestPortsWithoutNamesAreRefused(t *testing.T) {
	m := newManager(t)
	first, err := m.port.File()
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	program := chattest.Command("--ops", "off", "--data", m.folder)
	service := exec.Command("/bin/sh", append([]string{"-c", `LISTEN_PID=$$ exec "$0" "$@"`}, program.Args...)...) //nolint:gosec // ourselves
	service.Env = append(program.Env, "LISTEN_FDS=2")
	service.ExtraFiles = []*os.File{first, first}
	said, err := service.CombinedOutput()
	if err == nil || !strings.Contains(string(said), "FileDescriptorName=") {
		t.Errorf("it says %q, %v", said, err)
	}
}
