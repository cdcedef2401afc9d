package chat

import (
	"context"
	"time"
)

// keptNamesTimeout bounds reading and writing the kept names at a restart.
const keptNamesTimeout = 2 * time.Second

// KeptNames is where a single process saves kept names across a restart. A fleet has them in
// its NameRegistry.
type KeptNames interface {
	// KeepNames replaces the saved names.
	KeepNames(ctx context.Context, names []KeptName) error
	// KeptNames returns the saved names.
	KeptNames(ctx context.Context) ([]KeptName, error)
}

// KeptName is a name that is kept for its holder.
type KeptName struct {
	NameLease
	Until time.Time // to the millisecond
}

// loadNames restores the names that were kept when the previous process stopped.
func (h *hub) loadNames() {
	if h.options.KeptNames == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), keptNamesTimeout)
	defer cancel()
	names, err := h.options.KeptNames.KeptNames(ctx)
	if err != nil {
		h.log.Error("could not read the reserved names: they can be taken by anyone", "error", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	longest := h.now().Add(KeepName) // the clock may have been set back in between
	for _, name := range names {
		b := &nameHolder{lease: name.NameLease, kept: keptName{until: name.Until}}
		if name.Until.After(longest) {
			b.kept.until = longest
		}
		h.nameHolders[name.Skeleton] = b
		h.kept.queue = append(h.kept.queue, expiry{b, b.kept.until})
	}
	h.expireNamesLocked()
}

// saveNames saves the kept names for the next process.
func (h *hub) saveNames() {
	if h.options.KeptNames == nil {
		return
	}
	h.mu.Lock()
	h.expireNamesLocked()
	names := make([]KeptName, 0, len(h.nameHolders))
	for _, b := range h.nameHolders {
		if !b.kept.until.IsZero() {
			names = append(names, KeptName{b.lease, b.kept.until})
		}
	}
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), keptNamesTimeout)
	defer cancel()
	if err := h.options.KeptNames.KeepNames(ctx, names); err != nil {
		h.log.Error("could not store the reserved names: they can be taken by anyone after the restart", "error", err)
	}
}
