package chattest

import (
	"fmt"
	"os/exec"
	"testing"
)

// StartProgramWithFiles is StartProgram with a limit on file descriptors.
func StartProgramWithFiles(t testing.TB, files int, args ...string) *Program {
	t.Helper()
	return startLimited(t, args, func(command *exec.Cmd) {
		limited := fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, files)
		command.Args = append([]string{"sh", "-c", limited, command.Path}, command.Args[1:]...)
		command.Path = "/bin/sh"
	})
}

// StartProgramWithMemory is StartProgram with a GOMEMLIMIT.
func StartProgramWithMemory(t testing.TB, limit string, args ...string) *Program {
	t.Helper()
	return startLimited(t, args, func(command *exec.Cmd) {
		command.Env = append(command.Env, "GOMEMLIMIT="+limit)
	})
}

// StartProgramThatTrusts is StartProgram with a file of trusted certificate authorities.
func StartProgramThatTrusts(t testing.TB, authorities string, args ...string) *Program {
	t.Helper()
	return startLimited(t, args, func(command *exec.Cmd) {
		command.Env = append(command.Env, "SSL_CERT_FILE="+authorities)
	})
}

func startLimited(t testing.TB, args []string, limit func(*exec.Cmd)) *Program {
	t.Helper()
	p := &Program{t: t, args: args, limit: limit}
	p.more.L = &p.mu
	p.start(FreeAddress(t))
	return p
}
