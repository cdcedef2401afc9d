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

// paceOfTalk is how often somebody says something, if it is acknowledged as soon.
const (
	paceOfTalk = 20 * time.Millisecond
	perSecond  = int(time.Second / paceOfTalk)
)

// patient is somebody who waits for as long as the longest fault takes.
var patient = chattest.Patient(5 * time.Minute)

// talk is what one member says in a room, and how long after its acknowledgement each
// message was heard by others: of the last time that it ran.
type talk struct {
	t       *testing.T
	speaker *chattest.Member
	room    string
	size    int // of a text, in bytes, at least
	pace    time.Duration
	ears    []*ear

	said     int
	refusals int           // counted so far
	longest  time.Duration // until something was acknowledged
}

// ear is somebody who listens to a talk.
type ear struct {
	member *chattest.Member
	coming chan acknowledged
	delays []time.Duration
}

type acknowledged struct {
	seq int64
	at  time.Time
}

// newTalk is of a speaker, and of those who listen.
func newTalk(t *testing.T, speaker *chattest.Member, room string, listeners ...*chattest.Member) *talk {
	k := &talk{t: t, speaker: speaker, room: room, pace: paceOfTalk}
	for _, m := range listeners {
		k.ears = append(k.ears, &ear{member: m})
	}
	return k
}

// runs has the talk go on until it is enough, and all of it was heard.
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

// says has the speaker say one thing.
func (k *talk) says() {
	began := time.Now()
	k.said++
	seq, code := k.speaker.SaysUntilAcknowledged(k.room, uuid.NewString(), fmt.Sprint(k.speaker.Name, " ", k.said, strings.Repeat(" x", k.size/2)))
	if seq == 0 {
		k.t.Errorf("%s is refused: %s", k.speaker.Name, code)
		return
	}
	k.longest = max(k.longest, time.Since(began))
	for _, e := range k.ears {
		e.coming <- acknowledged{seq, time.Now()}
	}
}

// refused counts the refusals of what the speaker said, up to now.
func (k *talk) refused() int {
	for _, e := range k.speaker.HeardSince() {
		if e.Event == "error" {
			k.refusals++
		}
	}
	return k.refusals
}

// isRefused waits until something that the speaker said has been refused, however long a
// busy machine takes for that.
func (k *talk) isRefused() {
	pace := time.NewTicker(paceOfTalk)
	defer pace.Stop()
	for deadline := time.Now().Add(5 * chattest.Patience); k.refused() == 0; <-pace.C {
		if time.Now().After(deadline) {
			k.t.Errorf("%s is never refused", k.speaker.Name)
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

// longestOf is the longest of some times.
func longestOf(times []time.Duration) time.Duration { return chattest.Quantile(1, times) }
