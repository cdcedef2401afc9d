package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// staller is a connection that reads nothing until all is over.
type staller struct {
	*connection
	heard receiver // to check numbers
	ended error    // how the server ended the connection
	hole  error    // what was missing though the connection went on
}

// enterStalled has so many come who read nothing from then on; so many messages
// were sent before. They come one by one, and soon read all that there is.
func (w way) enterStalled(ctx context.Context, people, sent int) (all []*staller, err error) {
	for i := range people {
		conn, err := w.enter(ctx, fmt.Sprint("stalled", i), "", smallBuffer)
		if err != nil {
			return all, err
		}
		all = append(all, &staller{connection: conn, heard: receiver{last: sent}})
	}
	return all, nil
}

// catchUpBuffer is what the kernel may keep for a stalled connection that is read
// at last: through the small one megabytes would take minutes.
const catchUpBuffer = 256 << 10

// readRest reads what is left, until the connection ends or all that was sent has
// come. What comes must be whole up to where it ends: who is left without
// something and not told lives on with a hole.
func (s *staller) readRest(sent int, patience time.Duration) {
	_ = s.tcp.(*net.TCPConn).SetReadBuffer(catchUpBuffer) // a wish
	for s.heard.last < sent {
		_ = s.tcp.SetReadDeadline(time.Now().Add(patience)) // fails only on a connection that is closed
		frame, err := s.next()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			s.hole = fmt.Errorf("message %d of %d never came", s.heard.last+1, sent)
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
