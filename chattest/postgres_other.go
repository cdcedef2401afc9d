//go:build !linux

package chattest

import "os/exec"

// asUnprivileged does nothing: tests do not run as root here.
func asUnprivileged(*exec.Cmd) error { return nil }

func giveToUnprivileged(string) error { return nil }
