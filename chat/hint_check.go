package chat

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxRev is more than any room will have, and as much as JavaScript counts to.
const maxRev = 1 << 53

var errHint = errors.New("no node of this version sends such a hint")

// check reports why a hint cannot be, as a door does of what a stranger says: another node
// may have a fault, or another version. maxText is that of the settings.
func (h *Hint) check(maxText int) error {
	switch event := h.Event.(type) {
	case Said:
		return event.Message.check(maxText)
	case Joined:
		return event.User.check()
	case Left:
		return event.User.check()
	case Typing:
		return checkShownName(event.From)
	}
	return nil
}

func (m *Message) check(maxText int) error {
	id, err := draftID(m.ID)
	if err == nil && (id != m.ID || m.Seq < 1 || m.Rev < m.Seq || m.Rev > maxRev || !utf8.ValidString(m.HTML) || strings.IndexByte(m.HTML, 0) >= 0) {
		err = errHint
	}
	return errors.Join(err, checkShownName(m.From), checkText(m.Text, maxText))
}

func (u User) check() error {
	if u.Age < 0 || u.Age > MaxAge {
		return errHint
	}
	return checkShownName(u.Name)
}

// checkShownName reports whether a name can be shown without being taken for more: that of
// another version may have characters that NewUser of this one refuses.
func checkShownName(name string) error {
	if name == "" || len(name) > MaxName*utf8.UTFMax || !utf8.ValidString(name) ||
		strings.ContainsAny(name, `:/\`) || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) {
		return errHint
	}
	return nil
}
