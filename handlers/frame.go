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
	// maxControl is the largest payload of a control frame, RFC 6455 §5.5.
	maxControl = 125
)

// appendHeader appends the header of an unfragmented server frame. Servers do not mask
// (RFC 6455 §5.1).
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

// headerSpace is the space that beginFrame reserves for a header, enough for most frames.
const headerSpace = 4

// beginFrame reserves space for a header and returns its position. Append the payload, then
// call endFrame.
func beginFrame(dst []byte) (extended []byte, at int) {
	return append(dst, make([]byte, headerSpace)...), len(dst)
}

// endFrame writes the header of a text frame whose payload was appended since beginFrame.
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

// appendControl appends a control frame and truncates a payload that exceeds maxControl.
func appendControl(dst []byte, opcode byte, payload []byte) []byte {
	payload = payload[:min(len(payload), maxControl)]
	return append(appendHeader(dst, opcode, len(payload)), payload...)
}

// appendClose appends a close frame. Code 0 makes one without a code, the answer to a close
// frame without a code (RFC 6455 §5.5.1).
func appendClose(dst []byte, code uint16, reason string) []byte {
	if code == 0 {
		return appendControl(dst, opClose, nil)
	}
	payload := binary.BigEndian.AppendUint16(make([]byte, 0, maxControl), code)
	return appendControl(dst, opClose, append(payload, reason...))
}

// frameEnd returns the end of the frame that contains the byte before position at, in a
// sequence of whole server frames. If at is the end of a frame, it returns at.
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
