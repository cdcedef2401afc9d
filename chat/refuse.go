package chat

import (
	"errors"
	"slices"
	"time"
)

// What becomes of a batch that was not stored.

// latecomerLimit is the duration of a failed batch after which the drafts that arrived in
// the meantime are refused together with it. They would wait as long again, and longer than
// senders are promised.
const latecomerLimit = time.Second

// fail handles a batch that could not be stored. Normally it refuses all of it, once and
// immediately. If some of its rooms are locked by another transaction, it refuses those
// drafts and stores the others. If the data is to blame, it retries room by room and then
// draft by draft.
func (r *recorder) fail(batch []pendingDraft, waited time.Duration, err error) {
	var locked *Locked
	switch {
	case errors.As(err, &locked):
		if free := r.refuseHeld(batch, waited, locked); len(free) > 0 {
			r.record(free)
		}
	case errors.Is(err, ErrData) && len(batch) > 1:
		for _, part := range split(batch) {
			r.record(part)
		}
	default:
		r.refuse(batch, waited, err, anyDraft)
	}
}

// anyDraft matches every draft: all are affected by a store that cannot store.
func anyDraft(pendingDraft) bool { return true }

// refuse answers the senders of a batch that it was not stored. If the attempt took long, it
// also refuses the affected drafts that arrived in the meantime.
func (r *recorder) refuse(batch []pendingDraft, waited time.Duration, err error, concerned func(pendingDraft) bool) {
	late := r.takeLate(waited, concerned)
	r.log.Error("messages not stored", "drafts", len(batch)+len(late), "error", err)
	for _, p := range slices.Concat(batch, late) {
		r.finish(p, Outcome{Err: ErrNotStored})
	}
	// It may have been stored all the same, and only its answer was lost.
	for _, p := range batch {
		r.hub.suspect(p.draft.Room, UncertainCommit)
	}
}

// refuseHeld refuses the drafts for locked rooms and returns the others. If no draft
// matches, it refuses all, because the batch would be retried forever.
func (r *recorder) refuseHeld(batch []pendingDraft, waited time.Duration, locked *Locked) (free []pendingDraft) {
	isHeld := func(p pendingDraft) bool { return slices.Contains(locked.Rooms, p.draft.Room) }
	var held []pendingDraft
	for _, p := range batch {
		if isHeld(p) {
			held = append(held, p)
		} else {
			free = append(free, p)
		}
	}
	if len(held) == 0 {
		held, free = batch, nil
	}
	r.refuse(held, waited, locked, isHeld)
	return free
}

// takeLate removes and returns the affected drafts that arrived while the store kept a batch
// waiting in vain.
func (r *recorder) takeLate(waited time.Duration, concerned func(pendingDraft) bool) (late []pendingDraft) {
	if waited < latecomerLimit {
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

// split divides a batch by room, and a batch of one room into single drafts.
func split(batch []pendingDraft) [][]pendingDraft {
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
	if len(parts) > 1 {
		return parts
	}
	parts = parts[:0]
	for i := range batch {
		parts = append(parts, batch[i:i+1])
	}
	return parts
}
