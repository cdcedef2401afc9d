package store

import (
	"encoding/json"
	"fmt"
	"time"

	"chatserver/chat"
)

// state is the column of the same name: what happened to a message since it was posted, as
// JSON. Most messages have none, and their column is empty. All times are in milliseconds.
type state struct {
	EditedAt  int64          `json:"edited_at,omitempty"`
	TextRev   int64          `json:"text_rev,omitempty"`
	Edits     int            `json:"edits,omitempty"`
	Versions  int            `json:"versions,omitempty"`
	Deleted   *mark          `json:"deleted,omitempty"`
	Pinned    *mark          `json:"pinned,omitempty"`
	Reactions []reactionJSON `json:"reactions,omitempty"`
	Replies   *repliesJSON   `json:"replies,omitempty"`
}

// mark says who did something, when, and why.
type mark struct {
	By     chat.UserRef `json:"by"`
	At     int64        `json:"at"`
	Reason string       `json:"reason,omitempty"`
}

type reactionJSON struct {
	Emoji string         `json:"emoji"`
	Users []chat.UserRef `json:"users"`
}

type repliesJSON struct {
	Count int            `json:"count"`
	Last  int64          `json:"last"`
	Users []chat.UserRef `json:"users"`
}

// stateOf returns the column of a message.
func stateOf(m *chat.Message) (string, error) {
	s := state{TextRev: m.TextRev, Edits: m.Edits, Versions: m.Versions}
	if !m.EditedAt.IsZero() {
		s.EditedAt = m.EditedAt.UnixMilli()
	}
	if d := m.Deleted; d != nil {
		s.Deleted = &mark{d.By, d.At.UnixMilli(), d.Reason}
	}
	if p := m.Pinned; p != nil {
		s.Pinned = &mark{By: p.By, At: p.At.UnixMilli()}
	}
	for _, r := range m.Reactions {
		s.Reactions = append(s.Reactions, reactionJSON(r))
	}
	if r := m.Replies; r != nil {
		s.Replies = &repliesJSON{r.Count, r.Last.UnixMilli(), r.Users}
	}
	column, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("encode the state of message %d: %w", m.Seq, err)
	}
	if string(column) == "{}" {
		return "", nil
	}
	return string(column), nil
}

// addState sets what a column says in a message.
func addState(m *chat.Message, column string) error {
	if column == "" {
		return nil
	}
	var s state
	if err := json.Unmarshal([]byte(column), &s); err != nil {
		return fmt.Errorf("decode the state of message %d: %w", m.Seq, err)
	}
	m.TextRev, m.Edits, m.Versions = s.TextRev, s.Edits, s.Versions
	if s.EditedAt != 0 {
		m.EditedAt = milliseconds(s.EditedAt)
	}
	if d := s.Deleted; d != nil {
		m.Deleted = &chat.Deletion{By: d.By, At: milliseconds(d.At), Reason: d.Reason}
	}
	if p := s.Pinned; p != nil {
		m.Pinned = &chat.PinMark{By: p.By, At: milliseconds(p.At)}
	}
	for _, r := range s.Reactions {
		m.Reactions = append(m.Reactions, chat.Reaction(r))
	}
	if r := s.Replies; r != nil {
		m.Replies = &chat.ThreadSummary{Count: r.Count, Last: milliseconds(r.Last), Users: r.Users}
	}
	return nil
}

func milliseconds(at int64) time.Time { return time.UnixMilli(at).UTC() }
