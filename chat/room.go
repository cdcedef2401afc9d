package chat

import "sync"

// room is an open room: its subscriptions, its presence and the batches to deliver.
//
// Each event is encoded once, into the last batch. The pump, a goroutine that exists only
// while there is something to deliver, writes one batch after another to every subscription.
// Messages that accumulate in the meantime share one write, and an idle room costs only its
// memory.
type room struct {
	slug string
	hub  *hub
	refs int // subscriptions, and connections about to subscribe; guarded by hub.mu

	hintsOnce        sync.Once
	unsubscribeHints func() // nil without a broker

	mu            sync.Mutex
	passing       sync.Cond         // signals that a batch was written to all subscriptions
	rev           int64             // of the last message delivered here
	held          map[int64]Message // the reorder buffer: messages that wait for an earlier one, by rev
	recent        *recent           // the ids of the latest revs; nil for a single process
	disputed      bool              // two different messages arrived for one rev
	gapTimer      bool              // a check of the reorder buffer is scheduled
	stalled       bool              // the backfill failed, so callbacks do not wait for delivery
	handed        int64             // rev up to which every subscription was written to
	subscriptions []*subscription
	holes         int        // nil elements of subscriptions, see removeLocked
	live          int        // live subscriptions, see attachLocked
	byKind        [kinds]int // subscriptions by Kind
	presence      presence
	position      int64 // of the next event in the room
	passed        int64 // position up to which every subscription was written to
	batches       []*batch
	spare         *batch
	undelivered   int // bytes in batches
	pumping       bool
	flow          flow
	callbacks     []deliveryCallback
}

// deliveryCallback is called once everything up to a rev was written to the subscriptions,
// so that an acknowledgement never precedes the message.
type deliveryCallback struct {
	rev  int64
	call func()
}
