package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// staller is a connection that reads nothing until the end.
type staller struct {
	*connection
	heard receiver // checks the numbers
	ended error    // how the server ended the connection
	hole  error    // what was missing on a connection that stayed open
}

// enterStalled connects people who stop reading after they have joined; sent messages
// were sent before. They connect one by one, and soon read all that is there.
func (w joinPlan) enterStalled(ctx context.Context, people, sent int) (all []*staller, err error) {
	for i := range people {
		conn, err := w.enter(ctx, fmt.Sprint("stalled", i), "", smallBuffer)
		if err != nil {
			return all, err
		}
		all = append(all, &staller{connection: conn, heard: receiver{last: sent}})
	}
	return all, nil
}

// catchUpBuffer is the receive buffer of a stalled connection once it reads: with the
// small one, megabytes would take minutes.
const catchUpBuffer = 256 << 10

// readRest reads what is left, until the connection ends or everything that was sent has
// arrived. What arrives must be complete up to the end: a client that misses something
// without being disconnected has a hole in its history.
func (s *staller) readRest(sent int, patience time.Duration) {
	_ = s.tcp.(*net.TCPConn).SetReadBuffer(catchUpBuffer) // best effort
	for s.heard.last < sent {
		_ = s.tcp.SetReadDeadline(time.Now().Add(patience)) // fails only on a closed connection
		frame, err := s.next()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			s.hole = fmt.Errorf("message %d of %d never arrived", s.heard.last+1, sent)
			return
		}
		if err != nil {
			s.ended = err
			return
		}
		if s.hole = s.heard.frame(opText, frame, 0, func(int, int, int) {}); s.hole != nil {
			return
		}
	}
}

func cutStalled(all []*staller) {
	for _, s := range all {
		s.cut()
	}
}
