package chattest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Postgres is a Postgres server for tests, with only the data that the test creates. It
// syncs its commits to disk, as a production server does.
type Postgres struct {
	t         testing.TB // nil for the package's shared server
	folder    string
	port      int
	process   *exec.Cmd
	gone      chan struct{} // closed when the last of its processes has ended
	databases atomic.Int64
}

// shared is the server that the tests of a package share.
var shared struct {
	once sync.Once
	*Postgres
	err error
}

// Database returns the URL of a new, empty database on a server that the tests of the
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

// Database returns the URL of a new, empty database.
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
	return fmt.Sprintf("postgres://admin@127.0.0.1:%d/%s", p.port, database)
}

// RunsPostgres runs one of the programs that come with Postgres, like pg_dump.
func RunsPostgres(t testing.TB, program string, args ...string) {
	t.Helper()
	path, err := postgresProgram(program)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(path, args...).CombinedOutput(); err != nil { //nolint:gosec // what make deps installed
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// does runs a statement as the administrator.
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

// Stops stops the server in fast mode, which disconnects its clients.
func (p *Postgres) Stops() { p.ends(syscall.SIGINT) }

// Kill ends the server as a crash does. Its child processes notice, and end as well.
func (p *Postgres) Kill() { p.ends(syscall.SIGKILL) }

// Copies copies the data directory. The server must have ended.
func (p *Postgres) Copies() (folder string) {
	p.t.Helper()
	folder = filepath.Join(p.folder, fmt.Sprint("copy-", p.databases.Add(1)))
	p.copies(p.data(), folder)
	return folder
}

// PutsBack replaces the data directory of a stopped server with a copy and recovers it,
// as an administrator does for a point-in-time recovery.
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

// Restart starts the server again after it ended, on the same port.
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

// end stops the server and removes its directory.
func (p *Postgres) end() error {
	_ = p.process.Process.Signal(syscall.SIGQUIT) // nothing of it is needed any more; it may have ended already
	<-p.gone
	return os.RemoveAll(p.folder)
}

// endShared ends the package's shared server, if there is one.
func endShared() error {
	if shared.Postgres == nil {
		return nil
	}
	return shared.end()
}
