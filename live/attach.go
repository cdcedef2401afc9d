package live

import (
	"context"
	"fmt"

	"chatserver/chat"
)

// maxReads caps the re-reads of a page while the room keeps advancing. After the last one
// the page states that there is more.
const maxReads = 8

// attachment is the step in which a subscription gets the history it needs and becomes live.
type attachment struct {
	hub  *Hub
	conn *chat.Connection
	room *OpenRoom
}

// resume answers a client at a position, or one without, with a RoomSnapshot.
func (a attachment) resume(ctx context.Context, at *chat.Position) error {
	for reads := 1; ; reads++ {
		page, reset, err := a.hub.pages.Resume(ctx, a.conn.PageReader(), a.room, at, reads > 1)
		if err != nil {
			return fmt.Errorf("read %s: %w", a.room.slug, err)
		}
		if a.answer(page, reset, reads == maxReads) {
			return nil
		}
	}
}

// read sends the newest messages of the history in plain text.
func (a attachment) read(ctx context.Context, history int) error {
	wanted := max(history, 1)
	if a.conn.Kind == chat.TextWithChanges {
		wanted = max(history, tailMessages)
	} else if history == 0 && a.atCurrentRev() {
		return nil
	}
	page, err := a.hub.pages.Before(ctx, a.conn.Payer(), a.room.slug, chat.Newest, chat.Limit{Messages: wanted})
	last := newSince(page, 0)
	var shown, missed gap // of the first page, and of those behind it
	shown.open(0)
	missed.open(page.Rev)
	page.Messages = page.Messages[max(0, len(page.Messages)-history):] // of the others, only the places or the room's rev were needed
	page.More = false
	for since := &shown; err == nil; since = &missed {
		if err := a.write(page, since); err != nil {
			return err
		}
		if !page.More && a.at(page.Rev, last) {
			return nil
		}
		page, err = a.hub.store.Changes(ctx, a.room.slug, page.Rev, chat.PageLimit) // a re-read skips the queue of readers
		last = append(last, newSince(page, missed.after)...)
	}
	return fmt.Errorf("read the history of %s: %w", a.room.slug, err)
}

// newSince returns the places of a page's messages that were new after a rev.
func newSince(page chat.Page, since int64) (seqs []int64) {
	for _, message := range page.Messages {
		if message.Seq > since {
			seqs = append(seqs, message.Seq)
		}
	}
	return seqs
}

// write writes the messages of a page that are new in a gap and not deleted, no faster than
// the connection takes them.
func (a attachment) write(page chat.Page, since *gap) error {
	for _, message := range page.Messages {
		if !since.take(message.Seq) || message.Deleted != nil {
			continue
		}
		if err := a.conn.Socket.Calm(); err != nil {
			return err
		}
		a.hub.send(a.conn, chat.Said{Message: message, New: true})
	}
	return nil
}

// answer subscribes the connection and sends the page, unless the room has advanced
// since the read. In that case it returns false so that the page is read again, or, the last
// time, marks the page as incomplete. It holds the room's lock throughout, so that live
// delivery begins right after the page.
func (a attachment) answer(page chat.Page, reset, last bool) bool {
	r, conn := a.room, a.conn
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rev > page.Rev && !page.More {
		if !last {
			return false
		}
		page.More = true
	}
	m := subscriptionOf(conn, r.slug)
	if m == nil {
		m = r.subscribeLocked(conn)
		r.announceLocked(conn)
	}
	if page.More {
		r.attachLocked(m, catchingUp)
	} else {
		r.attachLocked(m, page.Rev)
	}
	r.hub.send(conn, chat.RoomSnapshot{
		Room: r.slug, Address: r.info.Address, Title: r.info.Title, Page: page, Reset: reset,
		Members: r.listedLocked(), Online: r.presence.online(),
	})
	return true
}

// atCurrentRev subscribes a connection that wants no history. It returns false if the room has
// no live subscription, because the room's current rev is then unknown.
func (a attachment) atCurrentRev() bool {
	r := a.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.emptyLocked() {
		return false
	}
	r.attachLocked(r.subscribeLocked(a.conn), r.rev)
	r.announceLocked(a.conn)
	return true
}

// at subscribes a connection that has everything up to the rev since; last are the places of
// the room's last messages. It returns false if the room has advanced, because the connection
// must then read the rest first.
func (a attachment) at(since int64, last []int64) bool {
	r := a.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rev > since {
		return false
	}
	r.attachLocked(r.subscribeLocked(a.conn), since)
	if a.conn.Kind == chat.TextWithChanges {
		r.tail.beginLocked(last)
	}
	r.announceLocked(a.conn)
	return true
}
