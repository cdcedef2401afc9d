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

// What a service manager such as systemd and a service tell each other: sd_notify(3)
// and sd_listen_fds(3). Without one nothing is told and nothing inherited.

// firstInherited is the first descriptor that a service manager hands over.
const firstInherited = 3

// inheritedPorts are the ports that the service manager has opened for this process, by
// their FileDescriptorName: "public" and "ops". One without a name is the public port
// if it is the only one.
func inheritedPorts() (map[string]net.Listener, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil //nolint:nilnil // none, or meant for another process
	}
	count, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil {
		return nil, fmt.Errorf("LISTEN_FDS is %q and no number", os.Getenv("LISTEN_FDS"))
	}
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	ports := map[string]net.Listener{}
	for i := range count {
		name := "public"
		if i < len(names) && (names[i] == "public" || names[i] == "ops") {
			name = names[i]
		} else if count > 1 {
			return nil, fmt.Errorf("the service manager hands over %d ports: name each of them public or ops with FileDescriptorName=", count)
		}
		file := os.NewFile(uintptr(firstInherited+i), name)
		listener, err := net.FileListener(file)
		_ = file.Close() // the listener has a descriptor of its own
		if err != nil {
			return nil, fmt.Errorf("the %s port of the service manager: %w", name, err)
		}
		ports[name] = &closeOnce{Listener: listener}
	}
	return ports, nil
}

// closeOnce is a port that is closed before the server is: closing it again is no
// error, which would end the server's own stop before everybody is answered.
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

// notifyManager tells the service manager how the service stands, like "READY=1".
// What it does not hear it finds out by itself.
func notifyManager(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	if path[0] == '@' { // a name and no file
		path = "\x00" + path[1:]
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(state))
}

// runWatchdog tells the service manager that the server answers, twice as often as it
// wants to hear it; a server that does not answer is ended by it and started anew.
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
				log.Warn("the watchdog is not told", "error", err)
				continue
			}
			notifyManager("WATCHDOG=1")
		}
	}
}

// checkHub asks the server's hub, which every connection needs: one that holds its
// lock for ever serves nobody.
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
		return fmt.Errorf("the hub has not answered for %v", hubTimeout)
	}
}

// hubTimeout is how long the hub may be busy.
const hubTimeout = 5 * time.Second
