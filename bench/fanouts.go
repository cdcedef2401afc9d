package main

import (
	"context"
	"time"
)

const (
	// lostTimeout is the time without any data after which missing messages count as lost.
	lostTimeout = 20 * time.Second
	// lookAround is how often a wait is interrupted to check whether it is still wanted.
	lookAround = 100 * time.Millisecond
)

// fanouts are measured together, each at its own pace. The last of them also waits for the
// data of the others (see receivers.tellOf).
type fanouts []*fanout

// measure warms the server up, measures, and then sends one more message in each room to
// show that nothing arrived twice.
func (all fanouts) measure(ctx context.Context, s *server, span time.Duration) ([]fanoutResult, error) {
	if err := all.sayEverywhere(ctx); err != nil { // excludes everybody's first message
		return nil, err
	}
	if err := all.talk(ctx, span/10); err != nil {
		return nil, err
	}
	return all.count(ctx, s, span)
}

// count measures a warm server. With an error it returns what was received until then.
func (all fanouts) count(ctx context.Context, s *server, span time.Duration) ([]fanoutResult, error) {
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

// take returns the measurements, and resets them.
func (all fanouts) take() (measured []fanoutResult) {
	for _, f := range all {
		measured = append(measured, f.fanoutResult)
		f.fanoutResult = fanoutResult{}
	}
	return measured
}

// sayEverywhere sends one message in each room, and waits until all were received.
func (all fanouts) sayEverywhere(ctx context.Context) error {
	for _, f := range all {
		for range f.rooms {
			if err := f.send(time.Now()); err != nil {
				return err
			}
		}
	}
	return all.settle(ctx)
}

// talk sends for a time, at least one message, and waits until everybody has received
// everything.
func (all fanouts) talk(ctx context.Context, span time.Duration) error {
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

// listen handles received data, and waits for a limited time if there is none.
func (all fanouts) listen(most time.Duration) error {
	last := len(all) - 1
	for _, f := range all[:last] {
		if err := f.listen(0, f.hear); err != nil {
			return err
		}
	}
	return all[last].listen(most, all[last].hear)
}

// settle waits until everybody has received everything.
func (all fanouts) settle(ctx context.Context) error {
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

func (all fanouts) heard() (deliveries int) {
	for _, f := range all {
		deliveries += f.deliveries
	}
	return deliveries
}

func (all fanouts) underWay() (messages int) {
	for _, f := range all {
		messages += f.sent - f.whole
	}
	return messages
}

func (all fanouts) lost() error {
	for _, f := range all {
		if err := f.lost(); err != nil {
			return err
		}
	}
	return nil
}
