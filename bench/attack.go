package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// attackMode measures what other users notice of one address that sends the most
// expensive messages, at the rate that each connection is allowed, on few and on many
// connections. The server runs with its default limits, and each run includes a
// measurement without an attack.
type attackMode struct {
	Others      int           `default:"50" help:"People in rooms of their own, each from an address of its own."`
	Every       time.Duration `default:"400ms" help:"Interval between messages of each person."`
	Connections []int         `default:"10,100" help:"Connections of the attacker, one measurement each."`
	For         time.Duration `default:"6s" help:"Duration of each measurement."`
}

// protected has the flags of a server with its default limits. It trusts this program as
// a proxy, because clients from loopback itself are hardly limited.
const protected = " --listen {listen} --data {data} --trusted-proxies 127.0.0.1 --ops off"

// Run implements the mode.
func (m *attackMode) Run(ctx context.Context, b *bench) error {
	if m.Others < 1 || m.Every <= 0 {
		return errors.New("there must be other users who send messages")
	}
	command := b.Server
	if command == "" {
		program, err := b.program(ctx, "chatserver")
		if err != nil {
			return err
		}
		command = program + protected
	}
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		return b.withServer(ctx, command, b.data(), func(s *server) error { return m.compare(ctx, s, note) })
	})
}

func (m *attackMode) compare(ctx context.Context, s *server, note note) error {
	if _, err := m.beside(ctx, s, 0); err != nil { // warms up: the first of everything is slower
		return err
	}
	var alone [2]float64
	for _, connections := range append([]int{0}, m.Connections...) {
		ms, err := m.beside(ctx, s, connections)
		if err != nil {
			return err
		}
		row := fmt.Sprintf("%d beside an address with %d connections", m.Others, connections)
		note(row, "p50 ms", ms[0])
		note(row, "p99 ms", ms[1])
		if connections == 0 {
			alone = ms
		}
		note(row, "p50, × undisturbed", ms[0]/alone[0])
		note(row, "p99, × undisturbed", ms[1]/alone[1])
	}
	return nil
}

// beside returns the median and the p99 of the other users' round trips, in
// milliseconds.
func (m *attackMode) beside(ctx context.Context, s *server, connections int) (ms [2]float64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// A new address, because the server may still count the connections of the previous
	// measurement.
	attacker := fmt.Sprint("203.0.113.", 1+connections)
	for i := range connections {
		if err := attack(ctx, s.address, attacker, i); err != nil {
			return ms, fmt.Errorf("attacker %d: %w", i, err)
		}
	}
	var (
		mu      sync.Mutex
		took    delays
		failed  error
		talking sync.WaitGroup
	)
	until := time.Now().Add(m.For)
	for i := range m.Others {
		talking.Go(func() {
			each, err := m.talk(ctx, s.address, i, until)
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
			for _, t := range each {
				took.add(t)
			}
		})
	}
	talking.Wait()
	return [2]float64{took.ms(0.5), took.ms(0.99)}, failed
}

// talk sends at intervals in a room of its own, and returns how long each message took
// to come back.
func (m *attackMode) talk(ctx context.Context, address string, i int, until time.Time) (took []time.Duration, err error) {
	u, err := enter(ctx, address, fmt.Sprint("other", i), fmt.Sprint("198.51.100.", 1+i))
	if err != nil {
		return nil, err
	}
	defer u.cut()
	room := fmt.Sprint("home-", i)
	if _, err := u.join(room); err != nil {
		return nil, err
	}
	next := time.Now().Add(m.Every * time.Duration(i) / time.Duration(m.Others)) // staggered
	for ; next.Before(until); next = next.Add(m.Every) {
		time.Sleep(time.Until(next))
		id, err := u.sendTo(room)
		if err != nil {
			return took, err
		}
		for {
			heard, err := u.hear()
			if err != nil {
				return took, err
			}
			if heard.id == id {
				break
			}
		}
		took = append(took, time.Since(next)) // includes the wait behind the previous message
	}
	return took, nil
}

// hostile lists texts whose repetition is expensive to process, or once was: emphasis,
// links, code, quotes, lists, brackets, and characters that JSON escapes as six bytes.
var hostile = []string{"*a ", "**a*", "_a_*", "~~a", "[a](", "![", "https://a.example/ ", "a@b.cd ", "`a", "```go\nfunc a() {}\n", "> ", "- a\n", "<a ", "&amp;", "\u2028"}

// attackRate is the number of messages a second on each connection: the default of
// --rate.
const attackRate = 10

// attack opens a connection from the attacker's address, which sends and reads until the
// context ends.
func attack(ctx context.Context, address, attacker string, i int) error {
	u, err := enter(ctx, address, fmt.Sprint("attacker", i), attacker)
	if err != nil {
		return err
	}
	if _, err := u.join("attacked"); err != nil {
		u.cut()
		return err
	}
	go func() {
		for {
			if _, err := u.next(); err != nil {
				return // the context has ended, or the server closed the connection
			}
		}
	}()
	go func() {
		defer u.cut()
		ticker := time.NewTicker(time.Second / attackRate)
		defer ticker.Stop()
		for n := i; ; n++ {
			unit := hostile[n%len(hostile)]
			text := strings.NewReplacer("\n", `\n`).Replace(strings.Repeat(unit, 8000/len(unit)))
			if u.say([]byte(sendCommand("attacked", uuid.NewString(), text))) != nil {
				return
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return nil
}
