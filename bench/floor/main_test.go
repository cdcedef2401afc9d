package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
)

// started runs a floor, and returns its address and a function that waits for its end.
func started(t *testing.T, f floor) (address string, ended func() error) {
	t.Helper()
	f.listen = "127.0.0.1:0"
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	in, out := io.Pipe()
	end := make(chan error, 1)
	go func() { end <- f.run(ctx, out) }()
	address, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address), func() error { return <-end }
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	tcp, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tcp.Close() })
	return tcp
}

func frame(text string) string { return "\x81" + string(rune(len(text))) + text }

func TestAllHearWhatTheFirstSends(t *testing.T) {
	for _, merge := range []int{1, 3} {
		address, ended := started(t, floor{connections: 3, rooms: 1, merge: merge})
		first := dial(t, address)
		all := []net.Conn{first, dial(t, address), dial(t, address)}
		said := frame("one") + frame("two") + frame("three") + frame("four")
		for _, part := range []string{said[:1], said[1:8], said[8:]} {
			if _, err := io.WriteString(first, part); err != nil {
				t.Fatal(err)
			}
		}
		for i, tcp := range all {
			heard := make([]byte, len(said))
			if _, err := io.ReadFull(tcp, heard); err != nil || string(heard) != said {
				t.Errorf("merged by %d, %d received %q, %v", merge, i, heard, err)
			}
		}
		_ = first.Close()
		if err := ended(); err != nil {
			t.Errorf("it ends with %v", err)
		}
	}
}

func TestABatchHasOnlyWhatMayBeMerged(t *testing.T) {
	one, two := len(frame("one")), len(frame("two"))
	for most, want := range map[int]int{1: one, 2: one + two, 9: one + two} {
		if got := whole([]byte(frame("one")+frame("two")+"\x81\x05th"), most); got != want {
			t.Errorf("of up to %d: %d bytes, want %d", most, got, want)
		}
	}
}

// The two rooms take turns, so a message that leaked into the other room would arrive
// before that room's own.
func TestRoomsAreSeparate(t *testing.T) {
	address, ended := started(t, floor{connections: 4, rooms: 2, merge: 1})
	var all []net.Conn
	for range 4 {
		all = append(all, dial(t, address))
	}
	for _, i := range []int{0, 2, 1, 3, 0, 2} {
		said := frame("by " + strconv.Itoa(i))
		if _, err := io.WriteString(all[i], said); err != nil {
			t.Fatal(err)
		}
		for _, tcp := range all[i-i%2 : i-i%2+2] {
			heard := make([]byte, len(said))
			if _, err := io.ReadFull(tcp, heard); err != nil || string(heard) != said {
				t.Errorf("the message of %d arrives as %q, %v", i, heard, err)
			}
		}
	}
	_ = all[3].(*net.TCPConn).CloseWrite()
	if err := ended(); err != nil {
		t.Errorf("it ends with %v", err)
	}
}

func TestRoomsAreOfOneSize(t *testing.T) {
	for _, rooms := range []int{0, 3, 5} {
		_, ended := started(t, floor{connections: 4, rooms: rooms, merge: 1})
		if ended() == nil {
			t.Errorf("4 connections fill %d rooms", rooms)
		}
	}
}

// The sender is far ahead of the receiver: the floor waits and loses nothing.
func TestTheFloorWaitsForSlowReaders(t *testing.T) {
	address, _ := started(t, floor{connections: 2, rooms: 1, merge: 1})
	first, other := dial(t, address), dial(t, address)
	_ = other.(*net.TCPConn).SetReadBuffer(64 << 10)
	const messages = 20_000
	said := frame(strings.Repeat("x", 100))
	ahead := make(chan struct{})
	go func() {
		_, _ = io.WriteString(first, strings.Repeat(said, messages/20)) // the other side's reads show the result
		close(ahead)
		_, _ = io.WriteString(first, strings.Repeat(said, messages-messages/20))
	}()
	go func() { _, _ = io.Copy(io.Discard, first) }()
	<-ahead
	heard, err := io.ReadAll(io.LimitReader(other, int64(messages*len(said))))
	if err != nil || strings.Count(string(heard), said) != messages {
		t.Errorf("%d bytes arrived, %v", len(heard), err)
	}
}

func TestAParkedConnectionHearsNothing(t *testing.T) {
	address, _ := started(t, floor{park: true})
	tcp := dial(t, address)
	if _, err := io.WriteString(tcp, frame("one")); err != nil {
		t.Fatal(err)
	}
	_ = tcp.(*net.TCPConn).CloseWrite()
	if heard, err := io.ReadAll(tcp); err != nil || len(heard) > 0 {
		t.Errorf("it received %q, %v", heard, err)
	}
}
