package chattest

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"chatserver/commands"
)

// asProgram in the environment makes a test binary behave as the program.
const asProgram = "RUN_AS_CHATSERVER=1"

// Main is for a TestMain: it runs the tests, or, in a process that StartProgram
// started, the program itself.
func Main(m *testing.M) {
	if name, value, _ := strings.Cut(asProgram, "="); os.Getenv(name) == value {
		os.Exit(commands.Main(os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// Program is the whole program in a process of its own.
type Program struct {
	t       testing.TB
	command *exec.Cmd
	Address string // of the public port
	done    chan struct{}
	mu      sync.Mutex
	more    sync.Cond // something was logged, or it ended
	log     bytes.Buffer
	ended   bool
}

var ready = regexp.MustCompile(`http://localhost:(\d+)`)

// StartProgram starts the program on a free port and waits for its first line.
// The package's TestMain must be Main.
func StartProgram(t testing.TB, args ...string) *Program {
	t.Helper()
	p := &Program{t: t, done: make(chan struct{})}
	p.more.L = &p.mu
	p.command = Command(append([]string{"--listen", "127.0.0.1:0", "--ops", "off"}, args...)...)
	p.command.Stderr = p
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.command.Process.Kill() // it may have ended
		<-p.done
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	go func() {
		_ = p.command.Wait() // the test asks for the exit code
		p.mu.Lock()
		p.ended = true
		p.more.Broadcast()
		p.mu.Unlock()
		close(p.done)
	}()
	port := ready.FindStringSubmatch(line)
	if err != nil || port == nil {
		t.Fatalf("the program says %q, %v\n%s", line, err, p.Log())
	}
	p.Address = "127.0.0.1:" + port[1]
	return p
}

// Command is the program, not started yet.
func Command(args ...string) *exec.Cmd {
	command := exec.Command(os.Args[0], args...) //nolint:gosec // ourselves
	command.Env = []string{asProgram}
	return command
}

// Write takes what the program logs.
func (p *Program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.more.Broadcast()
	return p.log.Write(b)
}

// Logs waits until it has logged a text.
func (p *Program) Logs(text string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !strings.Contains(p.log.String(), text) {
		if p.ended {
			p.t.Fatalf("it ended and never logged %q:\n%s", text, p.log.String())
		}
		p.more.Wait()
	}
}

// Log is what it has logged.
func (p *Program) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// Kill ends it as a crash does.
func (p *Program) Kill() {
	p.t.Helper()
	if err := p.command.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-p.done
}

// Signal sends a signal.
func (p *Program) Signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// Ended waits until it has ended and returns its exit code.
func (p *Program) Ended() int {
	p.t.Helper()
	select {
	case <-p.done:
		return p.command.ProcessState.ExitCode()
	case <-time.After(Patience):
		p.t.Fatalf("it does not end:\n%s", p.Log())
		return -1
	}
}

// World is the world of this program, to meet people in.
func (p *Program) World() *World {
	w := &World{t: p.t}
	w.config.Listen = p.Address
	return w
}
