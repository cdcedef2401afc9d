//go:build !linux

package main

import "net"

func smallBuffer(*net.Dialer) {}

func (*receivers) reset() error { return errLinuxOnly }
