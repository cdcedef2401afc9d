package fleet_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// paceOfTalk is the interval between messages, if each is acknowledged within it.
const (
	paceOfTalk = 20 * time.Millisecond
	perSecond  = int(time.Second / paceOfTalk)
)

// patient makes a member wait for as long as the longest fault takes.
var patient = chattest.Patient(5 * time.Minute)

// talk is what one member sends to a room, and the delays from each acknowledgement to
// the receipt by others. It holds the values of its last run.
type talk struct {
	t       *testing.T
	speaker *chattest.Member
	room    string
	size    int // minimum size of a text in bytes
	pace    time.Duration
	ears    []*ear

	said     int
	refusals int           // counted so far
	longest  time.Duration // longest time until an acknowledgement
}

// ear is a member who listens to a talk.
type ear struct {
	member *chattest.Member
	coming chan acknowledged
	delays []time.Duration
}

type acknowledged struct {
	seq int64
	at  time.Time
}

// newTalk returns a talk with a speaker and listeners.
func newTalk(t *testing.T, speaker *chattest.Member, room string, listeners ...*chattest.Member) *talk {
	k := &talk{t: t, speaker: speaker, room: room, pace: paceOfTalk}
	for _, m := range listeners {
		k.ears = append(k.ears, &ear{member: m})
	}
	return k
}

// runs continues the talk until enough returns true and everything was received.
func (k *talk) runs(enough func() bool) {
	var hearing sync.WaitGroup
	for _, e := range k.ears {
		e.coming, e.delays = make(chan acknowledged, 1<<16), nil
		hearing.Go(func() { e.hears(k.room) })
	}
	pace := time.NewTicker(k.pace)
	defer pace.Stop()
	for ; !enough() && !k.t.Failed(); <-pace.C {
		k.says()
	}
	for _, e := range k.ears {
		close(e.coming)
	}
	hearing.Wait()
}

// says sends one message.
func (k *talk) says() {
	began := time.Now()
	k.said++
	seq, code := k.speaker.SaysUntilAcknowledged(k.room, uuid.NewString(), fmt.Sprint(k.speaker.Name, " ", k.said, strings.Repeat(" x", k.size/2)))
	if seq == 0 {
		k.t.Errorf("%s was refused: %s", k.speaker.Name, code)
		return
	}
	k.longest = max(k.longest, time.Since(began))
	for _, e := range k.ears {
		e.coming <- acknowledged{seq, time.Now()}
	}
}

// refused returns the number of refusals of the speaker's messages so far.
func (k *talk) refused() int {
	for _, e := range k.speaker.HeardSince() {
		if e.Event == "error" {
			k.refusals++
		}
	}
	return k.refusals
}

// isRefused waits until one of the speaker's messages was refused, however long that
// takes on a busy machine.
func (k *talk) isRefused() {
	pace := time.NewTicker(paceOfTalk)
	defer pace.Stop()
	for deadline := time.Now().Add(5 * chattest.Patience); k.refused() == 0; <-pace.C {
		if time.Now().After(deadline) {
			k.t.Errorf("%s was never refused", k.speaker.Name)
			return
		}
	}
}

func (e *ear) hears(room string) {
	for message := range e.coming {
		if !e.member.Reaches(room, message.seq) {
			return
		}
		e.delays = append(e.delays, time.Since(message.at))
	}
}

// longestOf returns the longest of some durations.
func longestOf(times []time.Duration) time.Duration { return chattest.Quantile(1, times) }
