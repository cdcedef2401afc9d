package commands_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"chatserver/chattest"
)

// The doctor says a line for each thing, and below it what to do; its exit code says
// whether anything is a problem.
func TestTheDoctorSaysWhatToDo(t *testing.T) {
	data := t.TempDir()
	program := chattest.StartProgram(t, "--data", data)
	well := []string{"doctor", "--data", data, "--listen", program.Address, "--ops", "off", "http://" + program.Address}
	lines := strings.SplitAfter(succeeds(t, well...), "\n")
	for _, line := range lines[:len(lines)-1] {
		if !regexp.MustCompile(`^(ok {7}|note {5})[a-z]+: .+\n$|^ {9}-> .+\n$`).MatchString(line) {
			t.Errorf("it says %q", line)
		}
	}
	if len(lines) < 12 {
		t.Errorf("it says %d lines", len(lines))
	}
	said, code := run(t, append(well, "--trusted-proxies", "0.0.0.0/0")...)
	if code != 1 || !strings.Contains(said, "problem  settings: --trusted-proxies 0.0.0.0/0") || !strings.Contains(said, "\nchatserver: found 1 problem\n") {
		t.Errorf("with a problem it ends with %d and says %s", code, said)
	}
	if said, code := run(t, "doctor", "ftp://chat.example"); code != 1 || strings.Count(said, "\n") != 1 || !strings.Contains(said, "is not an address") {
		t.Errorf("of an address that is none it says %d %s", code, said)
	}
	if said, code := run(t, "doctor", "--max-text", "0"); code != 2 || !strings.Contains(said, "--max-text") {
		t.Errorf("of a setting that cannot be it says %d %s", code, said)
	}
}

// Each message waits for the disk: one that is slow is said to be. strace makes it so.
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
	said, _ := command.CombinedOutput() // the code says that there is a problem
	if !regexp.MustCompile(`problem  disk: fsync latency 1[5-9]\d`).Match(said) {
		t.Errorf("of a slow disk it says %s", said)
	}
}
