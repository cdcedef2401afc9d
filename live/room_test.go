package live

import (
	"testing"

	"chatserver/chat"
)

func TestARoomClosesItsHoles(t *testing.T) {
	r := newRoom(testHub(t, [chat.Kinds]chat.Frames{}, false, chat.Options{}), chat.NewRoomInfo("lobby"))
	var members []*subscription
	for range 100 {
		members = append(members, r.subscribeLocked(&chat.Connection{}))
	}
	for i, m := range members {
		if i%10 != 0 {
			r.unsubscribeLocked(m)
		}
	}
	if len(r.subscriptions) > 30 || len(r.subscriptions)-r.holes != 10 {
		t.Errorf("10 subscriptions take %d places with %d holes", len(r.subscriptions), r.holes)
	}
	for i, m := range r.subscriptions {
		if m != nil && int(m.index) != i {
			t.Errorf("the subscription at %d has the index %d", i, m.index)
		}
	}
}
