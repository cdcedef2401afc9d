package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"chatserver/chat"
)

// Commit implements chat.Store. The transaction locks the rooms of the batch, reads the
// messages that it concerns, applies the changes to them in order, and writes what is new
// and what has changed. Each step is one statement for many rows.
func (db *DB) Commit(ctx context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	outcomes, err := db.commit(ctx, changes)
	var locked []string
	if errors.Is(err, errLocked) {
		if locked = db.lockedRooms(ctx, changes); len(locked) == 0 { // released in the meantime
			outcomes, err = db.commit(ctx, changes)
		}
	}
	switch {
	case err == nil:
		return outcomes, nil
	case errors.Is(err, errLocked) && len(locked) == 0:
		locked = slugs(changes)
	}
	err = fmt.Errorf("commit %d changes: %w", len(changes), err)
	if len(locked) > 0 {
		db.lockTimeouts.Add(1)
		err = &chat.LockTimeout{Rooms: locked, Err: err}
	}
	return nil, err
}

// commit is Commit without the names of locked rooms in its errors.
func (db *DB) commit(ctx context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	outcomes, err := db.commitOnce(ctx, changes, db.singleWriter())
	if errors.Is(err, errNewRoom) {
		outcomes, err = db.commitOnce(ctx, changes, true)
	}
	return outcomes, db.classify(err)
}

// commitOnce is commit, but returns errNewRoom if a room is missing and may not be created.
func (db *DB) commitOnce(ctx context.Context, changes []chat.Change, mayCreate bool) (_ []chat.Outcome, err error) {
	move, isMove, err := soleMove(changes)
	if err != nil {
		return nil, err
	}
	batch := newBatch(db.isDiskLow())
	defer batch.free()
	made := make([]chat.Outcome, len(changes))
	err = db.inTx(ctx, func(ctx context.Context, tx tx) (err error) {
		if batch.refused, err = db.lockRooms(ctx, tx, batch.rooms, changes, mayCreate); err != nil {
			return err
		}
		if isMove {
			made[0], err = batch.move(ctx, tx, move)
			return err
		}
		if err := batch.read(ctx, tx, changes); err != nil {
			return err
		}
		for i, change := range changes {
			batch.apply(change, &made[i])
		}
		return batch.write(ctx, tx)
	})
	if err == nil {
		db.erasures.add(batch.erasures)
		if len(batch.erasures) > 0 {
			db.scrubber.wake()
		}
	}
	return made, err
}

// isDiskLow reports whether Options.DiskLow says that the disk is almost full.
func (db *DB) isDiskLow() bool { return db.diskLow != nil && db.diskLow() }

// slugs returns the rooms of a batch, in the order of their first changes.
func slugs(changes []chat.Change) []string {
	if len(changes) == 1 {
		if move, isMove := changes[0].(chat.Move); isMove {
			return []string{move.Room, move.To}
		}
		return []string{changes[0].Header().Room}
	}
	var slugs []string
	seen := map[string]bool{}
	for _, change := range changes {
		if room := change.Header().Room; !seen[room] {
			seen[room] = true
			slugs = append(slugs, room)
		}
	}
	return slugs
}

// batch is the rooms of a batch of changes, with those of their messages that the batch concerns.
type batch struct {
	rooms    map[string]*storedRoom
	refused  map[string]error // why a room is not there
	diskLow  bool
	byID     map[messageKey]*row
	bySeq    map[place]*row
	versions map[versionKey]bool      // the versions to purge that exist
	threads  map[place][]chat.Message // of the roots that lose a reply

	fresh, changed []*row       // to write
	given          []messageKey // the ids of the changes
	kept           []keptVersion
	purged         []versionKey
	stripped       []place // loses all versions
	erasures       []erasure
}

// messageKey identifies a message: ids are unique within a room.
type messageKey struct{ room, id string }

// place is that of a message.
type place struct {
	room string
	seq  int64
}

// batches are free batches, whose maps are used again: a lone message would allocate more for
// them than for everything else.
var batches = sync.Pool{New: func() any {
	return &batch{rooms: map[string]*storedRoom{}, byID: map[messageKey]*row{}, bySeq: map[place]*row{}}
}}

func newBatch(diskLow bool) *batch {
	b, _ := batches.Get().(*batch)
	b.diskLow = diskLow
	return b
}

// free ends the use of a batch and of its rows.
func (b *batch) free() {
	clear(b.rooms)
	clear(b.byID)
	clear(b.bySeq)
	clear(b.fresh)
	clear(b.given)
	*b = batch{rooms: b.rooms, byID: b.byID, bySeq: b.bySeq, fresh: b.fresh[:0], given: b.given[:0]}
	batches.Put(b)
}

// apply applies one change and sets its outcome.
func (b *batch) apply(change chat.Change, outcome *chat.Outcome) {
	header := change.Header()
	room := b.rooms[header.Room]
	if room == nil {
		outcome.Err = b.whyRefused(header.Room)
		return
	}
	switch c := change.(type) {
	case chat.Post:
		*outcome = b.post(room, c)
	case chat.React:
		b.react(room, c, outcome)
	default:
		*outcome = b.change(room, change)
	}
	outcome.Rev = room.rev
}

// react applies a reaction. It shares the rev of an earlier reaction of the batch to the same
// message, unless the message was changed otherwise in between. Nobody has seen that rev yet,
// so the earlier outcome then has both.
func (b *batch) react(room *storedRoom, c chat.React, outcome *chat.Outcome) {
	target := b.bySeq[place{c.Room, c.Seq}]
	if target == nil || target.reaction == nil || target.reaction.Message.Rev != target.Rev {
		*outcome = b.change(room, c)
		if target != nil && outcome.Err == nil && !outcome.Known {
			target.reaction = outcome
		}
		return
	}
	after, changed, err := target.Apply(c, target.Rev)
	if changed {
		target.Message = after
		target.reaction.Message = b.shown(target)
	}
	*outcome = chat.Outcome{Message: b.shown(target), Known: err == nil, Err: err}
}

func (b *batch) whyRefused(room string) error {
	if err := b.refused[room]; err != nil {
		return err
	}
	return chat.ErrNoMessage
}

// post stores a new message. One that is already stored is acknowledged, whatever it is.
func (b *batch) post(room *storedRoom, post chat.Post) chat.Outcome {
	at := messageKey{post.Room, post.ID}
	if known := b.byID[at]; known != nil {
		return chat.Outcome{Message: b.shown(known), Known: true}
	}
	root, quoted := b.bySeq[place{post.Room, post.Thread}], b.bySeq[place{post.Room, post.ReplyTo}]
	if err := post.Check(root.messageOrNil(), quoted.messageOrNil()); err != nil {
		return chat.Outcome{Err: err}
	}
	if b.diskLow && len(post.Text) > chat.ShortText {
		return chat.Outcome{Err: chat.ErrShortOnly}
	}
	room.rev++
	made := &row{Message: post.Message(room.rev), roomID: room.id}
	b.byID[at], b.bySeq[made.place()] = made, made
	b.fresh = append(b.fresh, made)
	outcome := chat.Outcome{Message: b.shown(made)}
	if root != nil {
		if replies, read := b.threads[root.place()]; read {
			b.threads[root.place()] = append(replies, made.Message)
		}
		outcome.Root = b.summarize(room, root, root.Replies.With(&made.Message))
	}
	return outcome
}

// change changes a stored message.
func (b *batch) change(room *storedRoom, change chat.Change) chat.Outcome {
	header := change.Header()
	target := b.bySeq[place{header.Room, header.Seq}]
	if target == nil {
		return chat.Outcome{Err: chat.ErrNoMessage}
	}
	before := target.Message
	after, changed, err := before.Apply(change, room.rev+1)
	if err == nil && changed {
		changed, err = b.allows(change, &before)
	}
	if err != nil || !changed {
		return chat.Outcome{Message: b.shown(target), Known: err == nil, Err: err}
	}
	room.rev++
	target.Message = after
	b.note(target)
	outcome := chat.Outcome{Message: b.shown(target)}
	switch c := change.(type) {
	case chat.Edit:
		b.kept = append(b.kept, keptVersion{target.place(), chat.Version{Number: after.Edits, Text: before.Text, At: before.TextAt()}})
	case chat.Purge:
		key := versionKey{target.place(), c.Version}
		delete(b.versions, key)
		b.kept = slices.DeleteFunc(b.kept, func(v keptVersion) bool { return v.place == key.place && v.Number == key.number })
		b.purged = append(b.purged, key)
		b.erasures = append(b.erasures, linesOf(&before, erasure{Version: c.Version})...)
	case chat.Delete:
		if before.Versions > 0 {
			b.stripped = append(b.stripped, target.place())
			b.kept = slices.DeleteFunc(b.kept, func(v keptVersion) bool { return v.place == target.place() })
		}
		b.erasures = append(b.erasures, linesOf(&before, erasure{Deleted: after.Deleted})...)
		outcome.Root = b.removeReply(room, target)
	}
	return outcome
}

// allows checks what the message alone does not show: a disk that fills up, and whether a
// version exists. A version that is already purged changes nothing.
func (b *batch) allows(change chat.Change, before *chat.Message) (changes bool, err error) {
	switch c := change.(type) {
	case chat.Edit:
		if b.diskLow && len(c.Text) > chat.ShortText {
			return false, chat.ErrShortOnly
		}
	case chat.Purge:
		if c.Version < 1 || c.Version > before.Edits {
			return false, chat.ErrNoMessage
		}
		key := versionKey{place{c.Room, c.Seq}, c.Version}
		kept := slices.ContainsFunc(b.kept, func(v keptVersion) bool { return v.place == key.place && v.Number == key.number })
		return kept || b.versions[key], nil
	}
	return true, nil
}

// note records that a row has to be written.
func (b *batch) note(r *row) {
	if !r.changed {
		r.changed = true
		b.changed = append(b.changed, r)
	}
}

// shown returns the message of a row as it is read: with the quote of what it replies to.
func (b *batch) shown(r *row) chat.Message {
	message := r.Message
	if message.ReplyTo != 0 {
		message.Quote = b.bySeq[place{message.Room, message.ReplyTo}].messageOrNil().Quoted()
	}
	return message
}
