package main

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// fanoutOf returns a fan-out of people in rooms of a server that sends nothing: the test
// delivers instead.
func fanoutOf(t *testing.T, people, rooms int, p pace) *fanout {
	t.Helper()
	needsLinux(t)
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	rs, err := joinPlan{address: listener.Addr().String()}.dialAll(context.Background(), people*rooms)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rs.cut)
	return newFan(rs, rooms, p, func(_, number int) []byte { return serverFrame(number, 140) })
}

// sentEach returns the number of messages sent in each room.
func (f *fanout) sentEach() (sent []int) {
	for _, r := range f.rooms {
		sent = append(sent, r.sent)
	}
	return sent
}

func TestRoomsTakeTurns(t *testing.T) {
	f := fanoutOf(t, 1, 3, pace{window: 2})
	for range 4 {
		if err := f.send(time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.sentEach(); !slices.Equal(got, []int{2, 1, 1}) {
		t.Errorf("4 messages are spread as %v", got)
	}
	f.hear(1, 1, 140)
	if err := f.sendDue(); err != nil || !slices.Equal(f.sentEach(), []int{2, 3, 2}) || f.open() {
		t.Errorf("two may be in flight in each room, but %v were sent, %v", f.sentEach(), err)
	}
	f.hear(0, 1, 140)
	if err := f.sendDue(); err != nil || !slices.Equal(f.sentEach(), []int{3, 3, 2}) {
		t.Errorf("the first room may send again, but %v were sent, %v", f.sentEach(), err)
	}
}

func TestTheTotalInFlightIsLimited(t *testing.T) {
	f := fanoutOf(t, 1, 5, pace{window: 1, inAll: 2})
	for _, want := range [][]int{{1, 1, 0, 0, 0}, {1, 1, 1, 0, 0}, {1, 1, 1, 1, 0}, {1, 1, 1, 1, 1}, {1, 2, 1, 1, 1}} {
		if err := f.sendDue(); err != nil || !slices.Equal(f.sentEach(), want) {
			t.Fatalf("sent %v, want %v, %v", f.sentEach(), want, err)
		}
		next := []int{1, 0, 2, 3}[min(f.whole, 3)] // whichever room receives first may send first
		f.hear(next, f.rooms[next].sent, 140)
	}
}

func TestAMessageIsCompleteWhenEverybodyReceivedIt(t *testing.T) {
	f := fanoutOf(t, 3, 2, pace{window: 1})
	if err := f.sendDue(); err != nil {
		t.Fatal(err)
	}
	for i, place := range []int{0, 3, 4, 1, 5, 2} {
		if whole := []int{0, 0, 0, 0, 0, 1}[i]; f.whole != whole {
			t.Errorf("after %d deliveries, %d of 2 are complete", i, f.whole)
		}
		f.hear(place, 1, 140)
	}
	if f.whole != 2 || f.each.total != 6 || f.last.total != 2 {
		t.Errorf("at the end %d are complete, with %d delays and %d last ones", f.whole, f.each.total, f.last.total)
	}
}

// A message that the server holds up is timed from when it was due. Otherwise the
// server's worst delays would be missing, because nothing was sent then.
func TestAServerThatHoldsMessagesUpShowsItInTheirDelays(t *testing.T) {
	p := byTheClock(10)
	p.window = 1
	f := fanoutOf(t, 1, 1, p)
	due := time.Now().Add(-time.Minute)
	f.due = due
	if err := f.sendDue(); err != nil || f.sent != 1 {
		t.Fatalf("%d messages fit into a window of 1, %v", f.sent, err)
	}
	if at := f.rooms[0].flights[0].at; !at.After(due) {
		t.Error("a delay of this program's own counts as the server's")
	}
	f.hear(0, 1, 140)
	if err := f.sendDue(); err != nil || f.sent != 2 {
		t.Fatalf("%d messages were sent, %v", f.sent, err)
	}
	if at := f.rooms[0].flights[0].at; !at.Equal(due.Add(p.every)) {
		t.Errorf("a message that had to wait is timed from %v instead of from when it was due", at)
	}
}

func TestALostMessageIsNamed(t *testing.T) {
	f := fanoutOf(t, 2, 2, pace{window: 3})
	if err := f.sendDue(); err != nil {
		t.Fatal(err)
	}
	for _, heard := range [][2]int{{0, 1}, {1, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 1}, {3, 1}, {2, 2}} {
		f.hear(heard[0], heard[1], 140)
	}
	if err := (fanouts{f}).lost(); err == nil || !strings.Contains(err.Error(), "message 2 of 3 in room 1 was received by 1 of 2") {
		t.Errorf("the lost message is reported as %v", err)
	}
}
