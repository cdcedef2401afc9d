//go:build !linux

package main

import (
	"errors"
	"io"
	"net"
	"sync"
)

// line is a net.Conn: figures are measured on Linux only.
type line struct{ net.Conn }

func bare(tcp net.Conn) (line, error) { return line{tcp}, nil }

func (l line) write(b []byte) error {
	_, err := l.Write(b)
	return err
}

// listen passes on the input of all lines, until one of them ends.
func listen(all []line, heard func(from int, b []byte) error) error {
	var one sync.Mutex // serializes heard
	ended := make(chan error, len(all))
	for i, l := range all {
		go func() {
			buffer := make([]byte, 128<<10)
			for {
				n, err := l.Read(buffer)
				one.Lock()
				if err == nil {
					err = heard(i, buffer[:n])
				}
				one.Unlock()
				if err != nil {
					ended <- err
					return
				}
			}
		}()
	}
	if err := <-ended; !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
