// Package examples_test runs the examples against a real server.
package examples_test

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chatserver/chattest"
)

func TestMain(m *testing.M) { chattest.Main(m) }

// client returns a command that starts one of the examples under a name.
type client func(t *testing.T, server, name string) *exec.Cmd

func inGo(t *testing.T, server, name string) *exec.Cmd {
	t.Helper()
	program := filepath.Join(t.TempDir(), "client")
	if out, err := exec.Command("go", "build", "-o", program, "./go").CombinedOutput(); err != nil {
		t.Fatalf("build the client: %v\n%s", err, out)
	}
	return exec.Command(program, "-server", server, "-name", name)
}

func inPython(t *testing.T, server, name string) *exec.Cmd {
	t.Helper()
	python := cmp.Or(os.Getenv("PYTHON"), "/usr/bin/python3")
	if err := exec.Command(python, "-c", "import websocket").Run(); err != nil {
		t.Fatalf("%s has no module websocket: run make deps, or set PYTHON to one that has.", python)
	}
	return exec.Command(python, "python/client.py", "--server", server, "--name", name)
}

// speaker is a person who talks through an example.
type speaker struct {
	t       *testing.T
	name    string
	command *exec.Cmd
	in      io.WriteCloser
	lines   chan string // closed when the example has ended
	heard   []string
}

func start(t *testing.T, client client, address, name string) *speaker {
	t.Helper()
	s := &speaker{t: t, name: name, command: client(t, "ws://"+address, name), lines: make(chan string, 1000)}
	out, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.command.Stderr = t.Output()
	if s.in, err = s.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.command.Process.Kill() })
	go func() {
		defer close(s.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			s.lines <- lines.Text()
		}
	}()
	return s
}

func (s *speaker) says(lines ...string) {
	s.t.Helper()
	if _, err := io.WriteString(s.in, strings.Join(lines, "\n")+"\n"); err != nil {
		s.t.Fatalf("%s cannot send %q: %v", s.name, lines, err)
	}
}

// hears waits until the speaker has received n lines in all.
func (s *speaker) hears(n int) {
	s.t.Helper()
	patience := time.After(3 * chattest.Patience) // a client that reconnects waits first
	for len(s.heard) < n {
		select {
		case line, more := <-s.lines:
			if !more {
				s.t.Fatalf("%s has ended after %q", s.name, s.heard)
			}
			s.heard = append(s.heard, line)
		case <-patience:
			s.t.Fatalf("%s received %d lines, want %d: %q", s.name, len(s.heard), n, s.heard)
		}
	}
}

// leaves ends the input. The example must send what is left, and exit without an error.
func (s *speaker) leaves() {
	s.t.Helper()
	_ = s.in.Close()
	for line := range s.lines {
		s.heard = append(s.heard, line)
	}
	if err := s.command.Wait(); err != nil {
		s.t.Errorf("%s ended with %v", s.name, err)
	}
}

// numbered returns numbered lines, and the form in which they are received.
func numbered(name, what string, n int) (said, heard []string) {
	for i := range n {
		said = append(said, fmt.Sprint(what, " ", i))
		heard = append(heard, fmt.Sprint(name, ": ", what, " ", i))
	}
	return said, heard
}

// only returns the lines of one sender.
func only(name string, heard []string) []string {
	return slices.DeleteFunc(slices.Clone(heard), func(line string) bool { return !strings.HasPrefix(line, name+": ") })
}

var pairs = []struct {
	name     string
	ann, bob client
}{
	{"Go and Go", inGo, inGo},
	{"Python and Python", inPython, inPython},
	{"Go and Python", inGo, inPython},
}

func TestTwoPeopleTalkWhileTheServerRestarts(t *testing.T) {
	for _, pair := range pairs {
		t.Run(pair.name, func(t *testing.T) {
			t.Parallel()
			world := chattest.NewWorld(t)
			ann, bob := start(t, pair.ann, world.Address(), "Ann"), start(t, pair.bob, world.Address(), "Bob")
			ann.says("hello")
			ann.hears(1)
			bob.says("hi")
			ann.hears(2)
			bob.hears(2)
			world.Stop()
			annSays, annHeard := numbered("Ann", "while it is away", 3)
			bobSays, bobHeard := numbered("Bob", "I say too", 3)
			ann.says(annSays...)
			bob.says(bobSays...)
			world.Start()
			ann.hears(8)
			bob.hears(8)
			ann.leaves()
			bob.says("Ann is gone")
			bob.leaves()
			history := world.Connect("reader", "history=100")
			history.Hears(bob.heard...)
			history.Hears("reader connected to chat")
			if want := append([]string{"Ann: hello"}, annHeard...); !slices.Equal(only("Ann", bob.heard), want) {
				t.Errorf("Bob hears %q from Ann", only("Ann", bob.heard))
			}
			if want := append(append([]string{"Bob: hi"}, bobHeard...), "Bob: Ann is gone"); !slices.Equal(only("Bob", bob.heard), want) {
				t.Errorf("Bob hears %q from himself", only("Bob", bob.heard))
			}
			if !slices.Equal(ann.heard, bob.heard[:8]) {
				t.Errorf("Ann hears %q and Bob %q", ann.heard, bob.heard)
			}
		})
	}
}

// A killed server may have stored messages that it did not acknowledge. Clients send
// them again, and they are not stored twice.
func TestACrashInTheMiddleLosesAndDoublesNothing(t *testing.T) {
	const n = 400
	for _, pair := range pairs {
		t.Run(pair.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			program := chattest.StartProgram(t, "--data", folder, "--rate", "0", "--byte-rate", "0")
			address := program.Address
			ann, bob := start(t, pair.ann, address, "Ann"), start(t, pair.bob, address, "Bob")
			bob.says("I listen")
			bob.hears(1)
			ann.hears(1)
			said, heard := numbered("Ann", "line", n)
			ann.says(said...) // a pipe holds more than that
			for i := range 3 {
				bob.hears(1 + (i+1)*n/4)
				program.Kill()
				program = chattest.StartProgram(t, "--data", folder, "--rate", "0", "--listen", address)
			}
			bob.hears(1 + n)
			ann.hears(1 + n)
			ann.leaves()
			bob.leaves()
			for _, s := range []*speaker{ann, bob} {
				if !slices.Equal(s.heard, append([]string{"Bob: I listen"}, heard...)) {
					t.Errorf("%s hears %d lines that are not Ann's %d: %q", s.name, len(s.heard)-1, n, s.heard)
				}
			}
			program.World().Connect("reader", "history=100").Hears(heard[n-100:]...)
		})
	}
}

func TestARefusedClientReportsTheReasonAndExits(t *testing.T) {
	world := chattest.NewWorld(t)
	for _, client := range []client{inGo, inPython} {
		command := client(t, "ws://"+world.Address(), "a:b") // names cannot contain a colon
		out, err := command.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "400") {
			t.Errorf("it exits with %v and prints %q", err, out)
		}
	}
}

func TestTheShellScriptSendsALine(t *testing.T) {
	if _, err := exec.LookPath("websocat"); err != nil {
		if _, err := exec.LookPath("wsdump"); err != nil {
			t.Fatal("There is no websocat and no wsdump on this machine: run make deps.")
		}
	}
	world := chattest.NewWorld(t)
	say := func(text string) error {
		command := exec.Command("shell/say.sh", "Shell", "lobby", text)
		command.Env = append(os.Environ(), "CHAT_SERVER=ws://"+world.Address())
		command.Stderr = t.Output()
		return command.Run()
	}
	hears := func(listener *chattest.Person, text string) {
		listener.Hears("Shell connected to chat", "Shell: "+text, "Shell left the chat")
	}
	ann := world.Connect("Ann", "")
	ann.Hears("Ann connected to chat")
	if err := say("the  build is green"); err != nil {
		t.Error(err)
	}
	hears(ann, "the  build is green")
	stopped := world.StopInBackground()
	ann.IsClosed()
	<-stopped
	if say("nobody hears this") == nil {
		t.Error("it reports success although the server is down")
	}
	world.Start()
	bob := world.Connect("Bob", "history=100")
	bob.Hears("Shell: the  build is green", "Bob connected to chat")
	if err := say("back again"); err != nil {
		t.Error(err)
	}
	hears(bob, "back again")
}

// An edit and a deletion are printed as such, and nothing else that happens to a message is.
func TestAnExamplePrintsWhatBecomesOfAMessage(t *testing.T) {
	for name, client := range map[string]client{"Go": inGo, "Python": inPython} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := chattest.NewWorld(t)
			cid := world.Join("Cid", "lobby")
			ann := start(t, client, world.Address(), "Ann")
			ann.says("is anybody here?")
			ann.hears(1)
			seq, code := cid.SaysUntilAcknowledged("lobby", "0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b", "Tea at fuor?")
			for _, refused := range []string{
				code,
				cid.ChangesUntilAnswered("react", "lobby", seq, "emoji", "👍", "on", true),
				cid.ChangesUntilAnswered("edit", "lobby", seq, "rev", seq, "text", "Tea at four?"),
				cid.ChangesUntilAnswered("pin", "lobby", seq, "on", true),
				cid.ChangesUntilAnswered("delete", "lobby", seq),
			} {
				if refused != "" {
					t.Fatal(refused)
				}
			}
			ann.hears(4)
			if want := []string{"Ann: is anybody here?", "Cid: Tea at fuor?", "Cid edited: Tea at four?", "Cid deleted a message"}; !slices.Equal(ann.heard, want) {
				t.Errorf("Ann reads %q", ann.heard)
			}
			ann.leaves()
		})
	}
}
