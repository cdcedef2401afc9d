package live

import (
	"errors"
	"math"
	"net/netip"
	"slices"
	"testing"
	"time"

	"chatserver/chat"
)

// lagging is the socket of a member with a lag that the test sets.
type lagging struct {
	recordingSocket
	lag chat.Lag
}

func (l *lagging) Lag() chat.Lag { return l.lag }

// roomWithMember returns a room with one subscription.
func roomWithMember(member *lagging) *OpenRoom {
	r := &OpenRoom{pump: pump{hub: &Hub{}}}
	r.addLocked(&subscription{socket: member})
	return r
}

func (r *OpenRoom) tryTake(bytes int) bool { return r.flow.tryTake(&r.pump, bytes) }

// taken returns how many messages, at most most, a room admits if each is stored at once.
// The clock of the flow control stands still.
func (r *OpenRoom) taken(most, size int) (n int) {
	r.flow.due = math.MaxInt64
	for n < most && r.tryTake(size) {
		r.settled(size, true)
		n++
		r.flow.due = math.MaxInt64
	}
	return n
}

// TestARoomAdmitsNoMoreThanItsMembersTake admits everything while all members keep up, one
// window while a member is behind, and does not wait for a member that has stalled.
func TestARoomAdmitsNoMoreThanItsMembersTake(t *testing.T) {
	const size = 10 << 10
	const window = flowWindow / size
	const many = 10 * window
	member := &lagging{}
	r := roomWithMember(member)
	if n := r.taken(many, size); n != many {
		t.Errorf("while everyone keeps up, the room admits %d messages", n)
	}
	member.lag = chat.Behind
	if n := r.taken(many, size); n > window {
		t.Errorf("while a member is behind, the room admits %d more messages", n)
	}
	member.lag = chat.Stalled
	if n := r.taken(many, size); n != many {
		t.Errorf("the room waits for a stalled member after %d messages", n)
	}
	member.lag = chat.Current
	if n := r.taken(many, size); n != many {
		t.Errorf("after everyone has caught up, the room admits %d messages", n)
	}
}

// TestASlowMemberDelaysARoomForALimitedTime checks that a member slower than flowRate does
// not delay the others any further.
func TestASlowMemberDelaysARoomForALimitedTime(t *testing.T) {
	r := roomWithMember(&lagging{lag: chat.Behind})
	for r.tryTake(flowWindow / 8) {
		r.settled(flowWindow/8, true)
	}
	r.flow.due = 0
	if !r.tryTake(flowWindow / 8) {
		t.Error("the room waits for a slow member forever")
	}
}

// TestPendingMessagesCountTowardTheWindow checks that messages which are not stored yet use
// up the window, however well the members keep up.
func TestPendingMessagesCountTowardTheWindow(t *testing.T) {
	r := roomWithMember(&lagging{})
	if !r.tryTake(2*flowWindow) || r.tryTake(1) {
		t.Error("a large message is not admitted alone")
	}
	r.settled(2*flowWindow, true)
	for range 8 {
		if !r.tryTake(flowWindow / 8) {
			t.Error("the window is not used up")
		}
	}
	if r.tryTake(flowWindow / 8) {
		t.Error("more than a window is pending")
	}
	r.settled(flowWindow/8, true)
	if !r.tryTake(flowWindow / 8) {
		t.Error("a stored message still counts")
	}
}

// queued waits until a number of senders of a payer are in a room's queue.
func queued(t *testing.T, r *OpenRoom, payer chat.Payer, senders int) {
	t.Helper()
	for began := time.Now(); r.flow.queue(&r.pump).Waiting(payer) != senders; time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatalf("%d of %d wait", r.flow.queue(&r.pump).Waiting(payer), senders)
		}
	}
}

func at(address string) chat.Payer { return chat.PayerOf(netip.MustParseAddr(address), chat.User{}) }

// TestAWaitingAddressDelaysOthersByOneMessage also checks that no sender waits any longer
// when the chat stops.
func TestAWaitingAddressDelaysOthersByOneMessage(t *testing.T) {
	r := roomWithMember(&lagging{})
	if !r.tryTake(flowWindow) {
		t.Fatal("the first message is not admitted")
	}
	order := make(chan string)
	say := func(name string, payer chat.Payer) {
		if err := r.admit(payer, flowWindow); err != nil && !errors.Is(err, chat.ErrStopping) {
			t.Error(err)
		}
		order <- name
	}
	eve, ann := at("203.0.113.7"), at("198.51.100.1")
	for range 100 {
		go say("Eve", eve)
	}
	queued(t, r, eve, 99) // and one has the turn
	go say("Ann", ann)
	queued(t, r, ann, 1)
	var first []string
	for range 3 {
		r.settled(flowWindow, true)
		first = append(first, <-order)
	}
	if !slices.Equal(first, []string{"Eve", "Eve", "Ann"}) {
		t.Errorf("the senders were admitted in the order %v", first)
	}
	r.hub.mu.Lock()
	r.hub.stopping = true
	r.hub.mu.Unlock()
	for range 98 {
		<-order
	}
}

// TestWhatIsNotToldDoesNotCount lets a room admit changes that turn out to change nothing,
// while a member is behind: no line has to carry them.
func TestWhatIsNotToldDoesNotCount(t *testing.T) {
	const size = flowWindow / 4
	r := roomWithMember(&lagging{lag: chat.Behind})
	for i := range 100 {
		if !r.tryTake(size) {
			t.Fatalf("the room waits after %d changes of which nobody was told", i)
		}
		r.settled(size, false)
	}
	if n := r.taken(100, size); n != flowWindow/size {
		t.Errorf("the room admits %d changes that it is told of", n)
	}
}
