package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// startTimeout is how long a server may take until it responds.
	startTimeout = 20 * time.Second
	// stopTimeout is how long a server may take to exit; then it is killed.
	stopTimeout = 20 * time.Second
)

// server is a server under test, in a process of its own.
type server struct {
	address string
	command *exec.Cmd
	took    time.Duration // until it responded
	ended   chan struct{} // closed when the process has ended
	log     logTail
}

// start starts a server on a directory and waits until it responds. If the server exits
// instead, it retries, because another program may have taken the address.
func (b *bench) start(ctx context.Context, command, data string) (s *server, err error) {
	const tries = 3
	for range tries {
		if s, err = b.tryStart(ctx, command, data); !errors.Is(err, errNotServing) {
			return s, err
		}
	}
	return nil, err
}

// errNotServing reports a server that exited before it responded.
var errNotServing = errors.New("the server ended before it answered")

func (b *bench) tryStart(ctx context.Context, command, data string) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	s, err := b.launch(command, data, address)
	if err != nil {
		return nil, err
	}
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.took = time.Since(began)
	return s, nil
}

// launch starts a server without waiting for it.
func (b *bench) launch(command, data, address string) (*server, error) {
	words := strings.Fields(command)
	for i, word := range words {
		words[i] = strings.NewReplacer("{listen}", address, "{data}", data).Replace(word)
	}
	s := &server{address: address, ended: make(chan struct{}), command: exec.Command(words[0], words[1:]...)} //nolint:gosec,noctx // it is stopped by stop
	s.command.Stderr = &s.log
	if err := b.cores.start(s.command); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	go func() {
		_ = s.command.Wait() // it was stopped, or its clients report the error
		close(s.ended)
	}()
	return s, nil
}

// freeAddress returns an unused address. This program chooses it, so that any server can
// be measured.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// ready waits until the server responds. Listening is not enough: a full store may not
// be open yet.
func (s *server) ready(ctx context.Context) error {
	return s.await(ctx, 10*time.Millisecond, s.answers)
}

// await retries until ask returns no error.
func (s *server) await(ctx context.Context, every time.Duration, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("%w: %s", errNotServing, s.log.text())
		case <-ctx.Done():
			return fmt.Errorf("the server does not respond: %w", err)
		case <-time.After(every):
		}
	}
}

// answers checks the server's health; other servers may respond with any status.
func (s *server) answers(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/healthz", nil)
	if err != nil {
		return err
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// stop stops the server with SIGTERM, or else kills it, and waits for its end. It
// returns an error if the server did not exit in order.
func (s *server) stop() error {
	_ = s.command.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-s.ended:
	case <-time.After(stopTimeout):
		_ = s.command.Process.Kill()
		<-s.ended
	}
	if !s.command.ProcessState.Success() {
		return fmt.Errorf("the server ended with %v: %s", s.command.ProcessState, s.log.text())
	}
	return nil
}

// with starts the server under test, measures it, and stops it.
func (b *bench) with(ctx context.Context, data string, f func(*server) error) error {
	return b.withServer(ctx, b.server, data, f)
}

// withServer does the same with any server.
func (b *bench) withServer(ctx context.Context, command, data string, f func(*server) error) error {
	s, err := b.start(ctx, command, data)
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.stop())
}

// logTail keeps the end of a server's log: with ten thousand connections the whole log
// would be too long to show.
type logTail struct {
	mu   sync.Mutex
	last []byte
}

// Write implements io.Writer.
func (l *logTail) Write(b []byte) (int, error) {
	const kept = 4 << 10
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = append(l.last, b...)
	if len(l.last) > 2*kept {
		l.last = bytes.Clone(l.last[len(l.last)-kept:])
	}
	return len(b), nil
}

func (l *logTail) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.last)
}
