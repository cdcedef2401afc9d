package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// nodesMode measures what it costs to run several nodes as one chat. They share the
// cores that a single node has to itself, so it shows a fleet's cost and not its
// capacity.
type nodesMode struct {
	Postgres string        `placeholder:"URL" help:"Postgres URL of a user who may create databases: each measurement gets its own."`
	Nodes    int           `default:"3" help:"Nodes of the fleet."`
	Senders  int           `default:"64" help:"Senders, each sending as fast as its messages are acknowledged."`
	InRooms  int           `default:"16" help:"Rooms that they are spread over. A room's senders are on one node after the other."`
	Rate     int           `default:"200" help:"Messages per second in all rooms, whose delays are measured. Each is received by another user, in a fleet on another node."`
	For      time.Duration `default:"5s" help:"Sending time of each measurement."`
}

// Run implements the mode.
func (m *nodesMode) Run(ctx context.Context, b *bench) error {
	if m.Postgres == "" || m.Nodes < 2 || m.InRooms < 1 || m.Senders < 1 || m.Rate < 1 {
		return errors.New("it needs --postgres, two nodes or more, a sender, and a room")
	}
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		for _, measure := range []func(context.Context, *fleet, teller) error{m.send, m.hear} {
			if err := m.compare(ctx, b, measure, note); err != nil {
				return err
			}
		}
		return nil
	})
}

// compare measures one thing of all kinds in direct succession, because a shared machine
// changes within a minute.
func (m *nodesMode) compare(ctx context.Context, b *bench, measure func(context.Context, *fleet, teller) error, note note) error {
	first := map[string]float64{}
	for _, k := range []kind{{"1 node on Postgres", 1, true}, {"1 node on SQLite", 1, false}, {fmt.Sprint(m.Nodes, " nodes on Postgres"), m.Nodes, true}} {
		err := m.with(ctx, b, k, func(f *fleet) error {
			return measure(ctx, f, func(figure string, value float64) {
				note(figure, k.name, value)
				if k.postgres && k.nodes == 1 {
					first[figure] = value
				} else if first[figure] > 0 {
					note(figure+", × the first", k.name, value/first[figure])
				}
			})
		})
		if err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	return nil
}

// teller notes a figure of the kind that is being measured.
type teller func(figure string, value float64)

// send measures the acknowledged messages a second when everybody sends at once.
func (m *nodesMode) send(ctx context.Context, f *fleet, tell teller) error {
	senders, err := enterNodes(ctx, f.nodes, m.Senders, m.InRooms)
	defer func() { cutAll(senders) }()
	if err != nil {
		return err
	}
	before, err := f.cpu()
	if err != nil {
		return err
	}
	took, err := sendAll(senders, m.For)
	if err != nil {
		return err
	}
	after, err := f.cpu()
	if err != nil {
		return err
	}
	sent, err := checkStored(ctx, f.nodes[0], senders)
	tell("messages/s", float64(sent)/took.Seconds())
	tell("CPU µs/message", float64((after-before).Microseconds())/float64(sent))
	return err
}

// hear measures how long it takes until others receive a message, under light load.
func (m *nodesMode) hear(ctx context.Context, f *fleet, tell teller) error {
	pairs, err := enterNodes(ctx, f.nodes, 2*m.InRooms, m.InRooms) // the second half listens to the first
	defer func() { cutAll(pairs) }()
	if err != nil {
		return err
	}
	every := time.Second * time.Duration(m.InRooms) / time.Duration(m.Rate)
	inBefore, outBefore, err := f.carried()
	if err != nil {
		return err
	}
	began, took := time.Now(), &times{}
	err = atOnce(m.InRooms, func(i int) error {
		t := talk{by: pairs[i], to: pairs[m.InRooms+i], began: began.Add(every * time.Duration(i) / time.Duration(m.InRooms)), every: every, times: took}
		return t.run(ctx, max(1, int(m.For/every)))
	})
	if err != nil {
		return err
	}
	in, out, err := f.carried()
	if err != nil {
		return err
	}
	sent, err := checkStored(ctx, f.nodes[0], pairs)
	if err != nil {
		return err
	}
	tell("acknowledged, p50 ms", took.acknowledged.ms(0.5))
	tell("acknowledged, p99 ms", took.acknowledged.ms(0.99))
	tell("heard by others, p50 ms", took.heard.ms(0.5))
	tell("heard by others, p99 ms", took.heard.ms(0.99))
	if f.nats != nil {
		tell("bytes into NATS/message", float64(in-inBefore)/float64(sent))
		tell("bytes out of NATS/message", float64(out-outBefore)/float64(sent))
	}
	return nil
}
