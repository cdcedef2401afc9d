package cluster

import (
	"context"
	"log/slog"
	"time"

	"chatserver/chat"
	"chatserver/live"
)

// Solo is a process without other nodes. It only notices rooms that the operator removes on
// the command line, and keeps names over a restart.
type Solo struct {
	removals *removals
	kept     chat.KeptNames
	log      *slog.Logger
	names    *live.NameHolders
}

var _ live.Nodes = (*Solo)(nil)

// keptNamesTimeout bounds reading and writing the kept names at a restart.
const keptNamesTimeout = 2 * time.Second

// NewSolo returns a process alone on a store.
func NewSolo(store chat.RoomChanges, kept chat.KeptNames) *Solo {
	return &Solo{removals: newRemovals(store), kept: kept}
}

// Alone returns a process alone on a store that no other process uses, and that forgets names.
func Alone() *Solo { return NewSolo(NoRemovals{}, NoKeptNames{}) }

// Start restores the names that were kept when the previous process stopped, and watches for
// removed rooms.
func (s *Solo) Start(h *live.Hub, _ chat.Store, _ *chat.Rendering, o chat.Options) {
	s.names, s.log = h.Names(), o.Log
	s.loadNames()
	s.removals.start(h, o.Log)
}

func (s *Solo) loadNames() {
	ctx, cancel := context.WithTimeout(context.Background(), keptNamesTimeout)
	defer cancel()
	names, err := s.kept.KeptNames(ctx)
	if err != nil {
		s.log.Error("could not read the reserved names: they can be taken by anyone", "error", err)
	}
	s.names.Restore(names)
}

// Interrupt ends the watch for removed rooms.
func (s *Solo) Interrupt(ctx context.Context) error { return s.removals.task.Stop(ctx) }

// Stop saves the kept names for the next process.
func (s *Solo) Stop(context.Context) {
	ctx, cancel := context.WithTimeout(context.Background(), keptNamesTimeout)
	defer cancel()
	if err := s.kept.KeepNames(ctx, s.names.Kept()); err != nil {
		s.log.Error("could not store the reserved names: they can be taken by anyone after the restart", "error", err)
	}
}

// Stats implements Peers: a process alone has none.
func (*Solo) Stats() *chat.FleetStats { return nil }

// Shared implements Nodes.
func (*Solo) Shared() bool { return false }

// Acquire implements Nodes.
func (*Solo) Acquire(chat.NameLease) error { return nil }

// MayAcquire implements Nodes.
func (*Solo) MayAcquire(chat.NameLease) error { return nil }

// Idle implements Nodes.
func (*Solo) Idle(string) {}

// Open implements Nodes.
func (*Solo) Open(*live.OpenRoom) (end func()) { return func() {} }

// PresenceChanged implements Nodes.
func (*Solo) PresenceChanged(string) {}

// Online implements Nodes.
func (*Solo) Online([]string) map[string]int { return nil }

// PublishMessage implements Nodes.
func (*Solo) PublishMessage(chat.Message, any) {}

// Publish implements Nodes.
func (*Solo) Publish(string, chat.Event) {}

// GapTimeout implements Nodes: nothing is in transit.
func (*Solo) GapTimeout() time.Duration { return 0 }

// NoRemovals is a store in which no other process changes or removes rooms.
type NoRemovals struct{}

var _ chat.RoomChanges = NoRemovals{}

// Removals implements RoomChanges.
func (NoRemovals) Removals(context.Context) (int64, error) { return 0, nil }

// RoomChanges implements RoomChanges.
func (NoRemovals) RoomChanges(context.Context, int64) (int64, []string, error) { return 0, nil, nil }

// Purged implements RoomChanges: all rooms are as they were.
func (NoRemovals) Purged(_ context.Context, slugs []string) (map[string]int64, error) {
	stored := make(map[string]int64, len(slugs))
	for _, slug := range slugs {
		stored[slug] = 0
	}
	return stored, nil
}

// NoKeptNames forgets all names: after a restart, anyone can take them.
type NoKeptNames struct{}

var _ chat.KeptNames = NoKeptNames{}

// KeepNames implements KeptNames.
func (NoKeptNames) KeepNames(context.Context, []chat.KeptName) error { return nil }

// KeptNames implements KeptNames.
func (NoKeptNames) KeptNames(context.Context) ([]chat.KeptName, error) { return nil, nil }
