package journal

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"chatserver/chat"
)

// heldStore is a store whose commits wait until it is released.
type heldStore struct {
	chat.Store
	held chan struct{}
}

func (s *heldStore) Commit(_ context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	<-s.held
	outcomes := make([]chat.Outcome, len(changes))
	for i, change := range changes { // as the store folds reactions to one message
		outcomes[i] = chat.Outcome{Message: chat.Message{Room: change.Header().Room, Seq: 1, Rev: 2}, Known: i > 0}
	}
	return outcomes, nil
}

func (*heldStore) Epoch() string { return "" }

// deaf is the delivery to a room without connections.
type deaf struct{}

func (deaf) Apply(chat.Message) bool                      { return true }
func (deaf) PublishMessage(chat.Message, any)             {}
func (deaf) AfterDelivery(_ string, _ int64, call func()) { call() }
func (deaf) Suspect(string, chat.BackfillReason)          {}
func (deaf) FollowEpoch(string)                           {}

// admitted is a subscription to a room that counts what the room has admitted.
type admitted struct {
	chat.Subscription
	bytes  int // admitted, and not settled yet
	untold int // those that turned out to cost the room nothing
}

func (a *admitted) Settled(bytes int, told bool) {
	a.bytes -= bytes
	if !told {
		a.untold += bytes
	}
}

type nobody struct{ chat.Socket }

func (nobody) Answer(chat.Change, chat.Outcome) {}

// TestReactionsThatShareAChangeAreAdmittedOnce lets a crowd react to a long message while the
// store is busy. Everyone in the room receives two changes, so the room has to take the bytes
// of two, and whoever writes something there does not wait for the others.
func TestReactionsThatShareAChangeAreAdmittedOnce(t *testing.T) {
	const people, size = 100, 8 << 10
	store := &heldStore{held: make(chan struct{})}
	options := chat.Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil))}.WithDefaults()
	r := StartRecorder(store, deaf{}, chat.NewRendering(options.Renderer), options)
	r.reactions.over = func(place) {} // the interval lasts until the stop, however busy the machine is
	room := &admitted{}
	for range people {
		room.bytes += size
		react := chat.React{Target: chat.Target{Room: "lobby", Seq: 1, At: time.Now()}, Emoji: "👍", On: true}
		if err := r.Take(&chat.Connection{Socket: nobody{}}, room, react, size); err != nil {
			t.Fatal(err)
		}
	}
	if room.bytes != 2*size || room.untold != (people-2)*size {
		t.Errorf("the room still has to take %d bytes for %d reactions, and got %d back", room.bytes, people, room.untold)
	}
	close(store.held)
	if err := r.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if room.bytes != 0 || room.untold != (people-2)*size {
		t.Errorf("at the end %d bytes are admitted, and %d came back", room.bytes, room.untold)
	}
}
