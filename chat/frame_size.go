package chat

const (
	// FrameBytes is the largest payload of a frame in chat.v1 unless the client asked
	// for more. Popular client libraries close the connection on a message of more than
	// 32,768 bytes unless the program raises that limit.
	FrameBytes = 32_000
	// LargeFrameBytes is the limit for clients that asked for more. The largest message
	// (MaxEncoded) fits beside a list of members. There are no sizes in between, because
	// a room encodes its events once for each.
	LargeFrameBytes = 256_000
	// envelope bounds what a frame contains besides texts, HTML and members: field
	// names, the room's slug and title, ids, numbers.
	envelope = 500
	// maxEscape is the number of bytes that JSON needs at most for one byte of text.
	maxEscape = 6
)
