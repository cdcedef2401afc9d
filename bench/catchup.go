package main

import (
	"context"
	"fmt"
	"time"
)

// catchupMode measures how a member who was away gets the messages sent meanwhile.
type catchupMode struct {
	Messages int `default:"10000" help:"Missed messages."`
}

// Run implements the mode.
func (m *catchupMode) Run(ctx context.Context, b *bench) error {
	data := b.data()
	epoch, err := fill(ctx, data, 1, m.Messages+1) // the member has received the first one
	if err != nil {
		return err
	}
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		return b.with(ctx, data, func(s *server) error { return m.measure(ctx, s, epoch, note) })
	})
}

func (m *catchupMode) measure(ctx context.Context, s *server, epoch string, note note) error {
	u, err := enter(ctx, s.address, "Bob", "")
	if err != nil {
		return err
	}
	defer u.cut()
	before, err := s.usage()
	if err != nil {
		return err
	}
	came, began := u.bytes, time.Now()
	pages, err := m.readAll(u, epoch)
	took := time.Since(began)
	if err != nil {
		return err
	}
	after, err := s.usage()
	row := fmt.Sprintf("%d messages missed", m.Messages)
	note(row, "seconds", took.Seconds())
	note(row, "pages", float64(pages))
	note(row, "bytes", float64(u.bytes-came))
	note(row, "messages/s", float64(m.Messages)/took.Seconds())
	note(row, "CPU seconds", (after.cpu - before.cpu).Seconds())
	return err
}

// readAll resumes page by page, and checks each message.
func (m *catchupMode) readAll(u *user, epoch string) (pages int, err error) {
	at := order{last: 1}
	for more := true; more; pages++ {
		page, err := u.resume(filledRoom(0), at.last, epoch)
		if err != nil {
			return pages, err
		}
		if err := at.checkPage(page); err != nil {
			return pages, err
		}
		more = page.More
	}
	if want := int64(m.Messages + 1); at.last != want {
		return pages, fmt.Errorf("reached rev %d, want %d", at.last, want)
	}
	return pages, nil
}

// checkPage checks that a page of the first filled room continues where the last one
// ended, and has the messages that fill stored.
func (o *order) checkPage(page event) error {
	if page.Reset || page.Since != o.last {
		return fmt.Errorf("asked since %d, but the answer is since %d, reset %t", o.last, page.Since, page.Reset)
	}
	for _, message := range page.Messages {
		if err := o.check(message.Rev); err != nil {
			return err
		}
		if message.Seq != o.last || message.ID != filledID(0, o.last) || message.Text != text {
			return fmt.Errorf("the message of rev %d is %+v", o.last, message)
		}
	}
	return nil
}
