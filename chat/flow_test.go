package chat

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// lagging is the socket of a member that is as far behind as a test says.
type lagging struct {
	recordingSocket
	lag Lag
}

func (l *lagging) Lag() Lag { return l.lag }

// roomWithMember is a room with one member.
func roomWithMember(member *lagging) *room {
	return &room{hub: &hub{}, subscriptions: []*subscription{{socket: member}}}
}

// taken is how many messages a room takes that are stored at once, at most so many. Time
// stands still.
func (r *room) taken(most, size int) (n int) {
	r.flow.due = math.MaxInt64
	for n < most && r.tryTake(size) {
		r.settled(size)
		n++
		r.flow.due = math.MaxInt64
	}
	return n
}

// While everybody keeps up, a room takes whatever is said. Once somebody is behind it
// takes a window and no more; one who has stalled is not waited for.
func TestARoomAdmitsNoMoreThanItsMembersTake(t *testing.T) {
	const size = 10 << 10
	const window = flowWindow / size
	const many = 10 * window
	member := &lagging{}
	r := roomWithMember(member)
	if n := r.taken(many, size); n != many {
		t.Errorf("though everybody keeps up it takes %d messages", n)
	}
	member.lag = Behind
	if n := r.taken(many, size); n > window {
		t.Errorf("though somebody is behind it takes %d messages more", n)
	}
	member.lag = Stalled
	if n := r.taken(many, size); n != many {
		t.Errorf("it waits for somebody who has stalled after %d messages", n)
	}
	member.lag = Current
	if n := r.taken(many, size); n != many {
		t.Errorf("though everybody keeps up again it takes %d messages", n)
	}
}

// A member who takes too little of what flowRate carries delays the others no longer.
func TestASlowMemberDelaysARoomForALimitedTime(t *testing.T) {
	r := roomWithMember(&lagging{lag: Behind})
	for r.tryTake(flowWindow / 8) {
		r.settled(flowWindow / 8)
	}
	r.flow.due = 0
	if !r.tryTake(flowWindow / 8) {
		t.Error("a room waits for a slow member for ever")
	}
}

// What is not stored yet counts, too, however well the members keep up.
func TestPendingMessagesCountTowardTheWindow(t *testing.T) {
	r := roomWithMember(&lagging{})
	if !r.tryTake(2*flowWindow) || r.tryTake(1) {
		t.Error("a large message is not taken alone")
	}
	r.settled(2 * flowWindow)
	for range 8 {
		if !r.tryTake(flowWindow / 8) {
			t.Error("a window is not taken")
		}
	}
	if r.tryTake(flowWindow / 8) {
		t.Error("more than a window is under way")
	}
	r.settled(flowWindow / 8)
	if !r.tryTake(flowWindow / 8) {
		t.Error("what is stored still counts")
	}
}

// Somebody who says a word goes before all but one of the messages of an address that
// waits with a hundred, and when the chat stops nobody waits any longer.
func TestAWaitingAddressDelaysOthersByOneMessage(t *testing.T) {
	r := roomWithMember(&lagging{})
	if !r.tryTake(flowWindow) {
		t.Fatal("the first message is not taken")
	}
	order := make(chan string)
	say := func(name string, payer Payer) {
		if err := r.admit(payer, flowWindow); err != nil && !errors.Is(err, ErrStopping) {
			t.Error(err)
		}
		order <- name
	}
	eve, ann := at("203.0.113.7"), at("198.51.100.1")
	for range 100 {
		go say("Eve", eve)
	}
	r.flowGate().queued(t, eve, 99) // and one has the turn
	go say("Ann", ann)
	r.flowGate().queued(t, ann, 1)
	var first []string
	for range 3 {
		r.settled(flowWindow)
		first = append(first, <-order)
	}
	if !slices.Equal(first, []string{"Eve", "Eve", "Ann"}) {
		t.Errorf("they are admitted in the order %v", first)
	}
	r.hub.mu.Lock()
	r.hub.stopping = true
	r.hub.mu.Unlock()
	for range 98 {
		<-order
	}
}
