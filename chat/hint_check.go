package chat

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxRev is more than any room will reach, and the limit of exact integers in JavaScript.
const maxRev = 1 << 53

var errHint = errors.New("no node of this version sends such a hint")

// Check returns an error for a hint that cannot be right, just as commands of clients are
// validated: another node may have a fault or run another version. maxText is the limit of
// the settings.
func (h *Hint) Check(maxText int) error {
	switch event := h.Event.(type) {
	case Said:
		return checkMessage(&event.Message, maxText)
	case Joined:
		return checkUser(event.User)
	case Left:
		return checkUser(event.User)
	case Typing:
		return checkShownName(event.From)
	}
	return nil
}

// checkState returns an error for a state that no node of this version gives a message.
func checkState(s *State) error {
	if len(s.Reactions) > MaxEmoji {
		return errHint
	}
	var users []UserRef
	for _, r := range s.Reactions {
		users = append(users, r.Users...)
		if r.Emoji == "" || !utf8.ValidString(r.Emoji) {
			return errHint
		}
	}
	if s.Replies != nil {
		users = append(users, s.Replies.Users...)
	}
	for _, user := range users {
		if err := checkShownName(user.Name); err != nil {
			return err
		}
	}
	return nil
}

// checkShownName returns an error for a name that must not be shown, because parts of the
// line could be mistaken for something else. Names from nodes of another version may contain
// characters that NewUser refuses here.
func checkShownName(name string) error {
	if name == "" || len(name) > MaxName*utf8.UTFMax || !utf8.ValidString(name) ||
		strings.ContainsAny(name, `:/\`) || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) {
		return errHint
	}
	return nil
}

// checkMessage returns an error for a message that no node of this version sends in a hint.
func checkMessage(m *Message, maxText int) error {
	id, err := draftID(m.ID)
	if err == nil && (id != m.ID || m.Seq < 1 || m.Rev < m.Seq || m.Rev > maxRev || !utf8.ValidString(m.HTML) || strings.IndexByte(m.HTML, 0) >= 0) {
		err = errHint
	}
	return errors.Join(err, checkShownName(m.From), checkContent(m, maxText), checkState(&m.State))
}

// checkContent checks the text of a message. A tombstone has none.
func checkContent(m *Message, maxText int) error {
	if m.Deleted == nil {
		return checkText(m.Text, maxText)
	}
	if m.Text != "" || m.HTML != "" || m.Quote != nil {
		return errHint
	}
	return nil
}

// checkUser returns an error for a user that no node of this version sends in a hint.
func checkUser(u User) error {
	if u.Age < 0 || u.Age > MaxAge {
		return errHint
	}
	return checkShownName(u.Name)
}
