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

// rushMode is what happens when a link was shared: many enter one room at once,
// and all leave at once when it is over. n people who hear of n people are n²
// events, if nobody sees to it.
type rushMode struct {
	People    int           `default:"2000" help:"How many come."`
	Within    time.Duration `default:"1s" help:"The time in which they begin to come."`
	Addresses int           `default:"8" help:"Loopback addresses that they come from, 127.0.0.2 and so on; 0 = 127.0.0.1."`
	Frames    []string      `default:"chat.v1,text" enum:"chat.v1,text" help:"The frames that they speak, one measurement each."`
}

// Run implements the mode.
func (m *rushMode) Run(ctx context.Context, b *bench) error {
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		for _, frames := range m.Frames {
			err := b.with(ctx, b.data(), func(s *server) error {
				r := rush{rushMode: m, server: s, plain: frames == "text", settled: make(chan struct{})}
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

// rush is one rush to one server.
type rush struct {
	*rushMode
	server  *server
	plain   bool
	came    atomic.Int64  // who is in, or could not come in
	refused atomic.Int64  // who could not come in
	settled chan struct{} // closed when everybody came
}

// run has everybody come and go. It notes what that took, and fails if anybody
// was refused or cut off.
func (r *rush) run(ctx context.Context, note func(figure string, value float64)) error {
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
			return fmt.Errorf("%d of %d did not come in", n, r.People)
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

// person comes in, stays and reads until it is time to leave. Only a goodbye is
// answered with 1000: whatever else ends the connection is a cut.
func (r *rush) person(ctx, leaving context.Context, i int) error {
	conn, err := r.comeIn(ctx, i)
	if err != nil {
		r.refused.Add(1)
	}
	if r.came.Add(1) == int64(r.People) {
		close(r.settled)
	}
	if err != nil {
		return fmt.Errorf("person %d did not come in: %w", i, err)
	}
	defer conn.cut()
	context.AfterFunc(leaving, func() { _ = conn.goodbye() }) // if it fails, so does reading
	for {
		if _, err := conn.next(); errors.Is(err, closed(1000)) {
			return nil
		} else if err != nil {
			return fmt.Errorf("person %d was cut off: %w", i, err)
		}
	}
}

func (r *rush) comeIn(ctx context.Context, i int) (*connection, error) {
	select {
	case <-time.After(r.Within * time.Duration(i) / time.Duration(r.People)):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return r.way().enter(ctx, fmt.Sprint("p", i), r.way().from(i))
}

func (r *rush) way() way {
	return way{address: r.server.address, room: "rush", plain: r.plain, addresses: r.Addresses}
}

// passage is what it took that everybody came, or went: the server's work, and
// what the first member heard of it.
type passage struct {
	seconds, cpu  float64
	rss, grown    float64 // MB
	frames, bytes float64
}

// pass measures a move of everybody, until it is done and the first member was
// told how many are there then.
func (r *rush) pass(ctx context.Context, first *firstMember, online int, move func() error) (p passage, err error) {
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
	if r.plain { // it does not tell how many there are: what is said now comes after all that was
		if err := first.say([]byte(strconv.Itoa(online))); err != nil {
			return p, err
		}
	}
	if err := first.wait(ctx, told, online); err != nil {
		return p, err
	}
	after, err := r.server.usage()
	p.cpu, p.rss = (after.cpu - before.cpu).Seconds(), after.rss
	p.grown = max(0, after.rss-before.rss) // what the start left may be given back meanwhile: a few people are less than that
	p.frames, p.bytes = float64(first.heard.Load()-frames), float64(first.came.Load()-bytes)
	return p, err
}
