//go:build unix

package chattest

import (
	"context"
	"database/sql"
	"errors"
	"syscall"
)

// Freezes stops the server and all its sessions until thaws is called. To connected
// clients it is silent.
func (p *Postgres) Freezes() (thaws func()) {
	p.t.Helper()
	all := append(p.sessions(), p.process.Process.Pid)
	signal := func(s syscall.Signal) {
		for _, pid := range all {
			_ = syscall.Kill(pid, s) // a session may have ended
		}
	}
	thaws = func() { signal(syscall.SIGCONT) }
	p.t.Cleanup(thaws) // or it would never end
	signal(syscall.SIGSTOP)
	return thaws
}

// sessions lists the server's processes other than the first.
func (p *Postgres) sessions() (pids []int) {
	p.t.Helper()
	db, err := sql.Open("pgx", p.url("postgres"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(context.Background(), `SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()`)
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		err = errors.Join(err, rows.Scan(&pid))
		pids = append(pids, pid)
	}
	if err = errors.Join(err, rows.Err()); err != nil {
		p.t.Fatal(err)
	}
	return pids
}
