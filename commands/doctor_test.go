package commands_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"chatserver/chattest"
)

// doctor prints one line per finding with its remedy below, and its exit code says
// whether there are problems.
func TestTheDoctorSuggestsRemedies(t *testing.T) {
	data := t.TempDir()
	program := chattest.StartProgram(t, "--data", data)
	well := []string{"doctor", "--data", data, "--listen", program.Address, "--ops", "off", "http://" + program.Address}
	lines := strings.SplitAfter(succeeds(t, well...), "\n")
	for _, line := range lines[:len(lines)-1] {
		if !regexp.MustCompile(`^(ok {7}|note {5})[a-z]+: .+\n$|^ {9}-> .+\n$`).MatchString(line) {
			t.Errorf("it prints %q", line)
		}
	}
	if len(lines) < 12 {
		t.Errorf("it prints %d lines", len(lines))
	}
	said, code := run(t, append(well, "--trusted-proxies", "0.0.0.0/0")...)
	if code != 1 || !strings.Contains(said, "problem  settings: --trusted-proxies 0.0.0.0/0") || !strings.Contains(said, "\nchatserver: found 1 problem\n") {
		t.Errorf("with a problem, it ends with %d and prints %s", code, said)
	}
	if said, code := run(t, "doctor", "ftp://chat.example"); code != 1 || strings.Count(said, "\n") != 1 || !strings.Contains(said, "is not an address") {
		t.Errorf("for an invalid address, it ends with %d and prints %s", code, said)
	}
	if said, code := run(t, "doctor", "--max-text", "0"); code != 2 || !strings.Contains(said, "--max-text") {
		t.Errorf("for an invalid setting, it ends with %d and prints %s", code, said)
	}
}

// Each message waits for the disk, so a slow disk is reported. strace slows it down.
func TestTheDoctorMeasuresTheDisk(t *testing.T) {
	if err := exec.CommandContext(t.Context(), "strace", "-o", os.DevNull, "true").Run(); err != nil {
		t.Skip("NOT TESTED HERE: strace, which make deps installs, does not run; CI runs it:", err)
	}
	command := chattest.Command("doctor", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--ops", "off")
	command.Args = append([]string{"strace", "-f", "-o", os.DevNull, "-e", "trace=fsync", "-e", "inject=fsync:delay_enter=150000", command.Path}, command.Args[1:]...)
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal(err)
	}
	command.Path = strace
	said, _ := command.CombinedOutput() // the exit code reports a problem
	if !regexp.MustCompile(`problem  disk: fsync latency 1[5-9]\d`).Match(said) {
		t.Errorf("for a slow disk, it prints %s", said)
	}
}
