//go:build !unix

package main

import "math"

// raiseOpenFiles has nothing to raise here.
func raiseOpenFiles() error { return nil }

// openFiles has no limit here that we know of.
func openFiles() (int, error) { return math.MaxInt32, nil }
