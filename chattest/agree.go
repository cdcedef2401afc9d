package chattest

import (
	"testing"

	"chatserver/chat"
)

// Agree waits until members have everything that is stored in a room. Then it checks
// that each has exactly that, was shown each message once and received no other
// acknowledgements, and that the server kept the order law throughout.
func (w *World) Agree(t testing.TB, room string, members ...*Member) {
	t.Helper()
	w.settle(room, members)
	stored, have, texts := w.Stored(room), map[string]int64{}, map[string]bool{}
	for i, m := range stored {
		have[m.ID] = m.Seq
		if texts[m.Text] && m.Text != "" { // as those of tombstones are
			t.Errorf("%.20q is stored twice", m.Text)
		}
		texts[m.Text] = true
		if i > 0 && m.Seq <= stored[i-1].Seq {
			t.Errorf("seq %d is stored after %d", m.Seq, stored[i-1].Seq)
		}
	}
	for _, m := range members {
		m.checkShown(t, room, stored)
		for id, seq := range m.Acknowledged(room) {
			if have[id] != seq {
				t.Errorf("%s was acknowledged %s with seq %d; stored is %d", m.Name, id, seq, have[id])
			}
		}
	}
}

// settle waits until members have everything that is stored, and returns its rev.
func (w *World) settle(room string, members []*Member) (rev int64) {
	w.t.Helper()
	for _, m := range w.Stored(room) {
		rev = max(rev, m.Rev)
	}
	for _, m := range members {
		if !m.Reaches(room, rev) {
			return rev // one is enough; each of the others could take as long again
		}
	}
	return rev
}

func (m *Member) checkShown(t testing.TB, room string, stored []chat.Message) {
	t.Helper()
	shown, times := m.Has(room), m.Shown(room)
	if len(shown) != len(stored) {
		t.Errorf("%s has %d messages, but %d are stored", m.Name, len(shown), len(stored))
		return
	}
	for i, s := range stored {
		if h := shown[i]; h.ID != s.ID || h.Seq != s.Seq || h.Rev != s.Rev || h.Text != s.Text || h.From != s.From {
			t.Errorf("%s has %s, %d, rev %d, %.20q, but %s, %d, rev %d, %.20q is stored", m.Name, h.ID, h.Seq, h.Rev, h.Text, s.ID, s.Seq, s.Rev, s.Text)
		}
		if times[s.ID] != 1 {
			t.Errorf("%s was shown %s %d times", m.Name, s.ID, times[s.ID])
		}
	}
	for _, wrong := range append(m.Jumps(), m.Wrongs()...) {
		t.Errorf("%s: %s", m.Name, wrong)
	}
}
