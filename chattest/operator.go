package chattest

import (
	"bytes"
	"context"
	"strings"

	"chatserver/accounts"
	"chatserver/commands"
	"chatserver/store"
)

// Operates runs a command beside the server, as an operator does, and returns what it prints.
func (w *World) Operates(args ...string) string {
	w.t.Helper()
	out, code := w.TryOperate(args...)
	if code != 0 {
		w.t.Fatalf("chatserver %s: %s", strings.Join(args, " "), out)
	}
	return out
}

// TryOperate is Operates for commands that may fail. It returns the exit code, and with it what
// the command says.
func (w *World) TryOperate(args ...string) (out string, code int) {
	w.t.Helper()
	args = append(args, "--data", w.config.Data)
	if w.config.Database != "" {
		args = append(args, "--database", w.config.Database)
	}
	var printed, failed bytes.Buffer
	code = commands.Main(args, nil, &printed, &failed)
	return strings.TrimSpace(printed.String() + failed.String()), code
}

// ClaimPath returns the path of the link that makes the first owner, or "" if there is one.
func (w *World) ClaimPath() string { return w.server.ClaimPath() }

// Accounts opens the accounts beside the server, as a command does.
func (w *World) Accounts() *accounts.Accounts {
	w.t.Helper()
	db, err := store.OpenAccounts(context.Background(), w.config.Database, w.config.Data)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = db.Close() })
	return accounts.New(db, accounts.Options{Params: quickPasswords})
}
