package pages

import (
	"cmp"
	"context"
	"html/template"
	"time"

	"chatserver/chat"
	"chatserver/chatv1"
)

const (
	// initialMessages is how many messages a page contains: more than fit on a screen.
	initialMessages = 50
	// renderTimeout is how long a page waits for its messages. After that it is sent without
	// them, and loads them when it joins.
	renderTimeout = 2 * time.Second
	// groupWindow is the maximum time between messages of one author that form a group, as
	// in static/js/model/timeline.js.
	groupWindow = 5 * time.Minute
	// maxFaces is how many people a thread shows, as in static/js/elements/thread-line.js.
	maxFaces = 3
)

// transcript is the server-side render of a room's newest messages: days, and messages in
// groups. The page's modules continue from there.
type transcript struct {
	Epoch string
	Rev   int64
	Rows  []transcriptRow
}

// transcriptRow is either a day or a message.
type transcriptRow struct {
	Day     *dayRow
	Message *messageRow
}

// dayRow is a day in the reader's time zone. Only the browser knows the reader's date
// format, so the date is ISO 8601 until a module runs.
type dayRow struct {
	Key              string // of the same day in timeline.js
	Date             string
	Today, Yesterday bool
}

// personRow is what the page shows of a user.
type personRow struct{ Name, ID, Initials, Tone string }

func newPersonRow(shortIDs *chatv1.ShortIDs, user chat.User) *personRow {
	id := shortIDs.Of(user.ID)
	return &personRow{user.Name, id, initials(user.Name), tone(id)}
}

// messageRow holds the values that views/message.html renders.
type messageRow struct {
	ID, From, Author, Text, At string
	Seq, Rev                   int64
	HTML                       template.HTML // sanitized, as package chat promises; empty if the page shows the plain text
	Changed                    string        // what happened to it since, as JSON; empty for most messages
	Edited                     string        // when its text was edited; empty if it never was
	Gone                       *goneRow      // nil unless it is deleted
	Quote                      *quoteRow     // the message that it replies to; nil for none
	Pinned                     string        // who pinned it; empty if nobody did
	Reactions                  []reactionRow
	Thread                     *threadRow // the replies in its thread; nil for none
	InThread                   bool       // whether it is a reply in a thread, which the modules show there alone
	Lit                        bool       // whether a permalink opens it
	Continued                  bool       // whether it continues a group of the same author
	Initials, Tone             string
	Clock, Full                string
}

// quoteRow is the message that a reply quotes; without a text, it is deleted.
type quoteRow struct {
	Seq        int64
	From, Text string
}

// threadRow is how many replies a thread has, and who replied first.
type threadRow struct {
	Count int
	Faces []*personRow
}

// reactionRow is an emoji with which Count users reacted.
type reactionRow struct {
	Emoji string
	Count int
}

// goneRow is what the row of a deleted message says: who deleted it, when, and why; or that it
// was moved to another room.
type goneRow struct {
	By, When, Reason string
	Moved            bool
}

// transcript returns the newest messages of a room, or nil if the store cannot be read now.
func (s *Server) transcript(actor chat.Actor, room string, zone *time.Location) *transcript {
	ctx, cancel := context.WithTimeout(context.Background(), renderTimeout)
	defer cancel()
	page, err := s.Chat.Newest(ctx, actor, room, initialMessages)
	if err != nil {
		s.Reporter.Log.Warn("page without messages", "room", room, "error", err)
		return nil
	}
	return &transcript{Epoch: s.Chat.Epoch(), Rev: page.Rev, Rows: s.rowsOf(page.Messages, zone)}
}

// rowsOf returns the rows of messages as of today.
func (s *Server) rowsOf(messages []chat.Message, zone *time.Location) []transcriptRow {
	return transcriptRows(s.shortIDs, messages, zone, time.Now())
}

func transcriptRows(shortIDs *chatv1.ShortIDs, messages []chat.Message, zone *time.Location, now time.Time) []transcriptRow {
	rows, builder := make([]transcriptRow, 0, len(messages)+1), transcriptBuilder{shortIDs: shortIDs, zone: zone, now: now}
	for i := range messages {
		rows = append(rows, builder.add(&messages[i])...)
	}
	return rows
}

// transcriptBuilder turns messages into rows, one after another.
type transcriptBuilder struct {
	shortIDs *chatv1.ShortIDs
	zone     *time.Location
	now      time.Time     // decides which day is today
	previous *chat.Message // the previous message of the same day; nil for the first
	day      string
}

// add returns the rows of the next message.
func (t *transcriptBuilder) add(m *chat.Message) (rows []transcriptRow) {
	if key := dayKey(m.At, t.zone); key != t.day {
		t.day, t.previous = key, nil
		rows = append(rows, transcriptRow{Day: newDayRow(m.At, t.zone, t.now)})
	}
	previous := t.previous
	if m.Deleted != nil || m.Thread != 0 {
		t.previous = nil // the next message stands below another row
		return append(rows, transcriptRow{Message: newMessageRow(m, t.shortIDs, t.zone, false)})
	}
	continued := previous != nil && previous.From == m.From && previous.AuthorID == m.AuthorID && m.At.Sub(previous.At) < groupWindow &&
		m.ReplyTo == 0 && m.Pinned == nil // a quote and a pin stand above the author's name
	t.previous = m
	return append(rows, transcriptRow{Message: newMessageRow(m, t.shortIDs, t.zone, continued)})
}

// dayKey returns what JavaScript's toDateString returns for a time, in every locale.
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

func newMessageRow(m *chat.Message, shortIDs *chatv1.ShortIDs, zone *time.Location, continued bool) *messageRow {
	author, local, suffix := shortIDs.Of(m.AuthorID), m.At.In(zone), ""
	if zone == time.UTC {
		suffix = " UTC" // the reader's zone is unknown, so name it
	}
	row := &messageRow{
		ID: m.ID, Seq: m.Seq, Rev: m.Rev, From: m.From, Author: author, Text: m.Text, At: m.At.UTC().Format(chatv1.TimeFormat),
		InThread:  m.Thread != 0,
		HTML:      template.HTML(chat.WithPageAttributes(m.HTML)), //nolint:gosec // sanitized, as above
		Continued: continued, Initials: initials(m.From), Tone: tone(cmp.Or(author, m.From)),
		Clock: local.Format("15:04"), Full: local.Format("2006-01-02 15:04") + suffix,
		Changed: chatv1.Frames{ShortIDs: shortIDs}.State(m),
	}
	if !m.EditedAt.IsZero() {
		row.Edited = m.EditedAt.In(zone).Format("2006-01-02 15:04") + suffix
	}
	if m.ReplyTo != 0 {
		row.Quote = &quoteRow{Seq: m.ReplyTo}
	}
	if m.Quote != nil {
		row.Quote.From, row.Quote.Text = m.Quote.From, plainText(m.Quote.Text)
	}
	if m.Pinned != nil {
		row.Pinned = m.Pinned.By.Name
	}
	if m.Replies != nil {
		row.Thread = &threadRow{Count: m.Replies.Count}
		for _, user := range m.Replies.Users[:min(maxFaces, len(m.Replies.Users))] {
			row.Thread.Faces = append(row.Thread.Faces, newPersonRow(shortIDs, chat.User{Name: user.Name, ID: user.ID}))
		}
	}
	for _, reaction := range m.Reactions {
		row.Reactions = append(row.Reactions, reactionRow{reaction.Emoji, len(reaction.Users)})
	}
	if d := m.Deleted; d != nil {
		row.Gone = &goneRow{d.By.Name, d.At.In(zone).Format("15:04") + suffix, d.Reason, d.To != nil}
	}
	if !continued { // later messages of a group show the time in the narrow avatar column
		row.Clock += suffix
	}
	return row
}
