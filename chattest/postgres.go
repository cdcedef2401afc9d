package chattest

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Postgres is a Postgres server of a test, with nothing but what the test puts there.
// It syncs what it commits, as one in earnest does.
type Postgres struct {
	t         testing.TB // nil if it is the package's
	folder    string
	port      int
	process   *exec.Cmd
	gone      chan struct{} // closed when the last of its processes has ended
	databases atomic.Int64
}

// shared is the server that the tests of a package have together.
var shared struct {
	once sync.Once
	*Postgres
	err error
}

// Database is the URL of a new, empty database on a server that the tests of the
// package share. It is dropped with the test. The package's TestMain must be Main.
func Database(t testing.TB) string {
	t.Helper()
	shared.once.Do(func() { shared.Postgres, shared.err = startPostgres() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	url, drop := shared.database(t)
	t.Cleanup(drop)
	return url
}

// StartPostgres starts a server that this test may stop and kill. It ends with the test.
func StartPostgres(t testing.TB) *Postgres {
	t.Helper()
	p, err := startPostgres()
	if err != nil {
		t.Fatal(err)
	}
	p.t = t
	t.Cleanup(func() {
		if err := p.end(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// Database is the URL of a new, empty database.
func (p *Postgres) Database() string {
	p.t.Helper()
	url, _ := p.database(p.t)
	return url
}

func (p *Postgres) database(t testing.TB) (url string, drop func()) {
	t.Helper()
	name := fmt.Sprint("chat_", p.databases.Add(1))
	p.does(t, "CREATE DATABASE "+name+" TEMPLATE template0")
	return p.url(name), func() { p.does(t, "DROP DATABASE "+name+" WITH (FORCE)") }
}

func (p *Postgres) url(database string) string {
	return fmt.Sprintf("postgres://chat@127.0.0.1:%d/%s", p.port, database)
}

// RunsPostgres runs one of the programs that come with Postgres, like pg_dump.
func RunsPostgres(t testing.TB, program string, args ...string) {
	t.Helper()
	path, err := postgresProgram(program)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(path, args...).CombinedOutput(); err != nil { //nolint:gosec // what make needs installed
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// does runs a statement as the administrator does.
func (p *Postgres) does(t testing.TB, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", p.url("postgres"))
	if err == nil {
		_, err = db.ExecContext(context.Background(), statement)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}

// Stops stops the server as an administrator in a hurry does: who is connected is cut
// off.
func (p *Postgres) Stops() { p.ends(syscall.SIGINT) }

// Kill ends the server as a crash does. Its children notice, and end as well.
func (p *Postgres) Kill() { p.ends(syscall.SIGKILL) }

// Copies copies what a server that has ended has on the disk.
func (p *Postgres) Copies() (folder string) {
	p.t.Helper()
	folder = filepath.Join(p.folder, fmt.Sprint("copy-", p.databases.Add(1)))
	p.copies(p.data(), folder)
	return folder
}

// PutsBack puts a copy in the place of what a server that has ended has on the disk,
// and recovers it, as an administrator does who goes back to a point in time.
func (p *Postgres) PutsBack(folder string) {
	p.t.Helper()
	if err := os.RemoveAll(p.data()); err != nil {
		p.t.Fatal(err)
	}
	p.copies(folder, p.data())
	if err := os.WriteFile(filepath.Join(p.data(), "recovery.signal"), nil, 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := giveToUnprivileged(filepath.Join(p.data(), "recovery.signal")); err != nil {
		p.t.Fatal(err)
	}
}

func (p *Postgres) copies(from, to string) {
	p.t.Helper()
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil { //nolint:gosec // folders of ours
		p.t.Fatalf("copy %s: %v\n%s", from, err, out)
	}
}

// Restart starts it again after it ended, on the same port.
func (p *Postgres) Restart() {
	p.t.Helper()
	if err := p.start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *Postgres) ends(by os.Signal) {
	p.t.Helper()
	if err := p.process.Process.Signal(by); err != nil {
		p.t.Fatal(err)
	}
	<-p.gone
}

// end stops it and takes its folder away.
func (p *Postgres) end() error {
	_ = p.process.Process.Signal(syscall.SIGQUIT) // nothing of it is needed any more; it may have ended
	<-p.gone
	return os.RemoveAll(p.folder)
}

// endShared ends the package's server, if there is one.
func endShared() error {
	if shared.Postgres == nil {
		return nil
	}
	return shared.end()
}

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

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

// make makes the cluster. Its databases order texts as English does, unless they are
// told to do it otherwise: not byte by byte.
func (p *Postgres) make() error {
	if err := giveToUnprivileged(p.folder); err != nil {
		return err
	}
	command, err := p.command("initdb", "--username", "chat", "--auth", "trust", "--encoding", "UTF8",
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

// start starts it and waits until it can be asked.
func (p *Postgres) start() error {
	command, err := p.command("postgres", "-D", p.data(), "-p", fmt.Sprint(p.port), "-k", p.folder,
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync=on", "-c", "max_connections=200", "-c", "shared_buffers=32MB",
		"-c", "log_min_messages=log", "-c", "lc_messages=C",
		"-c", "restore_command=false") // of a recovery: there is no archive
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
		_, _ = io.Copy(io.Discard, out) // as long as one of its processes can say something
		_ = errors.Join(out.Close(), command.Wait())
	}()
	if said := <-ready; said != "" {
		<-p.gone
		return fmt.Errorf("postgres ended:\n%s", said)
	}
	return nil
}

// saysUntil reads lines until one has a text; if none has, it returns them.
func saysUntil(out io.Reader, text string) string {
	var said []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if said = append(said, lines.Text()); strings.Contains(lines.Text(), text) {
			return ""
		}
	}
	return strings.Join(said, "\n") + "\n"
}

// command is one of Postgres's programs, as somebody who may not do everything: it
// refuses to run otherwise.
func (p *Postgres) command(name string, args ...string) (*exec.Cmd, error) {
	program, err := postgresProgram(name)
	if err != nil {
		return nil, err
	}
	command := exec.Command(program, args...) //nolint:gosec // what make needs installed
	command.Dir = p.folder
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	return command, asUnprivileged(command)
}

// postgresProgram finds a program of Postgres, where packages put it that keep several
// versions apart, and in the PATH.
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
	return "", errors.New("there is no Postgres on this machine, which the tests of the store need: run make needs")
}
