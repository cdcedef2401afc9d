package client_test

import (
	"errors"
	"testing"
	"time"

	"chatserver/chattest"
	"chatserver/client"
)

// becomes reads messages up to one that is as wanted, and returns it.
func (p *person) becomes(is func(client.Message) bool) client.Message {
	p.t.Helper()
	for {
		if m := until[client.Message](p); is(m) {
			return m
		}
	}
}

// A client changes messages of all kinds, and another one gets each of them as it now is.
func TestAClientChangesMessages(t *testing.T) {
	w := chattest.NewWorld(t)
	ann, bob := joins(t, w, "Ann", "lobby", client.Options{}), joins(t, w, "Bob", "lobby", client.Options{})
	does := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	seq := ann.sends("lobby", "Tea at fuor?")
	first := until[client.Message](bob)
	does(ann.Edit(ctx, first, "Tea at four?"))
	if m := until[client.Message](bob); m.Text != "Tea at four?" || m.Seq != seq || m.EditedAt.IsZero() || m.Versions != 1 {
		t.Errorf("Bob has %+v", m)
	}
	refused := (*client.CommandError)(nil)
	if err := ann.Edit(ctx, first, "Tea at five?"); !errors.As(err, &refused) || refused.Code != "conflict" || refused.Current.Text != "Tea at four?" || refused.Current.Room != "lobby" {
		t.Errorf("an edit of the first text is answered with %v", err)
	}
	if err := bob.Delete(ctx, "lobby", seq, ""); !errors.As(err, &refused) || refused.Code != "forbidden" || refused.Seq != seq {
		t.Errorf("Bob deletes Ann's message: %v", err)
	}
	earlier, err := bob.Versions(ctx, "lobby", seq)
	if err != nil || len(earlier) != 1 || earlier[0].Text != "Tea at fuor?" || earlier[0].Number != 1 {
		t.Errorf("Bob reads the versions %+v, %v", earlier, err)
	}
	does(ann.Purge(ctx, "lobby", seq, 1))
	if earlier, err := bob.Versions(ctx, "lobby", seq); err != nil || len(earlier) != 0 {
		t.Errorf("after the purge Bob reads the versions %+v, %v", earlier, err)
	}
	does(bob.React(ctx, "lobby", seq, "👍🏽", true))
	does(bob.Pin(ctx, "lobby", seq, true))
	reply, err := bob.SendReply(ctx, "lobby", client.NewID(), "With milk", client.Reply{Thread: seq, To: seq})
	does(err)
	root := bob.becomes(func(m client.Message) bool { return m.Thread != nil && m.Thread.Count == 1 })
	if r := root.Reactions; len(r) != 1 || r[0].Emoji != "👍🏽" || r[0].Count != 1 || r[0].Users[0].Name != "Bob" || root.Pinned == nil || root.Pinned.By.Name != "Bob" || root.Thread.Last.IsZero() {
		t.Errorf("Bob has %+v", root)
	}
	thread, more, err := ann.Thread(ctx, "lobby", seq, 0)
	if err != nil || more || len(thread) != 2 || thread[1].Seq != reply || thread[1].Room != "lobby" || thread[1].Thread.Root != seq || thread[1].ReplyTo.Text != "Tea at four?" {
		t.Errorf("Ann reads the thread %+v, %v, %v", thread, more, err)
	}
	does(ann.Delete(ctx, "lobby", seq, "wrong room"))
	gone := bob.becomes(func(m client.Message) bool { return m.Deleted != nil })
	if gone.Text != "" || gone.Seq != seq || gone.Deleted.By.Name != "Ann" || gone.Deleted.Reason != "wrong room" || time.Since(gone.Deleted.At) < 0 || gone.Reactions != nil {
		t.Errorf("Bob has %+v", gone)
	}
}
