//go:build !unix

package main

import "math"

// raiseOpenFiles does nothing here.
func raiseOpenFiles() error { return nil }

// openFiles assumes that there is no limit here.
func openFiles() (int, error) { return math.MaxInt32, nil }
