package journal

import "chatserver/chat"

// Delivery is what the recorder needs of the delivery in this process. live.Hub implements
// it.
type Delivery interface {
	// Apply delivers a changed message to its room in order. It returns false if the members
	// already have it, or will get it with an earlier one.
	Apply(m chat.Message) (live bool)
	// PublishMessage announces a changed message to the other nodes, with the trace of the
	// change.
	PublishMessage(m chat.Message, trace any)
	// AfterDelivery runs a callback once everything up to a rev of a room was written to its
	// subscriptions; at once if it has none.
	AfterDelivery(room string, rev int64, call func())
	// Suspect has a room compared with the store. It does not block.
	Suspect(room string, why chat.BackfillReason)
	// FollowEpoch makes the rooms follow the store's epoch.
	FollowEpoch(epoch string)
}
