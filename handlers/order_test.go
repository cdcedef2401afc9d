package handlers_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"chatserver/chat"
	"chatserver/chattest"
)

// Twenty people write at the same time, twenty read in chat.v1 and twenty in plain text. All
// readers get every message once, in the stored order.
func TestARoomHasOneOrder(t *testing.T) {
	const people = 20
	each := chattest.LongOr(250, 25)
	w := chattest.NewWorld(t)
	var readers, writers []*chattest.Member
	var plain []*chattest.Person
	for i := range people {
		readers = append(readers, w.Join(fmt.Sprint("reader", i), "lobby"))
		p := w.Connect(fmt.Sprint("plain", i), "")
		p.Hears(p.Name + " connected to chat")
		plain = append(plain, p)
	}
	for i := range people {
		writers = append(writers, w.Join(fmt.Sprint("writer", i), "lobby"))
	}
	var talking sync.WaitGroup
	for _, m := range writers {
		talking.Go(func() {
			for n := range each {
				m.SaysUntilAcknowledged("lobby", uuid.NewString(), fmt.Sprint(m.Name, " ", n))
			}
		})
	}
	heard := make([][]string, 0, 2*people)
	for _, p := range plain {
		heard = append(heard, hearsLines(t, p, people*each))
	}
	talking.Wait()
	for _, m := range readers {
		m.Reaches("lobby", int64(people*each))
		heard = append(heard, heardLive(m))
	}
	checkOrder(t, w.Stored("lobby"), heard, people*each)
}

// hearsLines returns the next messages that a person receives.
func hearsLines(t *testing.T, p *chattest.Person, lines int) (said []string) {
	t.Helper()
	for len(said) < lines {
		line, err := p.Line()
		if err != nil {
			t.Fatalf("%s hears no more after %d of %d: %v", p.Name, len(said), lines, err)
		}
		if _, text, is := strings.Cut(line, ": "); is {
			said = append(said, text)
		}
	}
	return said
}

// heardLive returns the messages that a member received live, in order of arrival.
func heardLive(m *chattest.Member) (said []string) {
	for _, e := range m.HeardSince() {
		if e.Event == "message" {
			said = append(said, e.Text)
		}
	}
	return said
}

func checkOrder(t *testing.T, stored []chat.Message, heard [][]string, all int) {
	t.Helper()
	missing, twice, otherwise := 0, 0, 0
	for _, texts := range heard {
		times := map[string]int{}
		for _, text := range texts {
			times[text]++
		}
		same := len(texts) == len(stored)
		for i, m := range stored {
			switch times[m.Text] {
			case 0:
				missing++
			case 1:
			default:
				twice++
			}
			same = same && texts[i] == m.Text
		}
		if !same {
			otherwise++
		}
	}
	if len(stored) != all || missing+twice+otherwise > 0 {
		t.Errorf("%d of %d messages are stored; missing %d, duplicated %d, readers with another order %d", len(stored), all, missing, twice, otherwise)
	}
	chattest.Figure(t, "P7", "20 senders, 20 readers in chat.v1 and 20 in plain text, %d messages: missing %d, twice %d, readers with another order than what is stored %d",
		len(stored), missing, twice, otherwise)
}
