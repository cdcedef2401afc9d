package live

import "slices"

// tailMessages is the number of a room's last messages whose changes are told in plain text.
const tailMessages = 50

// tail is the places of a room's last messages, in order. It is kept from the first
// subscription that wants changes in plain text until the room has no live one any more. The
// room's lock guards it.
type tail struct{ seqs []int64 }

// beginLocked sets the places of the messages that are stored, unless they are known.
func (t *tail) beginLocked(seqs []int64) {
	if t.seqs == nil {
		t.seqs = make([]int64, 0, tailMessages)
		for _, seq := range seqs {
			t.addLocked(seq)
		}
	}
}

// addLocked adds the place of a new message.
func (t *tail) addLocked(seq int64) {
	if t.seqs == nil {
		return
	}
	if len(t.seqs) == tailMessages {
		t.seqs = append(t.seqs[:0], t.seqs[1:]...)
	}
	t.seqs = append(t.seqs, seq)
}

func (t *tail) hasLocked(seq int64) bool {
	_, has := slices.BinarySearch(t.seqs, seq)
	return has
}
