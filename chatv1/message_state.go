package chatv1

import (
	"strconv"
	"time"

	"chatserver/chat"
)

// appendState appends the fields of a message that most messages do not have: its place in a
// thread, and what happened to it since it was sent. Nothing here depends on who reads it.
func (f Frames) appendState(dst []byte, m *chat.Message) []byte {
	if m.ReplyTo != 0 {
		dst = f.appendQuote(dst, m)
	}
	if m.Thread != 0 {
		dst = append(strconv.AppendInt(append(dst, `,"thread":{"root":`...), m.Thread, 10), '}')
	}
	if m.Replies != nil {
		dst = f.appendSummary(dst, m.Replies)
	}
	if !m.EditedAt.IsZero() {
		dst = appendTime(dst, "edited_at", m.EditedAt)
	}
	if m.Versions > 0 {
		dst = appendInt(dst, "versions", int64(m.Versions))
	}
	if len(m.Reactions) > 0 {
		dst = f.appendReactions(dst, m)
	}
	if m.Moved != nil {
		dst = f.appendRef(append(dst, `,"moved":{"by":`...), m.Moved.By)
		dst = append(appendTime(dst, "at", m.Moved.At), '}')
	}
	if m.Pinned != nil {
		dst = f.appendRef(append(dst, `,"pinned":{"by":`...), m.Pinned.By)
		dst = append(appendTime(dst, "at", m.Pinned.At), '}')
	}
	if m.Deleted != nil {
		dst = f.appendRef(append(dst, `,"deleted":{"by":`...), m.Deleted.By)
		dst = appendTime(dst, "at", m.Deleted.At)
		if m.Deleted.Reason != "" {
			dst = appendString(append(dst, `,"reason":`...), m.Deleted.Reason)
		}
		if m.Deleted.To != nil { // but not where: who may read this room may not know the other
			dst = appendBool(dst, "moved", true)
		}
		dst = append(dst, '}')
	}
	return dst
}

// State returns the fields of appendState as a JSON object; "" if the message has none.
func (f Frames) State(m *chat.Message) string {
	fields := f.appendState(nil, m)
	if len(fields) == 0 {
		return ""
	}
	return "{" + string(fields[1:]) + "}"
}

// appendQuote appends the message that a reply quotes: of one that is deleted, only its seq.
func (f Frames) appendQuote(dst []byte, m *chat.Message) []byte {
	dst = strconv.AppendInt(append(dst, `,"reply_to":{"seq":`...), m.ReplyTo, 10)
	if q := m.Quote; q != nil {
		dst = appendString(append(dst, `,"from":`...), q.From)
		if q.AuthorID != "" {
			dst = append(f.ShortIDs.append(append(dst, `,"author":"`...), q.AuthorID), '"')
		}
		dst = appendString(append(dst, `,"text":`...), q.Text)
	}
	return append(dst, '}')
}

func (f Frames) appendSummary(dst []byte, s *chat.ThreadSummary) []byte {
	dst = strconv.AppendInt(append(dst, `,"thread":{"count":`...), int64(s.Count), 10)
	dst = appendTime(dst, "last", s.Last)
	return append(f.appendRefs(append(dst, `,"users":`...), s.Users), '}')
}

func (f Frames) appendReactions(dst []byte, m *chat.Message) []byte {
	listed := m.ListedUsers()
	dst = append(dst, `,"reactions":[`...)
	for i, reaction := range m.Reactions {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(append(dst, `{"emoji":`...), reaction.Emoji)
		dst = appendInt(dst, "count", int64(len(reaction.Users)))
		dst = append(f.appendRefs(append(dst, `,"users":`...), reaction.Users[:min(listed, len(reaction.Users))]), '}')
	}
	return append(dst, ']')
}

func (f Frames) appendRefs(dst []byte, users []chat.UserRef) []byte {
	dst = append(dst, '[')
	for i, user := range users {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = f.appendRef(dst, user)
	}
	return append(dst, ']')
}

// appendRef appends a user as the members of a room are written, without an age.
func (f Frames) appendRef(dst []byte, user chat.UserRef) []byte {
	dst = appendString(append(dst, `{"name":`...), user.Name)
	return append(f.ShortIDs.append(append(dst, `,"id":"`...), user.ID), '"', '}')
}

// appendTime appends a field with a time as the field at has it.
func appendTime(dst []byte, field string, at time.Time) []byte {
	dst = append(append(append(dst, ',', '"'), field...), `":"`...)
	return append(at.UTC().AppendFormat(dst, TimeFormat), '"')
}
