package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// readRooms is the number of filled rooms that the readers share, at most.
const readRooms = 10

// filledRooms returns the number of filled rooms.
func (m *latencyMode) filledRooms() int { return min(m.Readers, readRooms) }

// reader reads a filled room from its newest message to its first, again and again.
// Unchanged pages must be identical each time, and comparing them is cheap, so the
// server is what is measured.
type reader struct {
	*user
	room  int
	pages [][]byte // of the first pass, newest first
	read  int      // pages in all
}

// besideReaders measures latency while readers read.
func (m *latencyMode) besideReaders(ctx context.Context, s *server, readers int, note note, measure func() error) error {
	all, err := m.enterReaders(ctx, s, readers)
	defer func() {
		for _, r := range all {
			r.cut()
		}
	}()
	if err != nil {
		return err
	}
	var done atomic.Bool
	var pages int
	began, ended := time.Now(), make(chan error, 1)
	go func() {
		ended <- atOnce(len(all), func(i int) error { return all[i].readOn(m.Filled, done.Load) })
	}()
	err = measure()
	done.Store(true)
	err = errors.Join(err, <-ended)
	for _, r := range all {
		pages += r.read
	}
	if readers > 0 {
		note(m.row(readers), "pages/s", float64(pages)/time.Since(began).Seconds())
	}
	return err
}

func (m *latencyMode) enterReaders(ctx context.Context, s *server, readers int) (all []*reader, err error) {
	for i := range readers {
		u, err := enter(ctx, s.address, fmt.Sprint("reader", i), "")
		if err != nil {
			return all, err
		}
		r := &reader{user: u, room: i % m.filledRooms()}
		all = append(all, r)
		if _, err := u.join(filledRoom(r.room)); err != nil {
			return all, err
		}
	}
	return all, nil
}

// readOn reads the room at least once, and continues until done returns true.
func (r *reader) readOn(messages int, done func() bool) error {
	if err := r.readFirst(messages); err != nil {
		return err
	}
	return r.readAgain(messages, done)
}

// readAgain reads the room again and compares the pages.
func (r *reader) readAgain(messages int, done func() bool) error {
	for at := 0; !done(); at = (at + 1) % len(r.pages) {
		page, err := r.page(messages, at)
		if err != nil {
			return err
		}
		if !bytes.Equal(page, r.pages[at]) {
			return fmt.Errorf("%s reads page %d of %s again, and it has changed", r.name, at, filledRoom(r.room))
		}
	}
	return nil
}

// historyPage is the number of messages in a page.
const historyPage = 100

// page requests a page by its number, counted from the newest.
func (r *reader) page(messages, number int) ([]byte, error) {
	r.read++
	return r.history(filledRoom(r.room), int64(messages+1-number*historyPage))
}

// readFirst reads all pages and checks every message.
func (r *reader) readFirst(messages int) error {
	for left, more := int64(messages), true; more; {
		frame, err := r.page(messages, len(r.pages))
		if err != nil {
			return err
		}
		r.pages = append(r.pages, bytes.Clone(frame))
		page, err := parse(frame)
		if err != nil {
			return err
		}
		if left, err = r.check(page, left); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		more = page.More
	}
	return nil
}

// check checks a page that ends with the message of a seq, and returns the seq before
// it.
func (r *reader) check(page event, left int64) (int64, error) {
	for _, message := range slices.Backward(page.Messages) {
		if message.Seq != left || message.ID != filledID(r.room, left) || message.Text != text {
			return left, fmt.Errorf("message %d reads %+v", left, message)
		}
		left--
	}
	if page.More != (left > 0) || len(page.Messages) == 0 {
		return left, fmt.Errorf("%d messages precede a page of %d, but its more is %t", left, len(page.Messages), page.More)
	}
	return left, nil
}
