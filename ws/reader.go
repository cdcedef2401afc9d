package ws

import (
	"encoding/binary"
	"math"
	"net"
	"syscall"
	"unicode/utf8"
)

// Reader reads text messages from client frames, as strictly as RFC 6455 requires, and
// passes control frames to its owner. It holds a buffer only while that contains data.
type Reader struct {
	conn  net.Conn
	raw   syscall.RawConn // if nil, the first byte is read alone, see receiveByte
	await awaitRead
	limit int // bytes of a message
	owner Handler

	buffer  []byte // borrowed
	unread  []byte // its part that is not consumed yet
	left    uint64 // bytes of the current frame's payload that are not consumed yet
	waitErr error  // of WaitForInput

	FrameLimit FrameLimiter
}

// Handler handles the input of a Reader other than its messages.
type Handler interface {
	Received(bytes int)                  // bytes arrived
	Control(opcode byte, payload []byte) // a ping or pong arrived; control may block
}

func (r *Reader) init(conn net.Conn, raw syscall.RawConn, limit int, owner Handler) {
	r.conn, r.raw, r.limit, r.owner = conn, raw, limit, owner
	r.await.init()
}

// header is the header of a frame, RFC 6455 §5.2.
type header struct {
	fin    bool
	opcode byte
	length uint64
	mask   [4]byte
}

// ReadText returns the next text message, which is valid until the next call. The error is a
// Close for invalid input, a ClosedByPeer, or the error of the connection.
func (r *Reader) ReadText() ([]byte, error) {
	var message []byte
	for frames := 0; ; {
		h, err := r.readHeader()
		if err != nil {
			return nil, err
		}
		if h.opcode >= OpClose {
			if err := r.control(h); err != nil {
				return nil, err
			}
			continue
		}
		if err := r.checkData(h, frames, len(message)); err != nil {
			return nil, err
		}
		if message, err = r.payload(message, h); err != nil {
			return nil, err
		}
		frames++
		if h.fin {
			if !utf8.Valid(message) {
				return nil, CloseNotText
			}
			return message, nil
		}
	}
}

// maxEmptyFrames is the number of empty frames that a message may have. They do not count towards
// its size, so an endless message of them would never be too big.
const maxEmptyFrames = 64

func (r *Reader) checkData(h header, frames, have int) error {
	begun := frames > 0
	switch {
	case h.opcode == OpBinary && !begun:
		return CloseBinary
	case begun != (h.opcode == OpContinuation):
		return protocolError("unexpected continuation frame, or a new message inside a fragmented one")
	case h.length > uint64(r.limit-have), frames > r.limit+maxEmptyFrames:
		return CloseTooBig
	}
	return nil
}

// readHeader reads a header and rejects an invalid one. It consumes a whole header or nothing,
// so that reading can continue after an interruption: see awaitCloseFrame.
func (r *Reader) readHeader() (h header, err error) {
	b, err := r.peek(2)
	if err != nil {
		return h, err
	}
	h.fin, h.opcode, h.length = b[0]&FinBit != 0, b[0]&0x0F, uint64(b[1]&^MaskBit)
	if err := checkHeader(b, h); err != nil {
		return h, err
	}
	size := 2
	switch h.length {
	case 126:
		if b, err = r.peek(4); err == nil {
			size, h.length = 4, uint64(binary.BigEndian.Uint16(b[2:]))
			err = checkMinimal(h.length > 125)
		}
	case 127:
		if b, err = r.peek(10); err == nil {
			size, h.length = 10, binary.BigEndian.Uint64(b[2:])
			err = checkMinimal(h.length > math.MaxUint16)
		}
		if h.length>>63 != 0 {
			return h, protocolError("the payload length exceeds 63 bits")
		}
	}
	if err != nil {
		return h, err
	}
	if b, err = r.peek(size + len(h.mask)); err == nil {
		copy(h.mask[:], b[size:])
		r.unread, r.left = r.unread[size+len(h.mask):], h.length
	}
	return h, err
}

// checkHeader validates the first two bytes of a header.
func checkHeader(b []byte, h header) error {
	switch {
	case b[0]&0x70 != 0:
		return protocolError("a reserved bit (RSV1 to RSV3) is set")
	case h.opcode > OpBinary && h.opcode < OpClose || h.opcode > OpPong:
		return protocolError("the opcode is reserved")
	case b[1]&MaskBit == 0:
		return protocolError("client frames must be masked")
	case h.opcode >= OpClose && (!h.fin || h.length > MaxControl):
		return protocolError("a control frame must be unfragmented and at most 125 bytes long")
	}
	return nil
}

// checkMinimal returns an error unless a length uses the shortest encoding.
func checkMinimal(is bool) error {
	if !is {
		return protocolError("the payload length must use the shortest encoding")
	}
	return nil
}

// control passes a ping or pong to the owner, and turns a close frame into an error.
func (r *Reader) control(h header) error {
	payload, err := r.consume(int(h.length))
	if err != nil {
		return err
	}
	unmask(payload, h.mask, 0)
	r.FrameLimit.Wait()
	if h.opcode == OpClose {
		return parseClose(payload)
	}
	r.owner.Control(h.opcode, payload)
	return nil
}

// parseClose parses the payload of a close frame, RFC 6455 §5.5.1 and §7.4.
func parseClose(payload []byte) error {
	if len(payload) == 0 {
		return ClosedByPeer{}
	}
	if len(payload) == 1 {
		return protocolError("a close frame must be empty or begin with a two-byte code")
	}
	code := binary.BigEndian.Uint16(payload)
	switch {
	case code >= CodeNormal && code <= 1014 && (code < 1004 || code > 1006), code >= 3000 && code <= 4999:
	default:
		return protocolError("this close code is not allowed in a frame")
	}
	if !utf8.Valid(payload[2:]) {
		return CloseNotText
	}
	return ClosedByPeer{Code: code}
}

// payload appends a frame's payload to the message as it arrives: memory is allocated for
// received bytes, never for announced ones. A message that is buffered as a whole is not copied.
func (r *Reader) payload(message []byte, h header) ([]byte, error) {
	if h.fin && h.opcode != OpContinuation && h.length <= uint64(len(r.unread)) {
		whole, err := r.consume(int(h.length))
		unmask(whole, h.mask, 0)
		return whole, err
	}
	for done := 0; uint64(done) < h.length; {
		if len(r.unread) == 0 {
			if err := r.fillFor(int(h.length) - done); err != nil {
				return nil, err
			}
		}
		n := min(int(h.length)-done, len(r.unread))
		message = append(message, r.unread[:n]...)
		unmask(message[len(message)-n:], h.mask, done)
		r.unread = r.unread[n:]
		r.left -= uint64(n)
		done += n
	}
	return message, nil
}

// unmask removes the masking of RFC 6455 §5.3; at is the offset within the frame's payload.
func unmask(payload []byte, mask [4]byte, at int) {
	var key [8]byte
	for i := range key {
		key[i] = mask[(at+i)&3]
	}
	word := binary.LittleEndian.Uint64(key[:])
	for len(payload) >= 8 {
		binary.LittleEndian.PutUint64(payload, binary.LittleEndian.Uint64(payload)^word)
		payload = payload[8:]
	}
	for i := range payload {
		payload[i] ^= key[i]
	}
}

func protocolError(reason string) error {
	return Close{Code: CodeProtocol, Reason: reason}
}

// awaitCloseFrame reads on after the server's close frame until the client's arrives, and reports
// whether it did. Other input is discarded, at most the given number of bytes; rest is how many
// of these remain. An earlier error of the reader is ignored, since it may be the deadline that
// woke it.
func (r *Reader) awaitCloseFrame(most int) (came bool, rest int) {
	r.waitErr = nil
	for most > 0 {
		if skip := min(r.left, uint64(len(r.unread))); skip > 0 {
			r.unread = r.unread[skip:]
			r.left -= skip
			most -= int(skip)
		}
		if r.left > 0 {
			if r.fill() != nil {
				return false, max(most, 0)
			}
			continue
		}
		h, err := r.readHeader()
		if err != nil {
			return false, most
		}
		if most -= minClientHeader; h.opcode == OpClose {
			_, err := r.consume(int(h.length))
			return err == nil, max(most, 0)
		}
	}
	return false, 0
}

// minClientHeader is the smallest size of a client frame's header in bytes: two, and the mask
// (RFC 6455 §5.2).
const minClientHeader = 2 + 4
