package handlers_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
	"chatserver/config"
)

const (
	floodRooms = 50 // rooms that one connection floods
	floodOfOne = 50 // connections of one address that flood at the same time
)

// floodMeasured is how many messages of each neighbour are measured.
func floodMeasured() int { return chattest.LongOr(15, 3) }

// neighbours send a message every tenth of a second, each in a room of its own, and return
// how long each message took to come back.
func neighbours(people []*chattest.Member) (took []time.Duration) {
	var mu sync.Mutex
	var talking sync.WaitGroup
	for i, m := range people {
		talking.Go(func() {
			pause := time.NewTicker(100 * time.Millisecond) // as fast as the rate allows
			defer pause.Stop()
			for range floodMeasured() {
				said := time.Now()
				m.SaysUntilAcknowledged(fmt.Sprint("home", i), uuid.NewString(), "is anybody there?")
				mu.Lock()
				took = append(took, time.Since(said))
				mu.Unlock()
				<-pause.C
			}
		})
	}
	talking.Wait()
	return took
}

func floodText(room string, n int) string {
	return part(0x81, fmt.Sprintf(`{"cmd":"send","room":"%s","id":"%s","text":"%d %s"}`, room, uuid.NewString(), n, strings.Repeat("flood ", 30)))
}

func floodJoin(room string) string {
	return part(0x81, fmt.Sprintf(`{"cmd":"join","room":"%s"}`, room))
}

// Only the flooder is slowed down, whether it sends expensive messages or requests pages, on
// one connection or on many. Messages in other rooms arrive about as fast as before.
func TestNobodyWaitsForAFlooder(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.Rate, c.TrustedProxies = 10, []string{"127.0.0.1"} })) // the default rate
	var people []*chattest.Member
	for i := range 4 {
		people = append(people, w.Join(fmt.Sprint("neighbour", i), fmt.Sprint("home", i)))
	}
	for i := range 5 { // something to read: 150 messages, as many as a burst allows
		p := w.Connect(fmt.Sprint("speaker", i), "room=flood0")
		for range 30 {
			p.Says(strings.Repeat("to be read ", 100))
		}
		p.Leaves()
	}
	inOneRoom := func(n int) string {
		if n == 0 {
			return floodJoin("flood0")
		}
		return floodText("flood0", n)
	}
	alone := chattest.Quantile(0.9, neighbours(people))
	for _, flood := range []struct {
		what        string
		connections int
		stream      func(n int) string
	}{
		{"one connection with messages in 50 rooms", 1, func(n int) string {
			if room := fmt.Sprint("flood", n%floodRooms); n < floodRooms {
				return floodJoin(room)
			} else {
				return floodText(room, n)
			}
		}},
		{"one connection that comes to 50 rooms again and again", 1, func(n int) string { return floodJoin(fmt.Sprint("flood", n%floodRooms)) }},
		{"50 connections with messages in one room", floodOfOne, inOneRoom},
		{"50 connections that ask for pages", floodOfOne, func(n int) string {
			if n == 0 {
				return floodJoin("flood0")
			}
			return part(0x81, fmt.Sprintf(`{"cmd":"history","room":"flood0","before":%d}`, 50+n%100))
		}},
	} {
		var ends []func() int
		for i := range flood.connections {
			ends = append(ends, floodsWith(t, w, fmt.Sprint("flooder", i), "chat.v1", flood.stream, "X-Forwarded-For: 203.0.113.7"))
		}
		cpu, began := used(t), time.Now()
		beside := chattest.Quantile(0.9, neighbours(people))
		share := float64(used(t)-cpu) / float64(time.Since(began))
		for _, end := range ends {
			end()
		}
		alone = max(alone, chattest.Quantile(0.9, neighbours(people))) // other programs may keep this machine busy by now
		chattest.Figure(t, "attack 11", "beside %s: nine messages of ten heard within %v, alone within %v (%.1f times), CPU %.0f %% of a core, with the clients",
			flood.what, beside.Round(100*time.Microsecond), alone.Round(100*time.Microsecond), float64(beside)/float64(alone), 100*share)
		if chattest.Exceeds(beside, 10*alone+2*time.Second) {
			t.Errorf("beside %s nine messages of ten are heard within %v, alone within %v", flood.what, beside, alone)
		}
	}
}
