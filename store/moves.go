package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"chatserver/chat"
)

// A Move is a batch of its own, because it changes any number of messages in two rooms. In the
// room that they leave, their rows become stubs. In the other room they get new rows, or those
// of the stubs that they left there earlier.

var errMoveInBatch = errors.New("a move is not a batch of its own")

// soleMove returns the Move that a batch consists of. The error is errMoveInBatch if the batch
// has one among others.
func soleMove(changes []chat.Change) (move chat.Move, isMove bool, err error) {
	for _, change := range changes {
		if move, isMove = change.(chat.Move); isMove && len(changes) > 1 {
			return move, true, errMoveInBatch
		}
	}
	return move, isMove, nil
}

// moved is a message that moves.
type moved struct {
	from, to *row
	back     bool  // to was the stub that it left there earlier
	was      int64 // the thread of that stub
}

// move makes a Move and writes it.
func (b *batch) move(ctx context.Context, tx tx, move chat.Move) (outcome chat.Outcome, err error) {
	if b.rooms[move.Room] == nil || b.rooms[move.To] == nil {
		return chat.Outcome{Err: chat.ErrNoRoom}, nil
	}
	leaving, refusal, err := b.readMove(ctx, tx, move)
	if err != nil {
		return chat.Outcome{}, fmt.Errorf("read the messages to move: %w", err)
	}
	outcome = chat.Outcome{Err: refusal, Known: refusal == nil && len(leaving) == 0}
	if refusal == nil && len(leaving) > 0 {
		if outcome.Moved, err = b.relocate(ctx, tx, move, leaving); err != nil {
			return chat.Outcome{}, fmt.Errorf("move messages: %w", err)
		}
	}
	if first := b.bySeq[place{move.Room, move.Seqs[0]}]; first != nil {
		outcome.Message = b.shown(first)
	}
	for _, seq := range move.Seqs {
		if refusal == nil {
			outcome.Places = append(outcome.Places, b.bySeq[place{move.Room, seq}].Deleted.To.Seq)
		}
	}
	outcome.Rev = b.rooms[move.Room].rev
	return outcome, nil
}

// readMove reads what a Move concerns, and returns the messages that have to leave, with the
// replies of their threads, in order; or why they may not. Those that are where they should be
// do not leave.
func (b *batch) readMove(ctx context.Context, tx tx, move chat.Move) (leaving []*row, refusal, err error) {
	if err := b.readPlaces(ctx, tx, b.wantAll(move.Room, move.Seqs)); err != nil {
		return nil, nil, err
	}
	for _, seq := range move.Seqs {
		r := b.bySeq[place{move.Room, seq}]
		switch {
		case r == nil:
			return nil, chat.ErrNoMessage, nil
		case r.Deleted == nil:
			leaving = append(leaving, r)
		case r.Deleted.To == nil:
			return nil, chat.ErrGone, nil
		case r.Deleted.To.Room != move.To:
			return nil, chat.ErrMoved, nil
		}
	}
	if len(leaving) == 0 {
		return nil, nil, nil
	}
	if leaving, err = b.addReplies(ctx, tx, leaving); err != nil {
		return nil, nil, err
	}
	if len(leaving) > chat.MaxMoved {
		return nil, chat.ErrTooManyMoved, nil
	}
	refusal, err = b.readArrival(ctx, tx, move, leaving)
	return leaving, refusal, err
}

// addReplies adds the replies of threads to their roots, and returns all in order. It also reads
// the roots of the replies that leave their threads.
func (b *batch) addReplies(ctx context.Context, tx tx, leaving []*row) (all []*row, err error) {
	var places []place
	seqs := map[int64]bool{}
	for _, r := range leaving {
		seqs[r.Seq] = true
		places = b.want(places, place{r.Room, r.Thread})
		if r.Replies == nil {
			continue
		}
		err := each(ctx, tx, `SELECT seq FROM replies WHERE room_id = $1 AND thread = $2`, []any{r.roomID, r.Seq}, func(scan scanner) error {
			var seq int64
			err := scan(&seq)
			seqs[seq] = true
			places = b.want(places, place{r.Room, seq})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if err := b.readPlaces(ctx, tx, places); err != nil {
		return nil, err
	}
	for seq := range seqs {
		if r := b.bySeq[place{leaving[0].Room, seq}]; r.Deleted == nil {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *row) int { return cmp.Compare(a.Seq, b.Seq) })
	return all, nil
}

// readArrival reads what the other room has of the messages: the stubs that they left there.
// refusal is ErrMoveConflict if it has another message with one of their ids.
func (b *batch) readArrival(ctx context.Context, tx tx, move chat.Move, leaving []*row) (refusal, err error) {
	ids := make([]messageKey, 0, len(leaving))
	for _, r := range leaving {
		ids = append(ids, messageKey{move.To, r.ID})
	}
	if err := b.readIDs(ctx, tx, ids); err != nil {
		return nil, err
	}
	var roots []place
	for i, id := range ids {
		stub := b.byID[id]
		if stub != nil && !leftBy(stub, leaving[i]) {
			return chat.ErrMoveConflict, nil
		}
		if stub != nil {
			roots = b.want(roots, place{move.To, stub.Thread})
		}
	}
	if err := b.readPlaces(ctx, tx, roots); err != nil {
		return nil, err
	}
	return nil, b.readPlaces(ctx, tx, b.quoted(nil))
}

// leftBy reports whether a message of another room is the stub that a message left there. Two
// authors may have used the same id in two rooms.
func leftBy(stub, m *row) bool {
	return stub.Deleted != nil && stub.Deleted.To != nil && m.Moved != nil && slices.Contains(m.Moved.From, stub.Room)
}

// relocate moves messages, writes them, and returns all messages of both rooms that changed.
func (b *batch) relocate(ctx context.Context, tx tx, move chat.Move, leaving []*row) (all []chat.Message, err error) {
	if err := copyFormerAuthors(ctx, tx, b.rooms[move.Room].id, b.rooms[move.To].id); err != nil {
		return nil, err
	}
	pairs := b.arrive(move, leaving)
	var changed []*row
	for _, pair := range pairs {
		if err := b.writeArrival(ctx, tx, pair); err != nil {
			return nil, err
		}
		b.depart(move, pair)
		changed = append(changed, pair.from, pair.to)
	}
	if err := insertMessages(ctx, tx, b.fresh); err != nil {
		return nil, err
	}
	if err := updateMessages(ctx, tx, changed); err != nil {
		return nil, err
	}
	if err := writePins(ctx, tx, changed); err != nil {
		return nil, err
	}
	for _, r := range changed {
		all = append(all, b.shown(r))
	}
	roots, err := b.summarizeAgain(ctx, tx, pairs)
	if err != nil {
		return nil, err
	}
	if err := updateMessages(ctx, tx, b.changed); err != nil {
		return nil, err
	}
	return append(all, roots...), writeRevs(ctx, tx, b.rooms)
}

// arrive gives the messages their places in the other room. What they quote, and the roots of
// their threads, are found there if they moved, too. A reply that comes back is in its thread
// again.
func (b *batch) arrive(move chat.Move, leaving []*row) []moved {
	room, pairs, places := b.rooms[move.To], make([]moved, len(leaving)), map[int64]int64{}
	for i, r := range leaving {
		room.rev++
		pairs[i] = moved{from: r, to: b.byID[messageKey{move.To, r.ID}]}
		seq := room.rev
		if pairs[i].back = pairs[i].to != nil; pairs[i].back {
			seq = pairs[i].to.Seq
		} else {
			pairs[i].to = &row{roomID: room.id}
			b.fresh = append(b.fresh, pairs[i].to)
		}
		places[r.Seq] = seq
		message := r.MovedTo(move, seq, room.rev)
		if pairs[i].back && r.Replies == nil {
			message.Thread = pairs[i].to.Thread
		}
		pairs[i].was, pairs[i].to.Message = pairs[i].to.Thread, message
	}
	for _, pair := range pairs {
		if root, moves := places[pair.from.Thread]; moves {
			pair.to.Thread = root
		}
		pair.to.ReplyTo = places[pair.from.ReplyTo]
		b.bySeq[pair.to.place()] = pair.to
	}
	return pairs
}

// depart leaves the stub of a message.
func (b *batch) depart(move chat.Move, pair moved) {
	room := b.rooms[move.Room]
	room.rev++
	pair.from.Message = pair.from.Stub(move, pair.to.Seq, room.rev)
}

// writeArrival moves the versions of a message, and puts one that comes back into another
// thread, or none, than when it left.
func (b *batch) writeArrival(ctx context.Context, tx tx, pair moved) error {
	from, to := pair.from, pair.to
	if from.Versions > 0 {
		if _, err := tx.ExecContext(ctx, `UPDATE versions SET room_id = $1, seq = $2 WHERE room_id = $3 AND seq = $4`, to.roomID, to.Seq, from.roomID, from.Seq); err != nil {
			return err
		}
	}
	if !pair.back || to.Thread == pair.was {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `UPDATE messages SET thread = $1 WHERE room_id = $2 AND seq = $3`, to.Thread, to.roomID, to.Seq); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM replies WHERE room_id = $1 AND thread = $2 AND seq = $3`, to.roomID, pair.was, to.Seq); err != nil {
		return err
	}
	return writeReplies(ctx, tx, []*row{to})
}

// summarizeAgain gives the roots of threads that lost or got back replies their summaries.
func (b *batch) summarizeAgain(ctx context.Context, tx tx, pairs []moved) (roots []chat.Message, err error) {
	seen := map[place]bool{}
	for _, pair := range pairs {
		concerned := []place{{pair.from.Room, pair.from.Thread}, {pair.to.Room, pair.to.Thread}}
		if pair.back {
			concerned = append(concerned, pair.to.place())
		}
		for _, at := range concerned {
			root := b.bySeq[at]
			if root == nil || seen[at] {
				continue
			}
			seen[at] = true
			replies, err := readReplies(ctx, tx, root.roomID, root.Seq)
			if err != nil {
				return nil, err
			}
			if summary := summaryOf(replies); !reflect.DeepEqual(summary, root.Replies) {
				roots = append(roots, *b.summarize(b.rooms[at.room], root, summary))
			}
		}
	}
	return roots, nil
}

// movedInto returns the lines of the erasure list for the messages that were moved to a room
// that is being removed: an older copy of the database has them elsewhere.
func movedInto(ctx context.Context, tx tx, slug string) (lines []erasure, err error) {
	at := time.Now().UTC().Truncate(time.Millisecond)
	err = each(ctx, tx, `SELECT `+messageColumns+` FROM rooms r JOIN messages m ON m.room_id = r.id WHERE r.slug = $1 AND m.state LIKE '%"moved":%'`,
		[]any{slug}, func(scan scanner) error {
			var scanned scannedMessage
			if err := scan(scanned.into()...); err != nil {
				return err
			}
			m, err := scanned.message(slug)
			for _, line := range linesOf(&m, erasure{Deleted: &chat.Deletion{At: at}}) {
				if line.Room != slug {
					lines = append(lines, line)
				}
			}
			return err
		})
	return lines, err
}

// MoveMessages commits a Move, even while servers run on the database, and returns the places
// of its messages in the other room.
func MoveMessages(ctx context.Context, database, folder string, move chat.Move) (places []int64, err error) {
	db, err := openToChange(ctx, database, folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	outcomes, err := db.Commit(ctx, []chat.Change{move})
	if err == nil {
		err = outcomes[0].Err
	}
	if err != nil {
		return nil, oneLine{err}
	}
	// Servers compare their rooms with the database when this number has changed.
	if _, err := db.writer.ExecContext(ctx, `UPDATE meta SET removals = removals + 1`); err != nil {
		return nil, oneLine{fmt.Errorf("the messages are moved, but servers show it only with the next message: %w", err)}
	}
	return outcomes[0].Places, nil
}
