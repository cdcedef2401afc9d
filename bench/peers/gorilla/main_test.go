package main

import (
	"testing"

	"chatserver/bench/peers/peerstest"
)

func TestGorillaIsAPeer(t *testing.T) { peerstest.Check(t, serve) }

// As many messages as fit into the queue wait for a stalled connection; one more closes
// it.
func TestAStalledConnectionIsDropped(t *testing.T) {
	h := newHub()
	go h.run()
	stalled := &connection{name: "Ann", room: "lobby", send: make(chan []byte, queueLength)}
	reading := &connection{name: "Bob", room: "lobby", send: make(chan []byte, queueLength)}
	h.register <- stalled // its own line is the first in the queue
	h.register <- reading
	<-reading.send
	for range queueLength {
		h.broadcast <- message{room: "lobby", text: []byte("hi")}
		if text, open := <-reading.send; !open || string(text) != "hi" {
			t.Fatalf("the reader that keeps up receives %q, %v", text, open)
		}
	}
	waited := 0
	for range stalled.send { // it is closed, or this would not end
		waited++
	}
	if waited != queueLength {
		t.Errorf("%d messages waited, want %d", waited, queueLength)
	}
}
