package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// stormMode measures a connection storm, as after a link was shared: many people join one
// room at once, and leave at once at the end. Without countermeasures, n people cause n²
// events.
type stormMode struct {
	People    int           `default:"2000" help:"People."`
	Within    time.Duration `default:"1s" help:"Time in which they begin to connect."`
	Addresses int           `default:"8" help:"Loopback addresses that they come from, 127.0.0.2 and so on; 0 = 127.0.0.1."`
	Frames    []string      `default:"chat.v1,text" enum:"chat.v1,text" help:"Framings, one measurement each."`
}

// Run implements the mode.
func (m *stormMode) Run(ctx context.Context, b *bench) error {
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		for _, frames := range m.Frames {
			err := b.with(ctx, b.data(), func(s *server) error {
				r := storm{stormMode: m, server: s, plain: frames == "text", settled: make(chan struct{})}
				return r.run(ctx, func(figure string, value float64) {
					note(fmt.Sprintf("%d in %s", m.People, frames), figure, value)
				})
			})
			if err != nil {
				return fmt.Errorf("%s: %w", frames, err)
			}
		}
		return nil
	})
}

// storm is one connection storm on one server.
type storm struct {
	*stormMode
	server  *server
	plain   bool
	came    atomic.Int64  // people who are in, or failed to join
	refused atomic.Int64  // people who failed to join
	settled chan struct{} // closed when all have come
}

// run makes everybody join and leave. It notes the cost, and fails if anyone was refused
// or disconnected.
func (r *storm) run(ctx context.Context, note func(figure string, value float64)) error {
	first, err := r.firstMember(ctx)
	if err != nil {
		return err
	}
	defer first.cut()
	leaving, leave := context.WithCancel(context.Background())
	defer leave()
	var wg sync.WaitGroup
	defer wg.Wait()
	var fate error
	in, err := r.pass(ctx, first, r.People+1, func() error {
		wg.Go(func() { fate = atOnce(r.People, func(i int) error { return r.person(ctx, leaving, i) }) })
		<-r.settled
		if n := r.refused.Load(); n > 0 {
			return fmt.Errorf("%d of %d did not get in", n, r.People)
		}
		return nil
	})
	if err != nil {
		leave()
		wg.Wait()
		return errors.Join(err, fate)
	}
	out, err := r.pass(ctx, first, 1, func() error {
		leave()
		wg.Wait()
		return fate
	})
	if err != nil {
		return err
	}
	note("s in", in.seconds)
	note("CPU s in", in.cpu)
	note("events in", in.frames)
	note("bytes in", in.bytes)
	note("RSS MB", in.rss)
	note("kB/person", in.grown*1e3/float64(r.People))
	note("s out", out.seconds)
	note("CPU s out", out.cpu)
	note("events out", out.frames)
	note("bytes out", out.bytes)
	return nil
}

// person joins, stays, and reads until it is time to leave. Only a client's own close
// frame is answered with 1000; any other end of the connection is a fault.
func (r *storm) person(ctx, leaving context.Context, i int) error {
	conn, err := r.comeIn(ctx, i)
	if err != nil {
		r.refused.Add(1)
	}
	if r.came.Add(1) == int64(r.People) {
		close(r.settled)
	}
	if err != nil {
		return fmt.Errorf("person %d did not get in: %w", i, err)
	}
	defer conn.cut()
	context.AfterFunc(leaving, func() { _ = conn.goodbye() }) // if it fails, so does reading
	for {
		if _, err := conn.next(); errors.Is(err, closed(1000)) {
			return nil
		} else if err != nil {
			return fmt.Errorf("person %d was disconnected: %w", i, err)
		}
	}
}

func (r *storm) comeIn(ctx context.Context, i int) (*connection, error) {
	select {
	case <-time.After(r.Within * time.Duration(i) / time.Duration(r.People)):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return r.joinPlan().enter(ctx, fmt.Sprint("p", i), r.joinPlan().from(i))
}

func (r *storm) joinPlan() joinPlan {
	return joinPlan{address: r.server.address, room: "rush", plain: r.plain, addresses: r.Addresses}
}

// passage is the cost of everybody joining, or leaving: the server's work, and what the
// first member received.
type passage struct {
	seconds, cpu  float64
	rss, grown    float64 // MB
	frames, bytes float64
}

// pass measures while everybody joins or leaves, until that is done and the first member
// has received the new number of members.
func (r *storm) pass(ctx context.Context, first *firstMember, online int, move func() error) (p passage, err error) {
	before, err := r.server.usage()
	if err != nil {
		return p, err
	}
	frames, bytes := first.heard.Load(), first.came.Load()
	told := first.expect(online)
	began := time.Now()
	if err := move(); err != nil {
		return p, err
	}
	p.seconds = time.Since(began).Seconds()
	if r.plain { // no event has the number: a message sent now arrives after all events before it
		if err := first.say([]byte(strconv.Itoa(online))); err != nil {
			return p, err
		}
	}
	if err := first.wait(ctx, told, online); err != nil {
		return p, err
	}
	after, err := r.server.usage()
	p.cpu, p.rss = (after.cpu - before.cpu).Seconds(), after.rss
	p.grown = max(0, after.rss-before.rss) // memory used at startup may be released meanwhile; few people need less than that
	p.frames, p.bytes = float64(first.heard.Load()-frames), float64(first.came.Load()-bytes)
	return p, err
}
