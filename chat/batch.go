package chat

const (
	// maxBatchBytes is when a batch is full and the next one begins: about what
	// a socket's buffer takes at once.
	maxBatchBytes = 64 << 10
	// keptBatchBytes bounds the memory that a room keeps for its next batch.
	keptBatchBytes = 64 << 10
)

// batch is a run of ready frames of one room, the same events in every kind of
// frames. It is filled under the room's lock and immutable once the pump has
// taken it.
type batch struct {
	first     int64  // position of the first frame in the room
	rev       int64  // of the first message, or 0 without one
	last      int64  // rev of the last message, or 0 without one
	droppable bool   // it has frames that can be dropped: who came and went, who types
	marks     []mark // one for each event
	messages  int    // events that are messages
	bytes     [kinds][]byte
	capacity  int // bytes of all kinds
}

// mark says where an event's frames end, and what the event is.
type mark struct {
	rev      int64 // of a message; 0 of what can be dropped
	presence bool  // who misses it needs a whole list later
	end      [kinds]int
}

// append adds an event, encoded once for each kind that somebody in the room
// speaks.
func (b *batch) append(frames [kinds]Frames, byKind [kinds]int, event Event) {
	if byKind[PlainText] > 0 {
		b.bytes[PlainText] = frames[PlainText].Append(b.bytes[PlainText], event)
	}
	b.appendJSON(frames, byKind, event)
	switch e := event.(type) {
	case Said:
		b.mark(mark{rev: e.Message.Rev})
	case Presence:
		b.mark(mark{presence: true})
	default:
		b.mark(mark{})
	}
}

// appendJSON adds an event to the frames of both sizes. It is encoded a second time
// only if it is too large for the smaller size.
func (b *batch) appendJSON(frames [kinds]Frames, byKind [kinds]int, event Event) {
	start := len(b.bytes[LargeJSON])
	if byKind[LargeJSON] > 0 {
		b.bytes[LargeJSON] = frames[LargeJSON].Append(b.bytes[LargeJSON], event)
	}
	if byKind[JSON] == 0 {
		return
	}
	if frame := b.bytes[LargeJSON][start:]; len(frame) > 0 && len(frame) <= FrameBytes {
		b.bytes[JSON] = append(b.bytes[JSON], frame...)
	} else {
		b.bytes[JSON] = frames[JSON].Append(b.bytes[JSON], event)
	}
}

// backfill adds a page: as one frame for those who hear pages, and for the others as
// the messages that are new in it. Each message has a mark, so that a member who
// has the first of them hears the others.
func (b *batch) backfill(frames [kinds]Frames, byKind [kinds]int, event Backfill) {
	for i, message := range event.Page.Messages {
		if byKind[PlainText] > 0 && message.Seq > event.Page.Since {
			message.Rev = message.Seq // to them it is new
			b.bytes[PlainText] = frames[PlainText].Append(b.bytes[PlainText], Said{message})
		}
		if i == len(event.Page.Messages)-1 {
			b.appendJSON(frames, byKind, event)
		}
		b.mark(mark{rev: event.Page.Messages[i].Rev})
	}
}

// mark notes that an event ends here.
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

// writeTo hands a member what it has not had: all of it at once, or, for a new
// member or a filling queue, the runs of frames between those to leave out. It
// reports whether the socket kept a part.
func (b *batch) writeTo(m *subscription) (kept bool) {
	kind, socket, rev := m.kind, m.socket, m.rev.Load()
	dropping := b.droppable && socket.Lag() != Current
	if m.from <= b.first && (b.rev == 0 || rev < b.rev) && !dropping {
		return socket.Write(b.bytes[kind])
	}
	start, end, dropped := 0, 0, false // the run that waits to be written; and whether a list is not whole any more
	flush := func() {
		if end > start {
			kept = socket.Write(b.bytes[kind][start:end]) || kept
		}
	}
	for i, mark := range b.marks {
		position := b.first + int64(i)
		had := position < m.from || mark.rev != 0 && mark.rev <= rev
		// The first that a member hears is its own joined line: that is never dropped.
		if drop := dropping && mark.rev == 0 && position > m.from; had || drop {
			dropped = dropped || drop && mark.presence
			flush()
			start = mark.end[kind]
		}
		end = mark.end[kind]
	}
	flush()
	if dropped && kind != PlainText {
		m.conn.stale(m)
	}
	return kept
}

// reset empties a batch for the next events.
func (b *batch) reset() {
	marks, bytes := b.marks[:0], b.bytes
	for k := range bytes {
		bytes[k] = bytes[k][:0]
	}
	*b = batch{marks: marks, bytes: bytes}
}

// worthKeeping reports whether the batch is small enough to be used again.
func (b *batch) worthKeeping() bool {
	total := 0
	for k := range b.bytes {
		total += cap(b.bytes[k])
	}
	return total <= keptBatchBytes*int(kinds)
}
