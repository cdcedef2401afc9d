package main

import "encoding/binary"

// whole returns the size in bytes of the complete messages at the start of b, up to the
// given number of messages. Each is a frame as a server writes it (RFC 6455 §5.2), with
// its size in the header.
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

// frameSize returns the size of the frame at the start of b, and whether all of it is
// there. Measured frames are always shorter than 64 kB.
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
