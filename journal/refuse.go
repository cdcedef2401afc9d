package journal

import (
	"errors"
	"slices"
	"time"

	"chatserver/chat"
)

// What becomes of a batch that was not stored.

// latecomerLimit is the duration of a failed batch after which the changes that arrived in
// the meantime are refused together with it. They would wait as long again, and longer than
// senders are promised.
const latecomerLimit = time.Second

// fail handles a batch that could not be stored. Normally it refuses all of it, once and
// immediately. If some of its rooms are locked by another transaction, it refuses those
// changes and stores the others. If the data is to blame, it retries room by room and then
// change by change.
func (r *Recorder) fail(batch []pendingChange, waited time.Duration, err error) {
	var locked *chat.LockTimeout
	switch {
	case errors.As(err, &locked):
		if free := r.refuseHeld(batch, waited, locked); len(free) > 0 {
			r.record(free)
		}
	case errors.Is(err, chat.ErrData) && len(batch) > 1:
		for _, part := range split(batch) {
			r.record(part)
		}
	default:
		r.refuse(batch, waited, err, anyChange)
	}
}

// anyChange matches every change: all are affected by a store that cannot store.
func anyChange(pendingChange) bool { return true }

// refuse answers the senders of a batch that it was not stored. If the attempt took long, it
// also refuses the affected changes that arrived in the meantime.
func (r *Recorder) refuse(batch []pendingChange, waited time.Duration, err error, concerned func(pendingChange) bool) {
	late := r.takeLate(waited, concerned)
	r.log.Error("messages not stored", "changes", len(batch)+len(late), "error", err)
	for _, p := range slices.Concat(batch, late) {
		r.finish(p, chat.Outcome{Err: chat.ErrNotStored})
	}
	// It may have been stored all the same, and only its answer was lost.
	for _, p := range batch {
		r.to.Suspect(p.change.Header().Room, chat.UncertainCommit)
	}
}

// refuseHeld refuses the changes for locked rooms and returns the others. If no change
// matches, it refuses all, because the batch would be retried forever.
func (r *Recorder) refuseHeld(batch []pendingChange, waited time.Duration, locked *chat.LockTimeout) (free []pendingChange) {
	isHeld := func(p pendingChange) bool { return slices.Contains(locked.Rooms, p.change.Header().Room) }
	var held []pendingChange
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

// takeLate removes and returns the affected changes that arrived while the store kept a batch
// waiting in vain.
func (r *Recorder) takeLate(waited time.Duration, concerned func(pendingChange) bool) (late []pendingChange) {
	if waited < latecomerLimit {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var others []pendingChange
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

// split divides a batch by room, and a batch of one room into single changes.
func split(batch []pendingChange) [][]pendingChange {
	var parts [][]pendingChange
	at := map[string]int{}
	for _, p := range batch {
		i, known := at[p.change.Header().Room]
		if !known {
			i = len(parts)
			at[p.change.Header().Room], parts = i, append(parts, nil)
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
