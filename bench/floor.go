package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// withFloor starts the program that a server is compared with, measures it, and stops
// it. command replaces the built-in floor unless it is empty.
func (b *bench) withFloor(ctx context.Context, command string, flags []string, f func(*server) error) error {
	if command == "" {
		built, err := b.program(ctx, "chatserver/bench/floor")
		if err != nil {
			return err
		}
		command = built
	}
	s, err := b.startFloor(ctx, append(strings.Fields(command), flags...))
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.stop())
}

// startFloor starts a floor and reads its address. The floor chooses the address,
// because a connection that only probes whether it is ready would count.
func (b *bench) startFloor(ctx context.Context, words []string) (*server, error) {
	s := &server{ended: make(chan struct{}), command: exec.Command(words[0], words[1:]...)} //nolint:gosec,noctx // it is stopped by stop
	s.command.Stderr = &s.log
	out, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := b.cores.start(s.command); err != nil {
		return nil, fmt.Errorf("start the floor: %w", err)
	}
	heard := make(chan error, 1)
	go func() {
		address, err := bufio.NewReader(out).ReadString('\n')
		s.address = strings.TrimSpace(address)
		heard <- err
		_ = s.command.Wait() // like a server's
		close(s.ended)
	}()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	select {
	case err = <-heard:
	case <-ctx.Done():
		_ = s.command.Process.Kill() // the pipe ends with it
		err = errors.Join(ctx.Err(), <-heard)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the floor does not print its address: %w", err), s.stop())
	}
	return s, nil
}
