package chattest

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chatserver/commands"
)

// asProgram is the environment variable that makes a test binary run the program instead
// of tests.
const asProgram = "RUN_AS_CHATSERVER=1"

// Main is the body of a TestMain: it runs the tests, or, in a process that StartProgram
// started, the program itself. It fails if goroutines are left after the tests.
func Main(m *testing.M) {
	if name, value, _ := strings.Cut(asProgram, "="); os.Getenv(name) == value {
		os.Exit(commands.Main(os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
	}
	goleak.VerifyTestMain(tests{m}, Lasting()...)
}

// Run is for a TestMain that does more than Main: it runs the tests and returns the exit
// code.
func Run(m *testing.M) int { return tests{m}.Run() }

// tests runs a package's tests, and then stops the Postgres server that they shared.
type tests struct{ *testing.M }

func (t tests) Run() int {
	code := t.M.Run()
	if err := endShared(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return code
}

// Program is the whole program in its own process.
type Program struct {
	t       testing.TB
	args    []string
	limit   func(*exec.Cmd) // restricts the process; may be nil
	command *exec.Cmd
	Address string // of the public port
	done    chan struct{}
	mu      sync.Mutex
	more    sync.Cond // something was logged, or the process ended
	log     bytes.Buffer
	ended   bool
}

var ready = regexp.MustCompile(`https?://localhost:(\d+)`)

// StartProgram starts the program on a free port and waits for its first line. The
// package's TestMain must be Main.
func StartProgram(t testing.TB, args ...string) *Program {
	t.Helper()
	return StartProgramAt(t, FreeAddress(t), args...)
}

// StartProgramAt is StartProgram with a listen address for a program that other machines
// or nodes must reach.
func StartProgramAt(t testing.TB, listen string, args ...string) *Program {
	t.Helper()
	p := &Program{t: t, args: args}
	p.more.L = &p.mu
	p.start(listen)
	return p
}

// Restart starts the program again after it ended, on the same port and with the same
// arguments.
func (p *Program) Restart() {
	p.t.Helper()
	<-p.done
	p.start(p.Address)
}

func (p *Program) start(listen string) {
	p.t.Helper()
	command, done := Command(append([]string{"--listen", listen, "--ops", "off"}, p.args...)...), make(chan struct{})
	if p.limit != nil {
		p.limit(command)
	}
	command.Stderr = p
	out, err := command.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended already
		<-done
	})
	p.command, p.done = command, done
	p.setEnded(false)
	line, err := bufio.NewReader(out).ReadString('\n')
	go func() {
		_ = command.Wait() // the test reads the exit code itself
		p.setEnded(true)
		close(done)
	}()
	port := ready.FindStringSubmatch(line)
	if err != nil || port == nil {
		p.t.Fatalf("the program logs %q, %v\n%s", line, err, p.Log())
	}
	host, _, _ := net.SplitHostPort(listen)
	p.Address = net.JoinHostPort(host, port[1])
}

func (p *Program) setEnded(ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = ended
	p.more.Broadcast()
}

// noWaitAtExit keeps a program with the race detector from sleeping for a second before it
// exits, which is for goroutines that a program does not wait for.
const noWaitAtExit = "GORACE=atexit_sleep_ms=0"

// Command returns a command that runs the program, without starting it.
func Command(args ...string) *exec.Cmd {
	command := exec.Command(os.Args[0], args...) //nolint:gosec // ourselves
	command.Env = []string{asProgram, noWaitAtExit, "CHAT_LOG_FORMAT=text"}
	return command
}

// Write receives the program's log.
func (p *Program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.more.Broadcast()
	return p.log.Write(b)
}

// Logs waits until the program has logged a text.
func (p *Program) Logs(text string) {
	p.t.Helper()
	late := false
	timer := time.AfterFunc(Patience, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		late = true
		p.more.Broadcast()
	})
	defer timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !strings.Contains(p.log.String(), text) {
		if p.ended || late {
			p.t.Fatalf("it never logged %q; ended: %v:\n%s", text, p.ended, p.log.String())
		}
		p.more.Wait()
	}
}

// Log returns everything that the program has logged.
func (p *Program) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// Kill ends the program as a crash does.
func (p *Program) Kill() {
	p.t.Helper()
	if err := p.command.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-p.done
}

// Signal sends a signal to the program.
func (p *Program) Signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// Ended waits until the program has ended, and returns its exit code.
func (p *Program) Ended() int {
	p.t.Helper()
	select {
	case <-p.done:
		return p.command.ProcessState.ExitCode()
	case <-time.After(Patience):
		p.t.Fatalf("the program does not end:\n%s", p.Log())
		return -1
	}
}

// World returns the world of this program, for people to connect to.
func (p *Program) World() *World {
	w := &World{t: p.t}
	w.config.Listen = p.Address
	if i := slices.Index(p.args, "--data"); i >= 0 {
		w.config.Data = p.args[i+1]
	}
	if i := slices.Index(p.args, "--database"); i >= 0 {
		w.config.Database = p.args[i+1]
	}
	return w
}
