package chat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"chatserver/chat"
	"chatserver/store"
)

// troubledStore is a real store that fails on request and counts its calls.
type troubledStore struct {
	*store.DB
	mu      sync.Mutex
	commits int
	gate    chan struct{}              // if not nil, each batch waits for it
	append  func([]chat.Change) error  // returns the error to fail with, before storing
	answer  func([]chat.Outcome) error // returns the error to fail with, after storing
	read    error                      // the error of reads of changes
	reads   int                        // reads of changes
	panics  bool                       // the next read panics
	behind  func()                     // called after each read, before it returns
}

func (s *troubledStore) Commit(ctx context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	if s.gate != nil {
		<-s.gate
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commits++
	if s.append != nil {
		if err := s.append(changes); err != nil {
			return nil, err
		}
	}
	outcomes, err := s.DB.Commit(ctx, changes)
	if err == nil && s.answer != nil {
		err = s.answer(outcomes)
	}
	return outcomes, err
}

func (s *troubledStore) Changes(ctx context.Context, room string, since int64, limit chat.Limit) (chat.Page, error) {
	s.mu.Lock()
	err, panics := s.read, s.panics
	s.reads++
	s.panics = false
	s.mu.Unlock()
	if panics {
		panic("boom")
	}
	if err != nil {
		return chat.Page{}, err
	}
	page, err := s.DB.Changes(ctx, room, since, limit)
	s.overtake()
	return page, err
}

func (s *troubledStore) Before(ctx context.Context, room string, seq int64, limit chat.Limit) (chat.Page, error) {
	page, err := s.DB.Before(ctx, room, seq, limit)
	s.overtake()
	return page, err
}

func (s *troubledStore) overtake() {
	s.mu.Lock()
	behind := s.behind
	s.mu.Unlock()
	if behind != nil {
		behind()
	}
}

func (s *troubledStore) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func startTroubledChat(t *testing.T) (*chat.Chat, *troubledStore) {
	t.Helper()
	s := &troubledStore{}
	return startChat(t, func(db *store.DB) chat.Store { s.DB = db; return s }), s
}

func send(t *testing.T, c *chat.Chat, conn *chat.Connection, id, text string) {
	t.Helper()
	if err := compose(c, conn, chat.Lobby, id, text); err != nil {
		t.Fatal(err)
	}
}

const firstID, secondID = "0198c5a0-7f3e-7cc2-a1b2-000000000001", "0198c5a0-7f3e-7cc2-a1b2-000000000002"

// TestOnlyTheDraftThatIsToBlameIsRefused has a draft that can never be stored: its sender
// gets an error, and the other drafts of the batch are stored.
func TestOnlyTheDraftThatIsToBlameIsRefused(t *testing.T) {
	c, s := startTroubledChat(t)
	s.gate = make(chan struct{})
	s.append = func(changes []chat.Change) error {
		for _, change := range changes {
			if change.(chat.Post).Text == "poison" {
				return fmt.Errorf("in a batch of %d: %w", len(changes), chat.ErrData)
			}
		}
		return nil
	}
	ann, annHears := person(t, c, "Ann", 0)
	eve, eveHears := person(t, c, "Eve", 0)
	send(t, c, ann, "", "first") // this batch waits while the others accumulate
	for i := range 5 {
		send(t, c, ann, "", fmt.Sprint("good", i))
	}
	send(t, c, eve, "", "poison")
	send(t, c, eve, "", "fine")
	close(s.gate)
	for range 6 {
		if outcome := <-annHears.answers; outcome.Err != nil {
			t.Errorf("Ann gets %v", outcome.Err)
		}
	}
	if outcome := <-eveHears.answers; !errors.Is(outcome.Err, chat.ErrNotStored) {
		t.Errorf("Eve's poison is answered with %+v", outcome)
	}
	if outcome := <-eveHears.answers; outcome.Err != nil {
		t.Errorf("Eve's second word is answered with %v", outcome.Err)
	}
	annHears.waitFor(t, "+Ann +Eve first good0 good1 good2 good3 good4 fine ")
}

// TestALockedRoomBlocksNoOther has a room that another transaction keeps locked: drafts for
// it are refused after a single attempt, and drafts for other rooms are stored.
func TestALockedRoomBlocksNoOther(t *testing.T) {
	c, s := startTroubledChat(t)
	s.gate = make(chan struct{})
	tried := 0 // drafts for the locked room
	s.append = func(changes []chat.Change) error {
		held := 0
		for _, change := range changes {
			if change.Header().Room == "held" {
				held++
			}
		}
		tried += held
		if held > 0 {
			return fmt.Errorf("append: %w", &chat.LockTimeout{Rooms: []string{"held"}, Err: errors.New("after two seconds")})
		}
		return nil
	}
	ann, annHears := person(t, c, "Ann", 0)
	eve, eveHears := person(t, c, "Eve", 0)
	if err := c.Join(context.Background(), eve, "held", nil); err != nil {
		t.Fatal(err)
	}
	send(t, c, ann, "", "first") // this batch waits while the others accumulate
	for range 2 {
		if err := compose(c, eve, "held", "", "in vain"); err != nil {
			t.Fatal(err)
		}
		send(t, c, ann, "", "good")
	}
	close(s.gate)
	for range 3 {
		if outcome := <-annHears.answers; outcome.Err != nil {
			t.Errorf("Ann gets %v", outcome.Err)
		}
	}
	for range 2 {
		if outcome := <-eveHears.answers; !errors.Is(outcome.Err, chat.ErrNotStored) {
			t.Errorf("Eve is answered with %+v", outcome)
		}
	}
	s.change(func() {
		if tried != 2 {
			t.Errorf("the two drafts for the locked room were tried %d times", tried)
		}
	})
}

// TestAnUnavailableStoreFailsABatchOnce checks that a store that cannot store fails the
// whole batch at once, not draft by draft, that members hear nothing, and that sending
// recovers.
func TestAnUnavailableStoreFailsABatchOnce(t *testing.T) {
	c, s := startTroubledChat(t)
	s.gate = make(chan struct{})
	ann, annHears := person(t, c, "Ann", 0)
	send(t, c, ann, "", "before")
	s.append = func([]chat.Change) error { return errors.New("the disk is gone") }
	for range 8 {
		send(t, c, ann, "", "lost")
	}
	close(s.gate)
	for range 9 {
		if outcome := <-annHears.answers; !errors.Is(outcome.Err, chat.ErrNotStored) {
			t.Errorf("answered with %+v", outcome)
		}
	}
	s.change(func() {
		if s.commits > 2 { // the first draft, if it was a batch of its own, and all others
			t.Errorf("at most two batches were tried %d times", s.commits)
		}
		s.append = nil
	})
	send(t, c, ann, "", "after")
	annHears.waitFor(t, "+Ann after ")
}

func TestTooManyPendingDraftsAreBusy(t *testing.T) {
	c, s := startTroubledChat(t)
	s.gate = make(chan struct{})
	ann, annHears := person(t, c, "Ann", 0)
	large := strings.Repeat("x", 2<<20)
	for i := range 3 { // each with HTML of the same size; a room admits one at a time
		room := fmt.Sprint("room-", i)
		if err := c.Join(t.Context(), ann, room, nil); err != nil {
			t.Fatal(err)
		}
		if err := compose(c, ann, room, "", large); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	if err := compose(c, ann, chat.Lobby, "", large); !errors.Is(err, chat.ErrBusy) {
		t.Errorf("beyond 16 MB she gets %v", err)
	}
	close(s.gate)
	for range 3 {
		<-annHears.answers
	}
	send(t, c, ann, "", "later")
}

func TestAnIDBelongsToItsAuthor(t *testing.T) {
	c, _ := startTroubledChat(t)
	ann, annHears := person(t, c, "Ann", 0)
	eve, eveHears := person(t, c, "Eve", 0)
	send(t, c, ann, strings.ToUpper(firstID), "mine")
	if outcome := <-annHears.answers; outcome.Known || outcome.Message.ID != firstID {
		t.Errorf("the first is answered with %+v", outcome)
	}
	send(t, c, ann, firstID, "mine again")
	if outcome := <-annHears.answers; !outcome.Known || outcome.Message.Text != "mine" {
		t.Errorf("the second is answered with %+v", outcome)
	}
	send(t, c, eve, firstID, "no, mine")
	if outcome := <-eveHears.answers; !errors.Is(outcome.Err, chat.ErrIDConflict) {
		t.Errorf("another's is answered with %+v", outcome)
	}
	annHears.waitFor(t, "+Ann +Eve mine ")
}

func TestInvalidMessagesAreNotQueued(t *testing.T) {
	c, s := startTroubledChat(t)
	ann, _ := person(t, c, "Ann", 0)
	var invalid *chat.Invalid
	for _, test := range []struct {
		id, text string
		wrong    func(error) bool
	}{
		{"", " \n\t", func(err error) bool { return errors.Is(err, chat.ErrEmpty) }},
		{"", "a\x00b", func(err error) bool { return errors.As(err, &invalid) && invalid.Field == "text" }},
		{"", "\xff", func(err error) bool { return errors.As(err, &invalid) && invalid.Field == "text" }},
		{"1", "x", func(err error) bool { return errors.As(err, &invalid) && invalid.Field == "id" }},
		{strings.ReplaceAll(firstID, "-", ""), "x", func(err error) bool { return errors.As(err, &invalid) }},
		{"{" + firstID + "}", "x", func(err error) bool { return errors.As(err, &invalid) }},
	} {
		if err := compose(c, ann, chat.Lobby, test.id, test.text); !test.wrong(err) {
			t.Errorf("%q with the id %q: %v", test.text, test.id, err)
		}
	}
	if err := compose(c, ann, "elsewhere", "", "x"); !errors.Is(err, chat.ErrNotJoined) {
		t.Errorf("in a room that she has not joined: %v", err)
	}
	if s.commits != 0 {
		t.Errorf("the store was asked %d times", s.commits)
	}
}

// compose composes a message and sends it, as the handlers do.
func compose(c *chat.Chat, conn *chat.Connection, room, id, text string) error {
	draft, err := c.Compose(context.Background(), conn, room, chat.Outgoing{ID: id, Text: text})
	if err != nil {
		return err
	}
	return c.Send(context.Background(), conn, draft)
}
