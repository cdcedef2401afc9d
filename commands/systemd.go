package commands

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The protocols between a service manager such as systemd and a service: sd_notify(3) and
// sd_listen_fds(3). Without a service manager, nothing is sent and no sockets are
// inherited.

// firstInherited is the first inherited descriptor.
const firstInherited = 3

// inheritedPorts returns the sockets that the service manager opened for this process, by
// FileDescriptorName: "public" and "ops". A single socket without a name is the public
// port.
func inheritedPorts() (map[string]net.Listener, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil //nolint:nilnil // none, or for another process
	}
	count, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil {
		return nil, fmt.Errorf("invalid LISTEN_FDS %q", os.Getenv("LISTEN_FDS"))
	}
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	ports := map[string]net.Listener{}
	for i := range count {
		name := "public"
		if i < len(names) && (names[i] == "public" || names[i] == "ops") {
			name = names[i]
		} else if count > 1 {
			return nil, fmt.Errorf("the service manager passed %d sockets: name each of them public or ops with FileDescriptorName=", count)
		}
		file := os.NewFile(uintptr(firstInherited+i), name)
		listener, err := net.FileListener(file)
		_ = file.Close() // the listener has its own descriptor
		if err != nil {
			return nil, fmt.Errorf("use the %s socket of the service manager: %w", name, err)
		}
		ports[name] = &closeOnce{Listener: listener}
	}
	return ports, nil
}

// closeOnce is a listener that is closed before the server. Closing it again returns the
// first result, because an error would end the server's shutdown too early.
type closeOnce struct {
	net.Listener
	once sync.Once
	err  error
}

// Close implements net.Listener.
func (l *closeOnce) Close() error {
	l.once.Do(func() { l.err = l.Listener.Close() })
	return l.err
}

// notifyManager sends a state such as "READY=1" to the service manager. Errors are
// ignored, because the service manager also watches the process.
func notifyManager(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	if path[0] == '@' { // an abstract socket
		path = "\x00" + path[1:]
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(state))
}

// runWatchdog reports to the service manager that the server responds, twice per watchdog
// interval. The service manager restarts a server that does not respond.
func (s *Server) runWatchdog(ctx context.Context, log *slog.Logger) {
	every, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if pid := os.Getenv("WATCHDOG_PID"); err != nil || every <= 0 || pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return
	}
	ticker := time.NewTicker(time.Duration(every) * time.Microsecond / 2)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.checkHub(); err != nil {
				log.Warn("systemd watchdog notification skipped: the server does not respond", "error", err)
				continue
			}
			notifyManager("WATCHDOG=1")
		}
	}
}

// checkHub takes the hub's lock, which every connection needs: a hub that never releases
// it serves nobody.
func (s *Server) checkHub() error {
	done := make(chan struct{})
	go func() {
		s.chat.Connections()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-time.After(hubTimeout):
		return fmt.Errorf("the hub was locked for %v", hubTimeout)
	}
}

// hubTimeout bounds how long the hub may be busy.
const hubTimeout = 5 * time.Second
