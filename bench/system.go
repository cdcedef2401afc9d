package main

import (
	"context"
	"fmt"
	"slices"
)

// peerNames are the programs of bench/peers, which the server is compared with.
var peerNames = []string{"naive", "gorilla"}

// system is a system under test, measured in the same round as others.
type system struct {
	name    string // in the table; empty is our server
	command string
	frames  []string // framings that it supports
}

// systems returns the requested systems under test, our server first.
func (b *bench) systems(ctx context.Context) ([]system, error) {
	all := []system{{"", b.server, []string{"chat.v1", "text"}}}
	add := func(name, from, flags string, frames ...string) error {
		program, err := b.program(ctx, from)
		all = append(all, system{name, program + flags, frames})
		return err
	}
	if b.Unstored {
		if err := add("unstored", "chatserver/bench/unstored", limitless, "chat.v1", "text"); err != nil {
			return nil, err
		}
	}
	if b.Peers {
		for _, name := range peerNames {
			if err := add(name, "chatserver/bench/peers/"+name, " --listen {listen}", "text"); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// each measures every system under test in every framing that it supports, in all
// rounds, and calls last at the end of each round.
func (b *bench) each(ctx context.Context, frames []string, one func(context.Context, system, string, note) error, last round) error {
	all, err := b.systems(ctx)
	if err != nil {
		return err
	}
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		for _, frames := range frames {
			for _, c := range speakers(all, frames) {
				if err := one(ctx, c, frames, note); err != nil {
					return fmt.Errorf("%s in %s: %w", c.row("the server"), frames, err)
				}
			}
		}
		return last(ctx, note)
	})
}

// nothing ends a round that has no further measurement.
func nothing(context.Context, note) error { return nil }

// speakers returns the systems under test that support a framing.
func speakers(all []system, frames string) []system {
	return slices.DeleteFunc(slices.Clone(all), func(c system) bool { return !slices.Contains(c.frames, frames) })
}

// peer reports whether this is another server than ours. A message that a peer loses is
// a figure; one that ours loses voids the run.
func (c system) peer() bool { return !slices.Contains(c.frames, "chat.v1") }

// row returns the name of a table row for this system.
func (c system) row(about string) string {
	if c.name == "" {
		return about
	}
	return about + ", " + c.name
}
