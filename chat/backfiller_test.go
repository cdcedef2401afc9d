package chat_test

import (
	"errors"
	"testing"

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
