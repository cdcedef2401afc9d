package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// receiver is a connection that receives numbered messages. It has no goroutine, and no
// buffer while it is idle.
type receiver struct {
	fd    int
	place int    // index among the receivers that are read together
	rest  []byte // the received part of a frame
	last  int    // last received number
	pongs []byte // pongs to write
}

// hearing is called for each message, with the receiver's place, the message's number
// and the size of its frame in bytes.
type hearing func(place, number, bytes int)

// take handles the data that followed rest, and checks that the numbers are consecutive:
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
			return nil // not one of our messages: somebody joined
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

// cutFrame returns the frame at the start of b and its size, which is 0 while the frame
// is incomplete. Measured frames are always shorter than 64 kB.
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

// serverFrame returns a frame as a server writes it, with a size and a number.
func serverFrame(number, size int) []byte {
	b := []byte{0x80 | opText, byte(size - 2)} //nolint:gosec // below, or else replaced
	if size > 2+125 {
		b = binary.BigEndian.AppendUint16([]byte{0x80 | opText, 126}, uint16(size-4)) //nolint:gosec // it has a text of 128 bytes
	}
	b = append(b, numbered(number)...)
	return append(b, bytes.Repeat([]byte("x"), size-len(b))...)
}

// digits is the number of digits of a number in a text.
const digits = 10

// numbered returns the text of the message with a number, counted from 1.
func numbered(number int) string { return fmt.Sprintf("#%0*d", digits, number) + text[digits+1:] }

// numberOf returns the number of the message in a frame of either framing, or 0 for
// other frames. Nothing else that a server sends here contains a hash.
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
