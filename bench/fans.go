package main

import (
	"context"
	"time"
)

const (
	// lostTimeout is how long nothing comes until what is missing counts as lost.
	lostTimeout = 20 * time.Second
	// lookAround is how often a wait ends to see whether it is still wanted.
	lookAround = 100 * time.Millisecond
)

// fans are measured together, each at its own pace. The last of them is told of
// what comes to the others (see receivers.tellOf), because it is the one that
// waits.
type fans []*fan

// measure warms the server up, measures, and shows with one more message in each
// room that nothing came twice.
func (all fans) measure(ctx context.Context, s *server, span time.Duration) ([]fanned, error) {
	if err := all.sayEverywhere(ctx); err != nil { // nobody's first message is measured
		return nil, err
	}
	if err := all.talk(ctx, span/10); err != nil {
		return nil, err
	}
	return all.count(ctx, s, span)
}

// count measures a server that is warm. With an error it returns what was heard
// until then.
func (all fans) count(ctx context.Context, s *server, span time.Duration) ([]fanned, error) {
	before, err := s.usage()
	if err != nil {
		return nil, err
	}
	all.take()
	began := time.Now()
	if err := all.talk(ctx, span); err != nil {
		return all.take(), err
	}
	took := time.Since(began)
	after, err := s.usage()
	if err != nil {
		return nil, err
	}
	measured := all.take()
	for i := range measured {
		measured[i].took, measured[i].cpu = took, after.cpu-before.cpu
	}
	return measured, all.sayEverywhere(ctx)
}

// take takes what was measured, and begins anew.
func (all fans) take() (measured []fanned) {
	for _, f := range all {
		measured = append(measured, f.fanned)
		f.fanned = fanned{}
	}
	return measured
}

// sayEverywhere has one message said in each room, and waits for all.
func (all fans) sayEverywhere(ctx context.Context) error {
	for _, f := range all {
		for range f.rooms {
			if err := f.send(time.Now()); err != nil {
				return err
			}
		}
	}
	return all.settle(ctx)
}

// talk sends for some time, at least once, and waits until everybody has heard
// everything.
func (all fans) talk(ctx context.Context, span time.Duration) error {
	began := time.Now()
	for _, f := range all {
		f.due = began
	}
	for first := true; first || time.Since(began) < span; first = false {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait := lookAround
		for _, f := range all {
			if err := f.sendDue(); err != nil {
				return err
			}
			wait = min(wait, f.wait())
		}
		if err := all.listen(wait); err != nil {
			return err
		}
	}
	return all.settle(ctx)
}

// listen hears what came to each, and waits at most so long if nothing did.
func (all fans) listen(most time.Duration) error {
	last := len(all) - 1
	for _, f := range all[:last] {
		if err := f.listen(0, f.hear); err != nil {
			return err
		}
	}
	return all[last].listen(most, all[last].hear)
}

// settle waits until everybody has heard everything.
func (all fans) settle(ctx context.Context) error {
	heard, since := all.heard(), time.Now()
	for all.underWay() > 0 {
		if err := all.listen(lookAround); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if now := all.heard(); now > heard {
			heard, since = now, time.Now()
		}
		if time.Since(since) > lostTimeout {
			return all.lost()
		}
	}
	return nil
}

func (all fans) heard() (deliveries int) {
	for _, f := range all {
		deliveries += f.deliveries
	}
	return deliveries
}

func (all fans) underWay() (messages int) {
	for _, f := range all {
		messages += f.sent - f.whole
	}
	return messages
}

func (all fans) lost() error {
	for _, f := range all {
		if err := f.lost(); err != nil {
			return err
		}
	}
	return nil
}
