package handlers_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"chatserver/chattest"
	"chatserver/config"
)

// The tests in this file are about errors that code makes when it follows the examples of Fiber
// and its WebSocket library. Each was observed, and must not happen here.

// The library pools its connections: code that keeps one after the handler has returned
// writes to someone else. Fiber also reuses the memory of its strings. So many people join
// and leave, and each of them checks every line.
func TestNobodyReceivesMessagesForOthers(t *testing.T) {
	const people, rounds = 200, 3
	w := chattest.NewWorld(t)
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			for round := range rounds {
				name, room := fmt.Sprintf("person-%d-%d", i, round), fmt.Sprintf("room-%d-%d", i, round)
				p, _, err := w.TryConnect(name, "age=33&room="+room, nil)
				if err != nil {
					t.Errorf("%s cannot connect: %v", name, err)
					return
				}
				said := fmt.Sprintf("%s says %s", name, strings.Repeat("x", rand.IntN(500)))
				for _, want := range []string{name + " with age 33 connected to chat", name + ": " + said} {
					if strings.HasPrefix(want, name+": ") {
						if err := p.TrySay(said); err != nil {
							t.Errorf("%s cannot speak: %v", name, err)
							return
						}
					}
					if line, err := p.Line(); err != nil || line != want {
						t.Errorf("%s hears %.80q, %v instead of %.80q", name, line, err, want)
						return
					}
				}
				if i%2 == 0 {
					p.IsCut()
				} else if heard := p.Leaves(); len(heard) != 1 || heard[0] != name+" left the chat" {
					t.Errorf("%s hears %q when leaving", name, heard)
				}
			}
		})
	}
	wg.Wait()
}

// Everyone in the room sees all names, so a changed name would be noticed.
func TestNamesDoNotChangeUnderLoad(t *testing.T) {
	const people, lines = 20, 30
	w := chattest.NewWorld(t)
	listener := w.Connect("listener", "")
	listener.Hears("listener connected to chat")
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			p := w.Connect(fmt.Sprintf("%d-%s", i, strings.Repeat("n", i)), "")
			for line := range lines {
				p.Says(fmt.Sprintf("%s %d", p.Name, line))
			}
			p.Leaves()
		})
	}
	next := map[string]int{}
	for left := 0; left < people; {
		line, err := listener.Line()
		if err != nil {
			t.Fatal(err)
		}
		name, text, said := strings.Cut(line, ": ")
		switch {
		case said:
			if want := fmt.Sprintf("%s %d", name, next[name]); text != want {
				t.Fatalf("%s is heard to say %q instead of %q", name, text, want)
			}
			next[name]++
		case strings.HasSuffix(line, " left the chat"):
			if name := strings.TrimSuffix(line, " left the chat"); next[name] != lines {
				t.Errorf("%q left after %d of %d lines", name, next[name], lines)
			}
			left++
		}
	}
	wg.Wait()
}

// The library's Close does not close the connection. Ours unblocks the reader and closes the
// socket: a silent peer gets the reason, and is disconnected.
func TestASilentPeerIsClosed(t *testing.T) {
	w := chattest.NewWorld(t, chattest.PingEvery(100*time.Millisecond))
	conn := w.Dial()
	answer := upgrade(t, w, conn, "/chat/Ghost")
	sawPing := false
	for joined := false; !joined; {
		opcode, payload := frame(t, answer)
		sawPing = sawPing || opcode == 0x9
		if joined = opcode == 0x1; joined && payload != "Ghost connected to chat" {
			t.Fatalf("heard %q", payload)
		}
	}
	watcher := w.Connect("Ann", "") // her library answers pings
	watcher.Hears("Ann connected to chat", "Ghost left the chat")
	for {
		opcode, payload := frame(t, answer)
		if opcode == 0x9 {
			sawPing = true
		}
		if opcode == 0x8 {
			if code := int(payload[0])<<8 | int(payload[1]); code != 1013 || !sawPing {
				t.Errorf("closed with %d, after a ping: %v", code, sawPing)
			}
			break
		}
	}
	if _, err := answer.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("after the close frame: %v", err)
	}
	watcher.Says("still here")
	watcher.Hears("Ann: still here")
}

// A client that does not read is closed, and delays nobody; the others miss nothing.
func TestASlowReaderHurtsOnlyItself(t *testing.T) {
	w := chattest.NewWorld(t)
	slow := w.Dial()
	_ = slow.SetReadBuffer(4096)
	if _, line := frame(t, upgrade(t, w, slow, "/chat/Slow")); line != "Slow connected to chat" {
		t.Fatalf("Slow hears %q", line)
	}
	ann := w.Connect("Ann", "")
	ann.Hears("Ann connected to chat")
	text := strings.Repeat("x", 8000)
	for heard := false; !heard; {
		ann.Says(text)
		line, err := ann.Line()
		if err != nil {
			t.Fatal(err)
		}
		switch line {
		case "Ann: " + text:
		case "Slow left the chat":
			heard = true
		default:
			t.Fatalf("Ann hears %.60q", line)
		}
	}
	ann.Hears("Ann: " + text)
}

// A client may send its first message together with the handshake, without waiting for the
// answer. Nothing is lost.
func TestAMessageBeforeTheHandshakesAnswerIsReceived(t *testing.T) {
	w := chattest.NewWorld(t)
	conn := w.Dial()
	request := handshakeText(w, "/chat/Hasty") + string(maskedText("hello")) + string(maskedText("me again"))
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	in := afterAnswer(t, conn)
	for _, want := range []string{"Hasty connected to chat", "Hasty: hello", "Hasty: me again"} {
		if _, got := frame(t, in); got != want {
			t.Errorf("heard %q instead of %q", got, want)
		}
	}
}

func TestAFlooderIsThrottled(t *testing.T) {
	t.Parallel()
	const rate = 50
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.Rate = rate }))
	ann := w.Connect("Ann", "")
	ann.Hears("Ann connected to chat")
	const lines = 5 * rate
	began := time.Now()
	go func() {
		for i := range lines {
			if ann.TrySay(fmt.Sprint(i)) != nil {
				t.Error("she is cut off")
			}
		}
	}()
	for i := range lines { // nothing is refused, and everything is in order
		ann.Hears(fmt.Sprintf("Ann: %d", i))
	}
	// A burst covers three seconds' worth; the rest takes two seconds.
	if took := time.Since(began); took < 1500*time.Millisecond {
		t.Errorf("%d messages took %v at %d a second", lines, took, rate)
	}
}
