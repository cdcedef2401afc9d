package chat

import (
	"context"
	"slices"
	"time"
)

// Move requests that messages move to another room, with the replies of their threads. It needs
// the right in both rooms. To move them again changes nothing. The error is that of openMessage
// or open, or an *Invalid.
func (c *Chat) Move(ctx context.Context, conn *Connection, from, to string, seqs []int64) (Request, error) {
	if err := checkMove(from, to, seqs); err != nil {
		return Request{}, err
	}
	target, err := c.open(ctx, conn.Actor, to, toMove)
	if err != nil {
		return Request{}, err
	}
	size := 0
	var first Message
	for i, seq := range seqs {
		_, m, err := c.openMessage(ctx, conn, Ref{from, seq}, toMove)
		if err != nil {
			return Request{}, err
		}
		if size += m.Size(); i == 0 {
			first = m
		}
	}
	if err := checkMove(first.Room, target.ID, seqs); err != nil { // two names of one room
		return Request{}, err
	}
	return conn.request(toMove, &first, size-first.Size(), func(t Target) Change {
		return Move{Target: t, To: target.ID, Seqs: seqs}
	}), nil
}

// Mover commits a Move and returns the places of its messages in the other room, in the order
// of Move.Seqs.
type Mover func(ctx context.Context, move Move) (places []int64, err error)

// MoveMessages is Move for the operator's command line, which works on the store beside a
// running server.
func MoveMessages(ctx context.Context, actor Actor, rooms *Directory, from, to string, seqs []int64, move Mover) (places []int64, err error) {
	if err := checkMove(from, to, seqs); err != nil {
		return nil, err
	}
	var opened [2]opened
	for i, room := range []string{from, to} {
		if opened[i], err = (&gate{rooms: rooms}).open(ctx, actor, room, toMove); err != nil {
			return nil, err
		}
	}
	if err := checkMove(opened[0].ID, opened[1].ID, seqs); err != nil { // two names of one room
		return nil, err
	}
	target := Target{Room: opened[0].ID, Seq: seqs[0], By: actor.User.Author(), At: time.Now().UTC().Truncate(time.Millisecond)}
	return move(ctx, Move{Target: target, To: opened[1].ID, Seqs: seqs})
}

func checkMove(from, to string, seqs []int64) error {
	switch {
	case from == to:
		return invalid("rooms", "The field rooms must be two rooms: the one that the messages are in, and the one to move them to.")
	case len(seqs) == 0 || len(seqs) > MaxMoveSeqs:
		return invalid("seqs", "The field seqs must have the places of 1 to %d messages.", MaxMoveSeqs)
	}
	for i, seq := range seqs {
		if err := checkSeq(seq); err != nil {
			return err
		}
		if slices.Contains(seqs[:i], seq) {
			return invalid("seqs", "The field seqs must name each message once.")
		}
	}
	return nil
}

// maxMoves is how many moves of a message Whereabouts follows.
const maxMoves = 100

// Whereabouts returns where the message of a stub is now. The error is ErrNoRoom or ErrNoMessage
// if the actor may not read it there, or if it is nowhere any more, and otherwise that of
// gate.open, the context's or the store's.
func (c *Chat) Whereabouts(ctx context.Context, actor Actor, stub Message) (Ref, error) {
	for range maxMoves {
		if stub.Deleted == nil || stub.Deleted.To == nil {
			break
		}
		to, err := *stub.Deleted.To, error(nil)
		if stub, err = c.message(ctx, actor.Payer(), to.Room, to.Seq); err != nil {
			return Ref{}, err
		}
	}
	room, err := c.open(ctx, actor, stub.Room, toRead)
	if err != nil {
		return Ref{}, err
	}
	return Ref{room.ID, stub.Seq}, nil
}
