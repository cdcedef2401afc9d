package handlers

import "encoding/binary"

// The opcodes of RFC 6455 §5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA

	finBit  = 0x80
	maskBit = 0x80
	// maxControl is the payload of a control frame at most, RFC 6455 §5.5.
	maxControl = 125
)

// appendHeader adds the header of an unfragmented server frame: servers do not
// mask (RFC 6455 §5.1).
func appendHeader(dst []byte, opcode byte, length int) []byte {
	dst = append(dst, finBit|opcode)
	switch {
	case length < 126:
		return append(dst, byte(length))
	case length < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, 126), uint16(length))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 127), uint64(length))
	}
}

// headerSpace is the room that beginFrame leaves for a header: what most frames need.
const headerSpace = 4

// beginFrame leaves room for a header, and returns where it is. The payload is to
// be appended, and endFrame to be called.
func beginFrame(dst []byte) (extended []byte, at int) {
	return append(dst, make([]byte, headerSpace)...), len(dst)
}

// endFrame writes the header of the text frame whose payload is all that was
// appended since beginFrame.
func endFrame(dst []byte, at int) []byte {
	payload := dst[at+headerSpace:]
	var header [10]byte
	h := appendHeader(header[:0], opText, len(payload))
	if len(h) > headerSpace {
		dst = append(dst, header[:len(h)-headerSpace]...)
	}
	copy(dst[at+len(h):], payload)
	copy(dst[at:], h)
	return dst[:at+len(h)+len(payload)]
}

// appendControl adds a control frame; a payload over maxControl is cut.
func appendControl(dst []byte, opcode byte, payload []byte) []byte {
	payload = payload[:min(len(payload), maxControl)]
	return append(appendHeader(dst, opcode, len(payload)), payload...)
}

// appendClose adds a close frame. Code 0 stands for one without a code, which
// answers one without a code (RFC 6455 §5.5.1).
func appendClose(dst []byte, code uint16, reason string) []byte {
	if code == 0 {
		return appendControl(dst, opClose, nil)
	}
	payload := binary.BigEndian.AppendUint16(make([]byte, 0, maxControl), code)
	return appendControl(dst, opClose, append(payload, reason...))
}

// frameEnd returns where the frame that holds the byte before the position at
// ends, in a run of whole server frames of our own: at itself when it is the
// end of one.
func frameEnd(frames []byte, at int) int {
	end := 0
	for end < at {
		rest := frames[end:]
		switch length := int(rest[1]); length {
		case 126:
			end += 4 + int(binary.BigEndian.Uint16(rest[2:]))
		case 127:
			end += 10 + int(binary.BigEndian.Uint64(rest[2:]))
		default:
			end += 2 + length
		}
	}
	return end
}
