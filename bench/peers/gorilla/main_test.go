package main

import (
	"testing"

	"chatserver/bench/peers/peerstest"
)

func TestGorillaIsAPeer(t *testing.T) { peerstest.Check(t, serve) }

// What fits waits for the one that stalls; with one message more it is out.
func TestWhoStallsIsDroppedAndTheOthersHearOn(t *testing.T) {
	h := newHub()
	go h.run()
	stalled := &connection{name: "Ann", room: "lobby", send: make(chan []byte, queueLength)}
	reading := &connection{name: "Bob", room: "lobby", send: make(chan []byte, queueLength)}
	h.register <- stalled // its own line is the first that waits
	h.register <- reading
	<-reading.send
	for range queueLength {
		h.broadcast <- message{room: "lobby", text: []byte("hi")}
		if text, open := <-reading.send; !open || string(text) != "hi" {
			t.Fatalf("the one that reads hears %q, %v", text, open)
		}
	}
	waited := 0
	for range stalled.send { // it is closed, or this would not end
		waited++
	}
	if waited != queueLength {
		t.Errorf("%d messages waited, not %d", waited, queueLength)
	}
}
