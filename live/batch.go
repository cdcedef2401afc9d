package live

import "chatserver/chat"

const (
	// maxBatchBytes is the size at which a batch is full and the next one begins: about what
	// a socket's buffer takes at once.
	maxBatchBytes = 64 << 10
	// keptBatchBytes bounds the memory that a room keeps for its next batch.
	keptBatchBytes = 64 << 10
)

// batch is a sequence of encoded frames of one room, with the same events for every kind of
// frames. It is filled under the room's lock, and immutable once the pump has taken it.
type batch struct {
	first     int64  // position of the first frame in the room
	rev       int64  // of the first message, or 0 without one
	last      int64  // rev of the last message, or 0 without one
	droppable bool   // contains droppable frames: presence and typing
	marks     []mark // one per event
	messages  int    // events that are messages
	bytes     [chat.Kinds][]byte
	capacity  int // bytes of all kinds
}

// mark states where the frames of an event end, and what the event is.
type mark struct {
	rev      int64 // of a message; 0 for a droppable event
	presence bool  // a subscription that misses it needs a complete list later
	end      [chat.Kinds]int
}

// append adds an event, encoded once for each kind in use in the room.
func (b *batch) append(frames [chat.Kinds]chat.Frames, byKind [chat.Kinds]int, event chat.Event) {
	b.appendText(frames, byKind, event)
	b.appendJSON(frames, byKind, event)
	switch e := event.(type) {
	case chat.Said:
		b.mark(mark{rev: e.Message.Rev})
	case chat.Presence:
		b.mark(mark{presence: true})
	default:
		b.mark(mark{})
	}
}

// appendText adds an event to the frames of plain text, with and without changes.
func (b *batch) appendText(frames [chat.Kinds]chat.Frames, byKind [chat.Kinds]int, event chat.Event) {
	for _, kind := range [...]chat.Kind{chat.PlainText, chat.TextWithChanges} {
		if byKind[kind] > 0 {
			b.bytes[kind] = frames[kind].Append(b.bytes[kind], event)
		}
	}
}

// appendJSON adds an event to the JSON frames of both sizes. It encodes the event a second
// time only if the frame is too large for the smaller size.
func (b *batch) appendJSON(frames [chat.Kinds]chat.Frames, byKind [chat.Kinds]int, event chat.Event) {
	start := len(b.bytes[chat.LargeJSON])
	if byKind[chat.LargeJSON] > 0 {
		b.bytes[chat.LargeJSON] = frames[chat.LargeJSON].Append(b.bytes[chat.LargeJSON], event)
	}
	if byKind[chat.JSON] == 0 {
		return
	}
	if frame := b.bytes[chat.LargeJSON][start:]; len(frame) > 0 && len(frame) <= chat.FrameBytes {
		b.bytes[chat.JSON] = append(b.bytes[chat.JSON], frame...)
	} else {
		b.bytes[chat.JSON] = frames[chat.JSON].Append(b.bytes[chat.JSON], event)
	}
}

// backfill adds a page: one Backfill frame for JSON, and the page's new messages for plain
// text. Each message has a mark, so that a subscription that already has the first ones
// receives the others.
func (b *batch) backfill(frames [chat.Kinds]chat.Frames, byKind [chat.Kinds]int, event chat.Backfill, isNew []bool) {
	for i, message := range event.Page.Messages {
		if isNew[i] && message.Deleted == nil {
			b.appendText(frames, byKind, chat.Said{Message: message, New: true})
		}
		if i == len(event.Page.Messages)-1 {
			b.appendJSON(frames, byKind, event)
		}
		b.mark(mark{rev: event.Page.Messages[i].Rev})
	}
}

// mark records the end of an event.
func (b *batch) mark(m mark) {
	b.capacity = 0
	for k := range b.bytes {
		m.end[k] = len(b.bytes[k])
		b.capacity += m.end[k]
	}
	if m.rev == 0 {
		b.droppable = true
	} else {
		if b.rev == 0 {
			b.rev = m.rev
		}
		b.messages++
		b.last = m.rev
	}
	b.marks = append(b.marks, m)
}

// reset empties a batch for reuse.
func (b *batch) reset() {
	marks, bytes := b.marks[:0], b.bytes
	for k := range bytes {
		bytes[k] = bytes[k][:0]
	}
	*b = batch{marks: marks, bytes: bytes}
}

// worthKeeping reports whether the batch is small enough to be reused.
func (b *batch) worthKeeping() bool {
	total := 0
	for k := range b.bytes {
		total += cap(b.bytes[k])
	}
	return total <= keptBatchBytes*int(chat.Kinds)
}
