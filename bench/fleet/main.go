// Fleet computes the load on the nodes of a fleet: it puts people into rooms of very
// different sizes and on nodes in several ways, and adds up what each node holds,
// receives and delivers. The unit costs are those that docs/performance.md measured, and
// some assumptions. None of it is a measurement of a fleet.
//
//	go -C bench run ./fleet
//	go -C bench run ./fleet -users 200000 -nodes 10 -cap 20
//
// Its output without flags is part of docs/scaling.md; go -C bench test ./fleet -update
// writes it there.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// run prints the tables for the given flags.
func run(args []string, out io.Writer) error {
	load := evening
	flags := flag.NewFlagSet("fleet", flag.ContinueOnError)
	flags.IntVar(&load.users, "users", load.users, "connections, one a person")
	flags.IntVar(&load.rooms, "rooms", load.rooms, "rooms in which somebody is; 0 = one for ten people")
	flags.IntVar(&load.each, "each", load.each, "rooms that a person is in")
	flags.Float64Var(&load.near, "near", load.near, "how many of the further rooms are of the same neighbourhood, from 0 to 1")
	flags.Float64Var(&load.tail, "tail", load.tail, "how much larger large rooms are: the exponent of Zipf's law")
	flags.Float64Var(&load.rate, "rate", load.rate, "messages a second of a person")
	flags.Float64Var(&load.limit, "cap", load.limit, "messages a second of a room, at most")
	flags.Uint64Var(&load.seed, "seed", load.seed, "another one puts people elsewhere")
	nodes := flags.Int("nodes", 40, "nodes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	load.fillIn()
	if err := load.check(*nodes); err != nil {
		return err
	}
	_, err := io.WriteString(out, report(load, *nodes))
	return err
}
