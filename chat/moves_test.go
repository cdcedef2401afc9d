package chat_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"

	"chatserver/chat"
	"chatserver/store"
)

// An admin moves a message over a connection: both rooms have it at once, and the answer comes
// behind. A guest may not, and nothing happens.
func TestAnAdminMovesAMessageAndAGuestDoesNot(t *testing.T) {
	ctx, c := context.Background(), startChat(t, func(db *store.DB) chat.Store { return db })
	ann, annHears := visitor(t, c, "Ann")
	user, err := chat.NewUser("Ada", 0, "")
	if err != nil {
		t.Fatal(err)
	}
	adaHears := newNotebook()
	ada := &chat.Connection{Actor: chat.Actor{Role: chat.Admin, User: user, Address: netip.MustParseAddr("127.0.0.1")}, Kind: chat.JSON, Socket: adaHears}
	if err := c.Enter(ada); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Exit(ada) })
	for _, conn := range []*chat.Connection{ann, ada} {
		for _, room := range []string{"lobby", "den"} {
			if err := c.Join(ctx, conn, room, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	bob, denHears := visitor(t, c, "Bob")
	if err := c.Join(ctx, bob, "den", nil); err != nil {
		t.Fatal(err)
	}
	for _, room := range []string{"lobby", "den"} {
		if err := compose(c, ann, room, "", "in-"+room); err != nil {
			t.Fatal(err)
		}
		<-annHears.answers
	}
	if _, err := c.Move(ctx, ann, "lobby", "den", []int64{1}); !errors.Is(err, chat.ErrForbidden) {
		t.Errorf("a guest's move is answered with %v", err)
	}
	for _, seqs := range [][]int64{nil, {0}, {1, 1}, make([]int64, chat.MaxMoveSeqs+1)} {
		var invalid *chat.Invalid
		if _, err := c.Move(ctx, ada, "lobby", "den", seqs); !errors.As(err, &invalid) {
			t.Errorf("a move of %v is answered with %v", seqs, err)
		}
	}
	request, err := c.Move(ctx, ada, "lobby", "den", []int64{1})
	if err == nil {
		err = c.Submit(ctx, ada, request)
	}
	if err != nil {
		t.Fatal(err)
	}
	outcome := <-adaHears.answers
	if outcome.Err != nil || len(outcome.Places) != 1 || outcome.Places[0] != 2 || outcome.Message.Deleted == nil {
		t.Errorf("it is answered with %+v", outcome)
	}
	denHears.ends(t, "in-den in-lobby ")
}
