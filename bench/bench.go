package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// bench is what a mode works with: servers, rounds and the table.
type bench struct {
	options
	table  *table
	log    io.Writer
	folder string // of all that is made, removed at the end
	server string // the command of the server under test
	made   int    // data folders

	floorBuilt bool
}

// open builds the server, unless another one is to be measured.
func (b *bench) open(ctx context.Context) (err error) {
	if err := raiseOpenFiles(); err != nil {
		return err
	}
	if b.folder, err = os.MkdirTemp("", "bench-"); err != nil {
		return err
	}
	if b.server = b.Server; b.server != "" {
		return nil
	}
	program := filepath.Join(b.folder, "chatserver")
	if err := build(ctx, program, "chatserver"); err != nil {
		return err
	}
	b.server = program + limitless
	return nil
}

// limitless are the flags of a server that is measured and not protected.
const limitless = " --listen {listen} --data {data} --rate 0 --max-per-address 0 --ops off"

// build builds a program of ours, as it is shipped.
func build(ctx context.Context, program, from string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, from) //nolint:gosec // ours
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", from, err, out)
	}
	return nil
}

func (b *bench) close() {
	if b.folder != "" {
		_ = os.RemoveAll(b.folder) // a temporary folder that stays does no harm
	}
}

// data makes a folder for a server's data.
func (b *bench) data() string {
	b.made++
	return filepath.Join(b.folder, fmt.Sprint("data-", b.made))
}

// round is one round of a mode: it starts servers as it needs them and returns
// an error if anything was lost.
type round func(ctx context.Context, note note) error

// note takes a figure of a row of the table.
type note func(row, figure string, value float64)

// rounds runs a round as often as wanted. One round that is void makes the run
// void: a median would hide it.
func (b *bench) rounds(ctx context.Context, one round) error {
	for i := range b.Rounds {
		fmt.Fprintf(b.log, "%s: round %d of %d\n", b.table.title, i+1, b.Rounds)
		if err := one(ctx, b.table.note); err != nil {
			return fmt.Errorf("the run is void: round %d: %w", i+1, err)
		}
	}
	return nil
}
