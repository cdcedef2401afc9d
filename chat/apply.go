package chat

import (
	"slices"
	"time"
	"unicode/utf8"
)

// The rules by which changes act on messages. They are functions of the message alone: a
// store calls them in the transaction in which it holds the message's room.

// Message returns the message that the post becomes with the room's next rev.
func (p Post) Message(rev int64) Message {
	return Message{
		Room: p.Room, Seq: rev, Rev: rev, ID: p.ID, AuthorID: p.AuthorID, From: p.From, Text: p.Text, At: p.At,
		HTML: p.HTML, HTMLVersion: p.HTMLVersion, Thread: p.Thread, ReplyTo: p.ReplyTo,
	}
}

// Check returns why the messages that the post refers to forbid it: ErrNoMessage, ErrGone or
// ErrNestedThread; nil if they do not. root is the message with the seq Thread and quoted the
// one with the seq ReplyTo, each nil if there is none.
func (p Post) Check(root, quoted *Message) error {
	for _, to := range []struct {
		seq     int64
		message *Message
	}{{p.Thread, root}, {p.ReplyTo, quoted}} {
		switch {
		case to.seq == 0:
		case to.message == nil:
			return ErrNoMessage
		case to.message.Deleted != nil:
			return to.message.Deleted.err()
		}
	}
	if p.Thread != 0 && root.Thread != 0 {
		return ErrNestedThread
	}
	return nil
}

// Apply returns the message after a change with the room's next rev, or the error of the
// Outcome. changed is false if the change had no effect; the message then keeps its rev. The
// store must have checked that the version of a Purge exists.
func (m Message) Apply(change Change, rev int64) (after Message, changed bool, err error) {
	if c, isDelete := change.(Delete); isDelete {
		after, changed, err = m.delete(c)
	} else if m.Deleted != nil {
		return m, false, m.Deleted.err()
	}
	switch c := change.(type) {
	case Edit:
		after, changed, err = m.edit(c, rev)
	case Purge:
		after, changed, err = m.purge(c)
	case React:
		after, changed, err = m.react(c)
	case Pin:
		after, changed = m.pin(c)
	}
	if err != nil || !changed {
		return m, false, err
	}
	if after.Deleted != nil && m.Deleted == nil {
		after.TextRev = rev
	}
	after.Rev = rev
	return after, true, nil
}

// edit changes nothing if the text is the same, whatever the rev: so a client that got no
// answer can send its Edit again.
func (m Message) edit(c Edit, rev int64) (Message, bool, error) {
	switch {
	case !c.By.Wrote(m.AuthorID):
		return m, false, ErrNotAuthor
	case c.Text == m.Text:
		return m, false, nil
	case c.Rev < m.TextRev || c.Rev > m.Rev:
		return m, false, ErrConflict
	}
	m.Text, m.HTML, m.HTMLVersion = c.Text, c.HTML, c.HTMLVersion
	m.EditedAt, m.TextRev = c.At, rev
	m.Edits++
	m.Versions++
	return m, true, nil
}

// TextAt returns when the present text was written.
func (m Message) TextAt() time.Time {
	if m.EditedAt.IsZero() {
		return m.At
	}
	return m.EditedAt
}

// delete leaves the message's place, its author and its thread.
func (m Message) delete(c Delete) (Message, bool, error) {
	switch {
	case !c.Moderator && !c.By.Wrote(m.AuthorID):
		return m, false, ErrNotAuthor
	case m.Deleted != nil && m.Deleted.To != nil:
		return m, false, ErrMoved
	case m.Deleted != nil:
		return m, false, nil
	}
	return Message{
		Room: m.Room, Seq: m.Seq, ID: m.ID, AuthorID: m.AuthorID, From: m.From, At: m.At,
		Thread: m.Thread,
		State:  State{Replies: m.Replies, Deleted: &Deletion{By: c.By.ref(), At: c.At, Reason: c.Reason}},
	}, true, nil
}

// MovedTo returns the message as it is after a move to a place in another room, with the rev
// that it gets there. Its place in a thread, and what it quotes, are for the store to find.
func (m Message) MovedTo(c Move, seq, rev int64) Message {
	from := []string{m.Room}
	if m.Moved != nil {
		from = append(from, slices.DeleteFunc(slices.Clone(m.Moved.From), func(room string) bool { return room == m.Room })...)
	}
	m.Room, m.Seq, m.Rev, m.Thread, m.ReplyTo, m.Quote = c.To, seq, rev, 0, 0, nil
	m.Moved = &MoveMark{By: c.By.ref(), At: c.At, From: from}
	if m.TextRev > 0 {
		m.TextRev = rev // those before are of the other room
	}
	return m
}

// Stub returns the tombstone that stays when the message has moved to a place, with the rev
// that it gets.
func (m Message) Stub(c Move, to, rev int64) Message {
	return Message{
		Room: m.Room, Seq: m.Seq, Rev: rev, ID: m.ID, AuthorID: m.AuthorID, From: m.From, At: m.At, Thread: m.Thread,
		State: State{TextRev: rev, Deleted: &Deletion{By: c.By.ref(), At: c.At, To: &Ref{c.To, to}}},
	}
}

func (m Message) purge(c Purge) (Message, bool, error) {
	if !c.Moderator && !c.By.Wrote(m.AuthorID) {
		return m, false, ErrNotAuthor
	}
	m.Versions--
	return m, true, nil
}

func (m Message) react(c React) (Message, bool, error) {
	at := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Emoji == c.Emoji })
	var users []UserRef
	if at >= 0 {
		users = m.Reactions[at].Users
	}
	by := slices.IndexFunc(users, func(u UserRef) bool { return c.By.Wrote(u.ID) })
	switch {
	case (by >= 0) == c.On:
		return m, false, nil
	case !c.On:
		m.Reactions = withUsers(m.Reactions, at, slices.Delete(slices.Clone(users), by, by+1))
	case at >= 0 && m.countReactions() < MaxReactions:
		m.Reactions = withUsers(m.Reactions, at, append(slices.Clone(users), c.By.ref()))
	case at >= 0, m.countReactions() >= MaxReactions:
		return m, false, ErrTooManyReactions
	case len(m.Reactions) >= MaxEmoji:
		return m, false, ErrTooManyEmoji
	default:
		m.Reactions = append(slices.Clone(m.Reactions), Reaction{c.Emoji, []UserRef{c.By.ref()}})
	}
	return m, true, nil
}

// withUsers returns reactions of which one has other users; without users it is gone. Others
// share the old slice, which stays as it is.
func withUsers(reactions []Reaction, at int, users []UserRef) []Reaction {
	reactions = slices.Clone(reactions)
	reactions[at].Users = users
	if len(users) > 0 {
		return reactions
	}
	if reactions = slices.Delete(reactions, at, at+1); len(reactions) == 0 {
		return nil
	}
	return reactions
}

func (m *Message) countReactions() (count int) {
	for _, r := range m.Reactions {
		count += len(r.Users)
	}
	return count
}

func (m Message) pin(c Pin) (Message, bool) {
	if (m.Pinned != nil) == c.On {
		return m, false
	}
	m.Pinned = nil
	if c.On {
		m.Pinned = &PinMark{By: c.By.ref(), At: c.At}
	}
	return m, true
}

func (a Author) ref() UserRef { return UserRef(a) }

// With returns the summary after a further reply. A nil summary is that of no replies.
func (s *ThreadSummary) With(reply *Message) *ThreadSummary {
	next := ThreadSummary{Count: 1, Last: reply.At}
	if s != nil {
		next.Count, next.Users = s.Count+1, s.Users
	}
	known := slices.ContainsFunc(next.Users, func(u UserRef) bool { return u.ID == reply.AuthorID })
	if !known && len(next.Users) < MaxParticipants {
		next.Users = append(slices.Clone(next.Users), UserRef{ID: reply.AuthorID, Name: reply.From})
	}
	return &next
}

// Quoted returns the quote of the message for a reply; nil if the message is deleted.
func (m *Message) Quoted() *Quote {
	if m == nil || m.Deleted != nil {
		return nil
	}
	text := m.Text
	for end := MaxQuote; len(text) > MaxQuote; end-- {
		if utf8.RuneStart(text[end]) {
			text = text[:end]
		}
	}
	return &Quote{AuthorID: m.AuthorID, From: m.From, Text: text}
}
