package chattest

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// PgBouncer runs PgBouncer in transaction mode in front of a database, with further
// settings, and returns the URL that leads through it. It ends with the test.
func PgBouncer(t testing.TB, database, settings string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "chat-pgbouncer-") // other users cannot read the test's own directory
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	file := filepath.Join(folder, "pgbouncer.ini")
	text := fmt.Sprintf("[databases]\n* = host=127.0.0.1 port=%s user=%s\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=%d\nunix_socket_dir=\nauth_type=any\npool_mode=transaction\n%s\n",
		u.Port(), u.User.Username(), port, settings)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(folder, "pgbouncer") // a copy: PgBouncer refuses root, and other users cannot enter root's cache
	if content, err := os.ReadFile(pgBouncerProgram()); err != nil {
		t.Fatalf("read PgBouncer, which make deps installs: %v", err)
	} else if err := os.WriteFile(program, content, 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	for _, path := range []string{folder, file, program} {
		if err := giveToUnprivileged(path); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(program, file) //nolint:gosec // what make deps installed
	if err := asUnprivileged(command); err != nil {
		t.Fatal(err)
	}
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = in
	if err := command.Start(); err != nil {
		t.Fatalf("start PgBouncer, which make deps installs: %v", err)
	}
	_ = in.Close()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGKILL) // nothing of it is needed any more
		_ = command.Wait()
		_ = out.Close()
	})
	if said := saysUntil(out, "process up"); said != "" {
		t.Fatalf("PgBouncer ended:\n%s", said)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // until it ends
	u.Host = fmt.Sprint("127.0.0.1:", port)
	return u.String()
}

// pgBouncerProgram returns the path at which tools/install-test-needs.sh finds or
// installs PgBouncer.
func pgBouncerProgram() string {
	if path := os.Getenv("PGBOUNCER"); path != "" {
		return path
	}
	if path, err := exec.LookPath("pgbouncer"); err == nil {
		return path
	}
	const installed = "/usr/sbin/pgbouncer"
	cache, err := os.UserCacheDir()
	if _, missing := os.Stat(installed); missing == nil || err != nil {
		return installed
	}
	return filepath.Join(cache, "chatserver", "pgbouncer")
}
