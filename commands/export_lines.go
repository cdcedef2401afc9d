package commands

import (
	"encoding/json"
	"io"
	"time"

	"chatserver/chat"
)

// exported is the JSON form of a message. A deleted message has no text.
type exported struct {
	Room      string             `json:"room"`
	Seq       int64              `json:"seq"`
	ID        string             `json:"id"`
	From      string             `json:"from"`
	At        time.Time          `json:"at"`
	Text      string             `json:"text"`
	HTML      string             `json:"html"`
	Thread    int64              `json:"thread,omitempty"`   // the seq of the root of its thread
	ReplyTo   int64              `json:"reply_to,omitempty"` // the seq of the message that it quotes
	EditedAt  time.Time          `json:"edited_at,omitzero"`
	Deleted   *exportedMark      `json:"deleted,omitempty"`
	Pinned    *exportedMark      `json:"pinned,omitempty"`
	Reactions []exportedReaction `json:"reactions,omitempty"`
}

// exportedMark says who deleted or pinned a message, and when and why.
type exportedMark struct {
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
}

type exportedReaction struct {
	Emoji string   `json:"emoji"`
	Users []string `json:"users"`
}

// lines returns a function that writes a message as a line of JSON.
func lines(to io.Writer) func(chat.Message) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	return func(m chat.Message) error {
		line := exported{
			Room: m.Room, Seq: m.Seq, ID: m.ID, From: m.From, At: m.At, Text: m.Text, HTML: m.HTML,
			Thread: m.Thread, ReplyTo: m.ReplyTo, EditedAt: m.EditedAt,
		}
		if d := m.Deleted; d != nil {
			line.Deleted = &exportedMark{d.By.Name, d.At, d.Reason}
		}
		if p := m.Pinned; p != nil {
			line.Pinned = &exportedMark{By: p.By.Name, At: p.At}
		}
		for _, reaction := range m.Reactions {
			users := make([]string, len(reaction.Users))
			for i, user := range reaction.Users {
				users[i] = user.Name
			}
			line.Reactions = append(line.Reactions, exportedReaction{reaction.Emoji, users})
		}
		return encoder.Encode(line)
	}
}
