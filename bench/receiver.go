package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// receiver is a connection that hears numbered messages. It has no goroutine and
// no buffer of its own while nothing comes.
type receiver struct {
	fd    int
	place int    // among those who are listened to together
	rest  []byte // of a frame that came in part
	last  int    // number that was heard
	pongs []byte // to be written
}

// hearing is told of each message: the place of who hears it, its number and the
// bytes of its frame.
type hearing func(place, number, bytes int)

// take takes what came after rest, and checks that the numbers come one by one:
// nothing is lost, doubled or out of order.
func (r *receiver) take(b []byte, heard hearing) error {
	for {
		if len(b) > 1 && (b[0]&0xF0 != 0x80 || b[1] > 126) {
			return fmt.Errorf("a frame that begins with %x", b[:2])
		}
		op, payload, size := cutFrame(b)
		if size == 0 {
			r.rest = append(r.rest[:0], b...)
			return nil
		}
		if err := r.frame(op, payload, size, heard); err != nil {
			return err
		}
		b = b[size:]
	}
}

func (r *receiver) frame(op byte, payload []byte, size int, heard hearing) error {
	switch op {
	case opText:
		number := numberOf(payload)
		if number == 0 {
			return nil // nothing that was sent: somebody joined
		}
		if number != r.last+1 {
			return fmt.Errorf("message %d came after %d", number, r.last)
		}
		r.last = number
		heard(r.place, number, size)
	case opPing:
		r.pongs = appendFrame(r.pongs, opPong, payload)
	case opClose:
		return closed(binary.BigEndian.Uint16(append(payload[:len(payload):len(payload)], 1005>>8, 1005&0xFF)))
	}
	return nil
}

// cutFrame is the frame that b begins with and its size, which is 0 as long as
// not all of it is there. No frame that is measured has 64 kB.
func cutFrame(b []byte) (op byte, payload []byte, size int) {
	if len(b) < 2 {
		return 0, nil, 0
	}
	head, length := 2, int(b[1]&0x7F)
	if length == 126 {
		if len(b) < 4 {
			return 0, nil, 0
		}
		head, length = 4, int(binary.BigEndian.Uint16(b[2:]))
	}
	if len(b) < head+length {
		return 0, nil, 0
	}
	return b[0] & 0xF, b[head : head+length], head + length
}

// serverFrame is a frame as a server writes it, of a size, with a number.
func serverFrame(number, size int) []byte {
	b := []byte{0x80 | opText, byte(size - 2)} //nolint:gosec // below, or else replaced
	if size > 2+125 {
		b = binary.BigEndian.AppendUint16([]byte{0x80 | opText, 126}, uint16(size-4)) //nolint:gosec // it has a text of 128 bytes
	}
	b = append(b, numbered(number)...)
	return append(b, bytes.Repeat([]byte("x"), size-len(b))...)
}

// digits is how many a number has in a text.
const digits = 10

// numbered is the text of a message with a number from 1.
func numbered(number int) string { return fmt.Sprintf("#%0*d", digits, number) + text[digits+1:] }

// numberOf is the number of a message in a frame of either kind, or 0 if it is
// none. A hash is in nothing else that a server says here.
func numberOf(frame []byte) (number int) {
	_, rest, found := bytes.Cut(frame, []byte("#"))
	if !found || len(rest) < digits {
		return 0
	}
	for _, digit := range rest[:digits] {
		if digit < '0' || digit > '9' {
			return 0
		}
		number = number*10 + int(digit-'0')
	}
	return number
}
