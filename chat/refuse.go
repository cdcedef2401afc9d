package chat

import (
	"errors"
	"slices"
	"time"
)

// What becomes of a batch that was not stored.

// longWait is after how long in vain those who came meanwhile are refused
// together with the batch: they would wait as long once more, and longer than
// a sender was promised.
const longWait = time.Second

// refuse tells the senders of a batch that it was not stored.
func (r *recorder) refuse(batch []pendingDraft, waited time.Duration, err error) {
	late := r.late(waited, func(p pendingDraft) bool {
		return !errors.Is(err, ErrLocked) || p.draft.Room == batch[0].draft.Room // the other rooms are free
	})
	r.log.Error("messages not stored", "drafts", len(batch)+len(late), "error", err)
	for _, p := range slices.Concat(batch, late) {
		r.finish(p, Outcome{Err: ErrNotStored})
	}
	// It may have been stored all the same, and only its answer was lost.
	for _, p := range batch {
		r.doubt(p.draft.Room)
	}
}

// late takes those who came while the store let a batch wait so long in vain, and
// whom it concerns.
func (r *recorder) late(waited time.Duration, concerned func(pendingDraft) bool) (late []pendingDraft) {
	if waited < longWait {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var others []pendingDraft
	for _, p := range r.pending {
		if concerned(p) {
			late = append(late, p)
		} else {
			others = append(others, p)
		}
	}
	r.pending = others
	return late
}

// split parts a batch that failed by room, and the batch of one room into its drafts,
// if that may help.
func split(batch []pendingDraft, err error) [][]pendingDraft {
	isData := errors.Is(err, ErrData)
	if !isData && !errors.Is(err, ErrLocked) {
		return nil
	}
	var parts [][]pendingDraft
	at := map[string]int{}
	for _, p := range batch {
		i, known := at[p.draft.Room]
		if !known {
			i = len(parts)
			at[p.draft.Room], parts = i, append(parts, nil)
		}
		parts[i] = append(parts[i], p)
	}
	if len(parts) > 1 || !isData {
		return parts
	}
	parts = parts[:0]
	for i := range batch {
		parts = append(parts, batch[i:i+1])
	}
	return parts
}
