package chattest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func startPostgres() (*Postgres, error) {
	folder, err := os.MkdirTemp("", "chat-postgres-")
	if err != nil {
		return nil, err
	}
	p := &Postgres{folder: folder}
	if p.port, err = freePort(); err == nil {
		err = p.make()
	}
	if err == nil {
		err = p.start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return p, nil
}

// make creates the cluster. By default its databases sort text as English does, not
// bytewise.
func (p *Postgres) make() error {
	if err := giveToUnprivileged(p.folder); err != nil {
		return err
	}
	command, err := p.command("initdb", "--username", "admin", "--auth", "trust", "--encoding", "UTF8",
		"--locale", "C", "--locale-provider", "icu", "--icu-locale", "en-US", "--no-sync", p.data())
	if err != nil {
		return err
	}
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func (p *Postgres) data() string { return filepath.Join(p.folder, "data") }

// start starts the server, and waits until it accepts queries.
func (p *Postgres) start() error {
	command, err := p.command("postgres", "-D", p.data(), "-p", fmt.Sprint(p.port), "-k", p.folder,
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync=on", "-c", "max_connections=200", "-c", "shared_buffers=32MB",
		"-c", "log_min_messages=log", "-c", "lc_messages=C",
		"-c", "restore_command=false") // for a recovery: there is no archive
	if err != nil {
		return err
	}
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	command.Stderr = in
	err = errors.Join(command.Start(), in.Close())
	if err != nil {
		return errors.Join(err, out.Close())
	}
	p.process, p.gone = command, make(chan struct{})
	ready := make(chan string, 1)
	go func() {
		defer close(p.gone)
		ready <- saysUntil(out, "ready to accept connections")
		_, _ = io.Copy(io.Discard, out) // as long as one of its processes writes
		_ = errors.Join(out.Close(), command.Wait())
	}()
	if said := <-ready; said != "" {
		<-p.gone
		return fmt.Errorf("postgres ended:\n%s", said)
	}
	return nil
}

// saysUntil reads lines until one contains a text. If none does, it returns all of them.
func saysUntil(out io.Reader, text string) string {
	var said []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if said = append(said, lines.Text()); strings.Contains(lines.Text(), text) {
			return ""
		}
	}
	return strings.Join(said, "\n") + "\n"
}

// command returns a command for one of Postgres's programs as an unprivileged user,
// because they refuse to run as root.
func (p *Postgres) command(name string, args ...string) (*exec.Cmd, error) {
	program, err := postgresProgram(name)
	if err != nil {
		return nil, err
	}
	command := exec.Command(program, args...) //nolint:gosec // what make deps installed
	command.Dir = p.folder
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	return command, asUnprivileged(command)
}

// postgresProgram finds a program of Postgres in the directories where packages install
// several versions, and in the PATH.
func postgresProgram(name string) (string, error) {
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/", "/opt/homebrew/opt/postgresql@*/bin/", "/usr/local/opt/postgresql@*/bin/"} {
		found, err := filepath.Glob(pattern + name)
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return slices.Max(found), nil
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return "", errors.New("there is no Postgres on this machine, which the tests of the store need: run make deps")
}
