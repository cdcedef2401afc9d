package main

import (
	"context"
	"fmt"
	"slices"
)

// peerNames are the programs of bench/peers, which the server is compared with.
var peerNames = []string{"naive", "gorilla"}

// contender is a server that is measured in the same round as others.
type contender struct {
	name    string // in the table; empty is the server under test
	command string
	frames  []string // that it speaks
}

// contenders are those whose figures are wanted, the server under test first.
func (b *bench) contenders(ctx context.Context) ([]contender, error) {
	all := []contender{{"", b.server, []string{"chat.v1", "text"}}}
	add := func(name, from, flags string, frames ...string) error {
		program, err := b.program(ctx, from)
		all = append(all, contender{name, program + flags, frames})
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

// each measures every contender in every kind of frames that it speaks, in all
// rounds, and then whatever ends a round.
func (b *bench) each(ctx context.Context, frames []string, one func(context.Context, contender, string, note) error, last round) error {
	all, err := b.contenders(ctx)
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

// nothing ends a round in which contenders are compared with each other only.
func nothing(context.Context, note) error { return nil }

// speakers are those of the contenders that speak a kind of frames.
func speakers(all []contender, frames string) []contender {
	return slices.DeleteFunc(slices.Clone(all), func(c contender) bool { return !slices.Contains(c.frames, frames) })
}

// peer reports whether it is another server than ours. What a peer loses is a
// figure; only ours promises to lose nothing.
func (c contender) peer() bool { return !slices.Contains(c.frames, "chat.v1") }

// row is the name of a row of the table about a contender.
func (c contender) row(about string) string {
	if c.name == "" {
		return about
	}
	return about + ", " + c.name
}
