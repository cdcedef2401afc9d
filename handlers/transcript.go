package handlers

import (
	"cmp"
	"context"
	"html/template"
	"time"

	"chatserver/chat"
)

const (
	// initialMessages is how many messages a page comes with: more than a screen shows.
	initialMessages = 50
	// renderTimeout is how long a page waits for its messages; then it comes
	// without, and gets them when it joins.
	renderTimeout = 2 * time.Second
	// groupWindow is how long messages of one author belong together, as
	// static/js/model/timeline.js has it.
	groupWindow = 5 * time.Minute
)

// transcript is what was said in a room, as the page shows it before any module
// runs: days, and messages in groups. The modules go on from there.
type transcript struct {
	Epoch string
	Rev   int64
	Rows  []transcriptRow
}

// transcriptRow is one of the two.
type transcriptRow struct {
	Day     *dayRow
	Message *messageRow
}

// dayRow is a day of the reader's zone. Only the browser knows how its reader
// writes dates, so it is ISO 8601 until it does.
type dayRow struct {
	Key              string // as the timeline has it
	Date             string
	Today, Yesterday bool
}

// personRow is how somebody looks.
type personRow struct{ Name, ID, Initials, Tone string }

func (s *ShortIDs) personRow(user chat.User) *personRow {
	id := s.of(user.ID)
	return &personRow{user.Name, id, initials(user.Name), tone(id)}
}

// messageRow is what views/message.html shows.
type messageRow struct {
	ID, From, Author, Text, At string
	Seq, Rev                   int64
	HTML                       template.HTML // safe, as package chat promises; empty for the text as it is
	Continued                  bool          // it goes on after a message of the same author
	Initials, Tone             string
	Clock, Full                string
}

// transcript reads the newest messages; nil if the store cannot be read now.
func (s *Server) transcript(payer chat.Payer, room string, zone *time.Location) *transcript {
	ctx, cancel := context.WithTimeout(context.Background(), renderTimeout)
	defer cancel()
	page, err := s.chat.Newest(ctx, payer, room, initialMessages)
	if err != nil {
		s.log.Warn("page without messages", "room", room, "error", err)
		return nil
	}
	return &transcript{Epoch: s.chat.Epoch(), Rev: page.Rev, Rows: transcriptRows(s.options.ShortIDs, page.Messages, zone, time.Now())}
}

func transcriptRows(shortIDs *ShortIDs, messages []chat.Message, zone *time.Location, now time.Time) []transcriptRow {
	rows, maker := make([]transcriptRow, 0, len(messages)+1), transcriptBuilder{shortIDs: shortIDs, zone: zone, now: now}
	for i := range messages {
		rows = append(rows, maker.add(&messages[i])...)
	}
	return rows
}

// transcriptBuilder makes the rows of messages, one after another.
type transcriptBuilder struct {
	shortIDs *ShortIDs
	zone     *time.Location
	now      time.Time     // what is said today or yesterday goes by it
	previous *chat.Message // if nothing is between
	day      string
}

// add returns the rows of the next message.
func (t *transcriptBuilder) add(m *chat.Message) (rows []transcriptRow) {
	if key := dayKey(m.At, t.zone); key != t.day {
		t.day, t.previous = key, nil
		rows = append(rows, transcriptRow{Day: newDayRow(m.At, t.zone, t.now)})
	}
	above := t.previous
	further := above != nil && above.From == m.From && above.AuthorID == m.AuthorID && m.At.Sub(above.At) < groupWindow
	t.previous = m
	return append(rows, transcriptRow{Message: newMessageRow(m, t.shortIDs.of(m.AuthorID), t.zone, further)})
}

// dayKey is what JavaScript's toDateString makes of a time, everywhere.
func dayKey(at time.Time, zone *time.Location) string { return at.In(zone).Format("Mon Jan 02 2006") }

func newDayRow(at time.Time, zone *time.Location, now time.Time) *dayRow {
	key := dayKey(at, zone)
	year, month, day := now.In(zone).Date()
	yesterday := time.Date(year, month, day-1, 12, 0, 0, 0, zone)
	return &dayRow{
		Key: "day " + key, Date: at.In(zone).Format(time.DateOnly),
		Today: key == dayKey(now, zone), Yesterday: key == dayKey(yesterday, zone),
	}
}

func newMessageRow(m *chat.Message, author string, zone *time.Location, further bool) *messageRow {
	local, suffix := m.At.In(zone), ""
	if zone == time.UTC {
		suffix = " UTC" // who has not said where they are must know that it is this
	}
	row := &messageRow{
		ID: m.ID, Seq: m.Seq, Rev: m.Rev, From: m.From, Author: author, Text: m.Text, At: m.At.UTC().Format(timeFormat),
		HTML:      template.HTML(chat.WithPageAttributes(m.HTML)), //nolint:gosec // safe, as above
		Continued: further, Initials: initials(m.From), Tone: tone(cmp.Or(author, m.From)),
		Clock: local.Format("15:04"), Full: local.Format("2006-01-02 15:04") + suffix,
	}
	if !further { // in the avatar's column there is no room for more
		row.Clock += suffix
	}
	return row
}
