package chat_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"chatserver/chat"
)

func join(t *testing.T, c *chat.Chat, conn *chat.Connection, at *chat.Position) {
	t.Helper()
	if err := c.Join(context.Background(), conn, chat.Lobby, at); err != nil {
		t.Fatal(err)
	}
}

// says sends a message and waits until it is stored.
func says(t *testing.T, c *chat.Chat, conn *chat.Connection, socket *notebook, text string) {
	t.Helper()
	send(t, c, conn, "", text)
	if outcome := <-socket.answers; outcome.Err != nil {
		t.Fatal(outcome.Err)
	}
}

// TestAnOutdatedPageIsReadAgain lets the room advance while a page is read: the page is read
// again, so that live messages begin right after it.
func TestAnOutdatedPageIsReadAgain(t *testing.T) {
	c, s := startTroubledChat(t)
	ann, annHears := person(t, c, "Ann", 0)
	says(t, c, ann, annHears, "one")
	for _, at := range []*chat.Position{nil, {Rev: 0}} {
		times := 2
		s.change(func() {
			s.behind = func() {
				if times--; times >= 0 {
					says(t, c, ann, annHears, "meanwhile")
				}
			}
		})
		bob, bobHears := visitor(t, c, "Bob")
		join(t, c, bob, at)
		s.change(func() { s.behind = nil })
		says(t, c, ann, annHears, "after")
		rev := map[bool]int{true: 3, false: 6}[at == nil]
		last := map[bool]string{true: "one meanwhile meanwhile", false: "after meanwhile meanwhile"}[at == nil]
		bobHears.waitFor(t, fmt.Sprintf("{0-%d %s more:false reset:false} +Bob after ", rev, last))
		_ = c.Leave(context.Background(), bob, chat.Lobby)
	}
}

// TestAMemberWhoCannotCatchUpLearnsThatThereIsMore lets the room advance during every read:
// the member is not live until it has requested the rest.
func TestAMemberWhoCannotCatchUpLearnsThatThereIsMore(t *testing.T) {
	c, s := startTroubledChat(t)
	ann, annHears := person(t, c, "Ann", 0)
	says(t, c, ann, annHears, "one")
	s.change(func() { s.behind = func() { says(t, c, ann, annHears, "meanwhile") } })
	bob, bobHears := visitor(t, c, "Bob")
	join(t, c, bob, nil)
	s.change(func() { s.behind = nil })
	says(t, c, ann, annHears, "unheard")
	if revs := c.Revs(bob); len(revs) != 0 {
		t.Errorf("while Bob is catching up, his revs are %v", revs)
	}
	page := "{0-8 meanwhile meanwhile meanwhile more:true reset:false} +Bob "
	bobHears.waitFor(t, page)
	join(t, c, bob, &chat.Position{Rev: 8, Epoch: c.Epoch()})
	says(t, c, ann, annHears, "live")
	bobHears.waitFor(t, page+"{8-10 meanwhile unheard more:false reset:false} live ")
	if revs := c.Revs(bob); revs[chat.Lobby] < 10 {
		t.Errorf("when Bob has everything, his revs are %v", revs)
	}
}

// TestMessagesSentWhileNobodyIsLiveAreInThePage has a room without a live subscription,
// whose current rev is unknown: its messages are in the page of the next client that joins.
func TestMessagesSentWhileNobodyIsLiveAreInThePage(t *testing.T) {
	c, s := startTroubledChat(t)
	ann, annHears := person(t, c, "Ann", 0)
	for i := range 150 {
		says(t, c, ann, annHears, fmt.Sprint(i+1))
	}
	_ = c.Leave(context.Background(), ann, chat.Lobby)
	slow, slowHears := visitor(t, c, "Slow")
	join(t, c, slow, &chat.Position{Rev: 0})
	first := true
	s.change(func() {
		s.behind = func() {
			if !first {
				return
			}
			first = false
			send(t, c, slow, "", "from one who reads")
			if outcome := <-slowHears.answers; !outcome.Known || outcome.Message.Seq != 151 {
				t.Errorf("Slow's message has the outcome %+v", outcome)
			}
		}
	})
	bob, bobHears := visitor(t, c, "Bob")
	join(t, c, bob, nil)
	bobHears.waitFor(t, "{0-151 149 150 from one who reads more:false reset:false} +Bob ")
	slowHears.mu.Lock()
	defer slowHears.mu.Unlock()
	if heard := string(slowHears.heard); strings.Contains(heard, "from one") || !strings.Contains(heard, "98 99 100 more:true") {
		t.Errorf("while catching up, Slow hears %q", heard)
	}
}

func TestAPositionInAnotherHistoryIsReset(t *testing.T) {
	c, _ := startTroubledChat(t)
	ann, annHears := person(t, c, "Ann", 0)
	send(t, c, ann, firstID, "one")
	<-annHears.answers
	says(t, c, ann, annHears, "two")
	for at, want := range map[chat.Position]string{
		{Rev: 1}:                                          "{1-2 two more:false reset:false} ",
		{Rev: 1, Epoch: c.Epoch(), ID: firstID}:           "{1-2 two more:false reset:false} ",
		{Rev: 1, Epoch: c.Epoch(), ID: secondID}:          "{0-2 one two more:false reset:true} ",
		{Rev: 1, Epoch: "another"}:                        "{0-2 one two more:false reset:true} ",
		{Rev: 2, Epoch: c.Epoch()}:                        "{2-2 more:false reset:false} ",
		{Rev: 3, Epoch: c.Epoch()}:                        "{0-2 one two more:false reset:true} ",
		{Rev: chat.Newest, Epoch: c.Epoch(), ID: firstID}: "{0-2 one two more:false reset:true} ",
	} {
		bob, bobHears := visitor(t, c, "Bob")
		join(t, c, bob, &at)
		bobHears.waitFor(t, want+"+Bob ")
		c.Exit(bob)
	}
}
