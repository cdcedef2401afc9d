//go:build !unix

package chattest

import "syscall"

// asOnALine does nothing on systems without support for it.
func asOnALine(string, string, syscall.RawConn) error { return nil }
