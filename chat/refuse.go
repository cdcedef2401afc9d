package chat

import (
	"errors"
	"slices"
	"time"
)

// What becomes of a batch that was not stored.

// latecomerLimit is after how long in vain those who came meanwhile are refused
// together with the batch: they would wait as long once more, and longer than
// a sender was promised.
const latecomerLimit = time.Second

// fail does what can be done for a batch that failed. It is refused once and at once; only
// when some of its rooms are held by somebody else are the others tried without them, and
// when its data is to blame, room by room and then one by one.
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

// anyDraft who came meanwhile is concerned by a store that cannot store.
func anyDraft(pendingDraft) bool { return true }

// refuse tells the senders of a batch that it was not stored, and, if that took long,
// whoever came meanwhile and is concerned.
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

// refuseHeld refuses those who spoke in rooms that somebody else holds, and returns the
// others. If that is nobody, everybody is refused: the batch would be tried for ever.
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

// takeLate takes those who came while the store let a batch wait so long in vain, and
// whom it concerns.
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

// split parts a batch by room, and the batch of one room into its drafts.
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
