//go:build !linux

package main

import "net"

// line is a connection as Go has it: figures are taken on Linux only.
type line struct{ net.Conn }

func bare(tcp net.Conn) (line, error) { return line{tcp}, nil }

func (l line) write(b []byte) error {
	_, err := l.Write(b)
	return err
}

func (l line) read(b []byte) (int, error) { return l.Read(b) }
