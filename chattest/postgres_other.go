//go:build !linux

package chattest

import (
	"os/exec"
	"syscall"
)

// asUnprivileged has a command run in a group of its own, that a test can kill as a
// whole. Nobody runs tests as root here.
func asUnprivileged(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return nil
}

func giveToUnprivileged(string) error { return nil }
