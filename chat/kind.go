package chat

// Kind is the framing of a connection.
type Kind uint8

// The kinds of frames; every event is encoded once for each. Kinds is their number.
const (
	PlainText       Kind = iota // the contract of the original guide: Said, Joined and Left
	JSON                        // chat.v1: Said, RoomSnapshot, Backfill, Presence and Typing
	LargeJSON                   // chat.v1 with frames of up to LargeFrameBytes
	TextWithChanges             // plain text that also tells of edits and deletions
	Kinds
)

// String returns the kind's name in logs and metrics, which do not distinguish the two sizes
// of JSON frames.
func (k Kind) String() string {
	return [...]string{PlainText: "text", JSON: "json", LargeJSON: "json", TextWithChanges: "text"}[k]
}

// IsText reports whether the kind is plain text.
func (k Kind) IsText() bool { return k == PlainText || k == TextWithChanges }

// Frames encodes events for one kind of connection.
type Frames interface {
	// Append appends the complete frames of the event to dst and returns the extended slice:
	// one frame, or several if one would be too large. It appends nothing for an event that
	// this kind does not send.
	Append(dst []byte, event Event) []byte
}

// FrameBytes returns the largest payload of a frame of this kind.
func (k Kind) FrameBytes() int {
	if k == LargeJSON {
		return LargeFrameBytes
	}
	return FrameBytes
}

// PageLimit returns the limit of a page for this kind. A page within FrameBytes leaves
// room for a list of about 150 members.
func (k Kind) PageLimit() Limit {
	if k == LargeJSON {
		return PageLimit
	}
	return Limit{Messages: PageLimit.Messages, Bytes: FrameBytes * 3 / 4}
}
