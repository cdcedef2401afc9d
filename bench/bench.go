package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// bench holds what a mode works with: servers, rounds and the table.
type bench struct {
	options
	table  *table
	result printer // printed at the end: the table, unless the mode sets another result
	log    io.Writer
	folder string // all temporary files, removed at the end
	server string // the command of the server under test
	cores  *cores // nil when nothing is pinned
	pinned string // describes the pinning
	made   int    // number of data directories
	built  map[string]string
}

// printer prints a result, for people or as CSV.
type printer interface {
	print(out io.Writer, asCSV bool) error
}

// open builds the server, unless another one is to be measured.
func (b *bench) open(ctx context.Context) (err error) {
	if err := raiseOpenFiles(); err != nil {
		return err
	}
	if b.folder, err = os.MkdirTemp("", "bench-"); err != nil {
		return err
	}
	if b.cores, b.pinned, err = pin(b.ServerCores); err != nil {
		return err
	}
	fmt.Fprintln(b.log, b.pinned)
	if b.server = b.Server; b.server != "" {
		return nil
	}
	program, err := b.program(ctx, "chatserver")
	b.server = program + limitless
	return err
}

// limitless has the flags of a server without limits.
const limitless = " --listen {listen} --data {data} --rate 0 --byte-rate 0 --max-per-address 0 --ops off"

// program returns the path of one of our programs, which is built on first use.
func (b *bench) program(ctx context.Context, from string) (path string, err error) {
	if path = b.built[from]; path != "" {
		return path, nil
	}
	path = filepath.Join(b.folder, filepath.Base(from))
	if err := build(ctx, path, from); err != nil {
		return "", err
	}
	if b.built == nil {
		b.built = map[string]string{}
	}
	b.built[from] = path
	return path, nil
}

// build builds one of our programs as it is shipped: the server in its own module, with
// the versions of its go.mod.
func build(ctx context.Context, program, from string) error {
	in := "."
	if from == "chatserver" {
		module, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "chatserver").Output()
		if err != nil {
			return fmt.Errorf("find the module of the server (run it with go -C bench run .): %w", err)
		}
		in = strings.TrimSpace(string(module))
	}
	command := exec.CommandContext(ctx, "go", "build", "-C", in, "-trimpath", "-ldflags=-s -w", "-o", program, from) //nolint:gosec // ours
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", from, err, out)
	}
	return nil
}

func (b *bench) close() {
	if b.folder != "" {
		_ = os.RemoveAll(b.folder) // a temporary directory that remains does no harm
	}
}

// data returns a new directory for a server's data.
func (b *bench) data() string {
	b.made++
	return filepath.Join(b.folder, fmt.Sprint("data-", b.made))
}

// round is one round of a mode: it starts servers as needed, and returns an error if
// anything was lost.
type round func(ctx context.Context, note note) error

// note records a figure in a row of the table.
type note func(row, figure string, value float64)

// rounds runs a round as often as requested. One void round voids the run, because a
// median would hide it.
func (b *bench) rounds(ctx context.Context, one round) error {
	ctx, cancel := context.WithTimeout(ctx, b.Timeout)
	defer cancel()
	for i := range b.Rounds {
		fmt.Fprintf(b.log, "%s: round %d of %d\n", b.table.title, i+1, b.Rounds)
		if err := one(ctx, b.table.note); err != nil {
			return fmt.Errorf("the run is void: round %d: %w", i+1, err)
		}
	}
	return nil
}
