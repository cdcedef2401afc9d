package main

import (
	"errors"
	"testing"
	"time"
)

func TestAReceiverReadsFramesInPieces(t *testing.T) {
	var r receiver
	var numbers, sizes []int
	heard := func(_, number, bytes int) { numbers, sizes = append(numbers, number), append(sizes, bytes) }
	joined := append([]byte{0x80 | opText, 20}, "Ann has come to chat"...)
	all := append(append(serverFrame(1, 140), joined...), serverFrame(2, 300)...)
	for i := range all {
		if err := r.take(append(r.rest, all[i]), heard); err != nil {
			t.Fatal(err)
		}
	}
	if len(numbers) != 2 || numbers[1] != 2 || sizes[0] != 140 || sizes[1] != 300 || len(r.rest) != 0 {
		t.Errorf("it received %v of %v bytes, and %x is left", numbers, sizes, r.rest)
	}
}

func TestAReceiverDetectsLostAndDoubledMessages(t *testing.T) {
	for _, numbers := range [][]int{{2}, {1, 1}, {1, 3}, {1, 2, 1}} {
		var r receiver
		var err error
		for _, number := range numbers {
			err = r.take(serverFrame(number, 140), func(int, int, int) {})
		}
		if err == nil {
			t.Errorf("%v is accepted", numbers)
		}
	}
}

func TestAReceiverHandlesPingsAndCloseFrames(t *testing.T) {
	var r receiver
	nothing := func(int, int, int) {}
	if err := r.take([]byte{0x80 | opPing, 1, 'p'}, nothing); err != nil || len(r.pongs) == 0 {
		t.Errorf("a ping is answered with %x, %v", r.pongs, err)
	}
	if err := r.take([]byte{0x80 | opClose, 2, 1013 >> 8, 1013 & 0xFF}, nothing); !errors.Is(err, closed(1013)) {
		t.Errorf("a close frame returns %v", err)
	}
	if err := r.take([]byte{0x80 | opClose, 0}, nothing); !errors.Is(err, closed(1005)) {
		t.Errorf("a close frame without a code returns %v", err)
	}
	if r.take([]byte{0xC0 | opText, 1, 'x'}, nothing) == nil {
		t.Error("a compressed frame is accepted")
	}
}

func TestDelaysKnowTheirQuantiles(t *testing.T) {
	var d delays
	for ms := range 100 {
		d.add(time.Duration(ms+1) * time.Millisecond)
	}
	for part, want := range map[float64]float64{0.5: 50, 0.99: 99, 1: 100} {
		if got := d.ms(part); got < want || got > want+0.02 {
			t.Errorf("%v of them took up to %v ms, want %v", part, got, want)
		}
	}
}
