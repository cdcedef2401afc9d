//go:build !unix

package chattest

import "syscall"

// asOnALine does nothing where it is not known how.
func asOnALine(string, string, syscall.RawConn) error { return nil }
