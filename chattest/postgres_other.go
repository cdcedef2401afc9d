//go:build !linux

package chattest

import "os/exec"

// asUnprivileged changes nothing: nobody runs tests as root here.
func asUnprivileged(*exec.Cmd) error { return nil }

func giveToUnprivileged(string) error { return nil }
