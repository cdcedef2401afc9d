package chat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chat"
)

// TestACommitWithALostAnswerIsDetected loses the result of a commit: members get the message
// before later ones, a sender that retries gets an answer, and the message exists once.
func TestACommitWithALostAnswerIsDetected(t *testing.T) {
	c, s := startTroubledChat(t)
	ann, annHears := person(t, c, "Ann", 0)
	s.change(func() { s.answer = func([]chat.Outcome) error { return errors.New("the line is dead") } })
	send(t, c, ann, firstID, "one")
	if outcome := <-annHears.answers; !errors.Is(outcome.Err, chat.ErrNotStored) {
		t.Errorf("answered with %+v", outcome)
	}
	annHears.waitFor(t, "+Ann one ") // without any action
	s.change(func() { s.answer = nil })
	send(t, c, ann, firstID, "one")
	if outcome := <-annHears.answers; !outcome.Known || outcome.Message.Seq != 1 || outcome.Err != nil {
		t.Errorf("sent again, answered with %+v", outcome)
	}
	send(t, c, ann, "", "two")
	annHears.waitFor(t, "+Ann one two ")
}

// TestNothingIsHeardOutOfOrder checks that nothing is delivered after a gap while the
// missing message cannot be read.
func TestNothingIsHeardOutOfOrder(t *testing.T) {
	c, s := startTroubledChat(t)
	ann, annHears := person(t, c, "Ann", 0)
	s.change(func() {
		s.answer = func([]chat.Outcome) error { return errors.New("the line is dead") }
		s.read = errors.New("and stays so")
	})
	send(t, c, ann, firstID, "one")
	<-annHears.answers
	s.change(func() { s.answer = nil })
	send(t, c, ann, secondID, "two")
	if outcome := <-annHears.answers; outcome.Err != nil || !outcome.Known {
		t.Errorf("what is stored and cannot be delivered yet is answered with %+v", outcome)
	}
	annHears.waitFor(t, "+Ann ")
	s.change(func() { s.read = nil })
	annHears.waitFor(t, "+Ann one two ")
}

// TestAnUnreadableRoomDelaysNobody checks that a failed backfill is retried at intervals,
// and not with each message: other rooms would wait for each attempt.
func TestAnUnreadableRoomDelaysNobody(t *testing.T) {
	c, s := startTroubledChat(t)
	ann, annHears := person(t, c, "Ann", 0)
	s.change(func() {
		s.answer = func([]chat.Outcome) error { return errors.New("the line is dead") }
		s.read = errors.New("and stays so")
		s.reads = 0
	})
	const messages = 40
	for range messages {
		send(t, c, ann, "", "lost")
		<-annHears.answers
	}
	s.change(func() { s.answer = nil })
	for range messages {
		send(t, c, ann, "", "more")
		<-annHears.answers
	}
	s.change(func() {
		if s.reads == 0 || s.reads > messages/2 {
			t.Errorf("after %d messages the room was read %d times", 2*messages, s.reads)
		}
	})
}

// TestAPanicDuringABackfillIsSurvived checks that a panic delays one room and leaves the
// recorder running.
func TestAPanicDuringABackfillIsSurvived(t *testing.T) {
	c, s := startTroubledChat(t)
	ann, annHears := person(t, c, "Ann", 0)
	s.change(func() {
		s.answer = func([]chat.Outcome) error { return errors.New("the line is dead") }
		s.panics = true
	})
	send(t, c, ann, "", "one")
	<-annHears.answers
	s.change(func() { s.answer = nil })
	annHears.waitFor(t, "+Ann one ")
}

// TestNobodyMissesAMessageThatChangedWhileItWasMissed changes messages of a gap that takes
// several pages: a page is ordered by rev, so they come behind the page in whose interval they
// were posted. In plain text they are told as new messages, once.
func TestNobodyMissesAMessageThatChangedWhileItWasMissed(t *testing.T) {
	for _, test := range []struct {
		name   string
		end    string
		misses func(t *testing.T, c *chat.Chat, s *troubledStore, elsewhere func()) *notebook
	}{
		{"while being in the room", "last end ", func(t *testing.T, c *chat.Chat, _ *troubledStore, elsewhere func()) *notebook {
			ann, annHears := person(t, c, "Ann", 0)
			elsewhere()
			send(t, c, ann, "", "end")
			return annHears
		}},
		{"while joining", "last end +Ann ", func(t *testing.T, c *chat.Chat, s *troubledStore, elsewhere func()) *notebook {
			bob, bobHears := person(t, c, "Bob", 0)
			s.change(func() {
				s.behind = func() {
					s.change(func() { s.behind = nil })
					elsewhere()
					send(t, c, bob, "", "end")
					bobHears.ends(t, "last end ")
				}
			})
			_, annHears := person(t, c, "Ann", 1)
			return annHears
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, s := startTroubledChat(t)
			heard := test.misses(t, c, s, func() { changesElsewhere(t, s) })
			heard.ends(t, test.end)
			heard.mu.Lock()
			defer heard.mu.Unlock()
			told := map[string]int{}
			for _, text := range strings.Fields(string(heard.heard)) {
				told[text]++
			}
			for i := range 300 {
				text := fmt.Sprint("m", i)
				if i == 1 {
					text = "edited"
				}
				if told[text] != 1 {
					t.Errorf("%s was told %d times", text, told[text])
				}
			}
		})
	}
}

// changesElsewhere posts 300 messages, changes the second of them, and posts another, as
// another process does.
func changesElsewhere(t *testing.T, s *troubledStore) {
	t.Helper()
	author := chat.Author{ID: strings.Repeat("e", 32), Name: "Eve"}
	post := func(text string) chat.Change {
		return chat.Post{Room: chat.Lobby, ID: uuid.NewString(), AuthorID: author.ID, From: author.Name, Text: text, At: time.Now()}
	}
	var changes []chat.Change
	for i := range 300 {
		changes = append(changes, post(fmt.Sprintf("m%d", i)))
	}
	outcomes, err := s.DB.Commit(context.Background(), changes)
	if err != nil {
		t.Fatal(err)
	}
	target := chat.Target{Room: chat.Lobby, Seq: outcomes[1].Message.Seq, By: author, At: time.Now()}
	edit := chat.Edit{Target: target, Rev: outcomes[1].Message.Rev, Text: "edited"}
	if outcomes, err = s.DB.Commit(context.Background(), []chat.Change{edit, post("last")}); err != nil || outcomes[0].Err != nil {
		t.Fatal(outcomes, err)
	}
}
