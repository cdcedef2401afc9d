// Package ws implements the server side of the WebSocket protocol (RFC 6455). It knows neither
// the chat nor HTTP.
package ws

import "encoding/binary"

// The opcodes of RFC 6455 §5.2.
const (
	OpContinuation = 0x0
	OpText         = 0x1
	OpBinary       = 0x2
	OpClose        = 0x8
	OpPing         = 0x9
	OpPong         = 0xA

	FinBit  = 0x80
	MaskBit = 0x80
	// MaxControl is the largest payload of a control frame, RFC 6455 §5.5.
	MaxControl = 125
)

// AppendHeader appends the header of an unfragmented server frame. Servers do not mask
// (RFC 6455 §5.1).
func AppendHeader(dst []byte, opcode byte, length int) []byte {
	dst = append(dst, FinBit|opcode)
	switch {
	case length < 126:
		return append(dst, byte(length))
	case length < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, 126), uint16(length))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 127), uint64(length))
	}
}

// HeaderSpace is the space that BeginFrame reserves for a header, enough for most frames.
const HeaderSpace = 4

// BeginFrame reserves space for a header and returns its position. Append the payload, then
// call EndFrame.
func BeginFrame(dst []byte) (extended []byte, at int) {
	return append(dst, make([]byte, HeaderSpace)...), len(dst)
}

// EndFrame writes the header of a text frame whose payload was appended since BeginFrame.
func EndFrame(dst []byte, at int) []byte {
	payload := dst[at+HeaderSpace:]
	var header [10]byte
	h := AppendHeader(header[:0], OpText, len(payload))
	if len(h) > HeaderSpace {
		dst = append(dst, header[:len(h)-HeaderSpace]...)
	}
	copy(dst[at+len(h):], payload)
	copy(dst[at:], h)
	return dst[:at+len(h)+len(payload)]
}

// Payload returns the payload of one whole server frame.
func Payload(frame []byte) []byte {
	switch frame[1] {
	case 126:
		return frame[4:]
	case 127:
		return frame[10:]
	default:
		return frame[2:]
	}
}

// AppendControl appends a control frame and truncates a payload that exceeds MaxControl.
func AppendControl(dst []byte, opcode byte, payload []byte) []byte {
	payload = payload[:min(len(payload), MaxControl)]
	return append(AppendHeader(dst, opcode, len(payload)), payload...)
}

// AppendClose appends a close frame. Code 0 makes one without a code, the answer to a close
// frame without a code (RFC 6455 §5.5.1).
func AppendClose(dst []byte, code uint16, reason string) []byte {
	if code == 0 {
		return AppendControl(dst, OpClose, nil)
	}
	payload := binary.BigEndian.AppendUint16(make([]byte, 0, MaxControl), code)
	return AppendControl(dst, OpClose, append(payload, reason...))
}

// FrameEnd returns the end of the frame that contains the byte before position at, in a
// sequence of whole server frames. If at is the end of a frame, it returns at.
func FrameEnd(frames []byte, at int) int {
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
