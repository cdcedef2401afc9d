//go:build !linux

package main

import (
	"errors"
	"net"
	"time"
)

// receivers exist on Linux only, like figures.
type receivers struct{ all []*receiver }

var errLinuxOnly = errors.New("this is measured on Linux only")

func newReceivers() (*receivers, error)                    { return nil, errLinuxOnly }
func (*receivers) add(net.Conn, []byte) (*receiver, error) { return nil, errLinuxOnly }
func (*receivers) listen(time.Duration, hearing) error     { return errLinuxOnly }
func (*receivers) tellOf(*receivers) error                 { return errLinuxOnly }
func (*receivers) cut()                                    {}
func (*receiver) write([]byte) error                       { return errLinuxOnly }
