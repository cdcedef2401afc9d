package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

// connection is the client side of one WebSocket. It is our own implementation, because
// the machine is shared with the server: thousands of connections must be cheap, or this
// program would measure itself.
type connection struct {
	tcp     net.Conn
	in      *bufio.Reader
	payload []byte // of the last frame
	frames  int64  // received text frames
	bytes   int64  // received bytes, with the frames' headers

	mu      sync.Mutex // serializes frames
	out     []byte
	release func() bool // stops the context's callback
}

// closed is the code with which the server closed the connection.
type closed uint16

func (c closed) Error() string { return fmt.Sprintf("closed with %d", uint16(c)) }

// opcodes of RFC 6455 §11.8.
const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

// maxFrame is larger than any event.
const maxFrame = 4 << 20

// dialOption changes how a connection is opened.
type dialOption func(*net.Dialer)

// dial opens a connection. from is this side's address, or empty; one that is not of
// loopback is sent in X-Forwarded-For. The connection is cut when the context ends.
func dial(ctx context.Context, address, path, subprotocol, from string, options ...dialOption) (*connection, error) {
	dialer, forwarded := net.Dialer{}, ""
	for _, set := range options {
		set(&dialer)
	}
	switch ip := net.ParseIP(from); {
	case ip.IsLoopback():
		dialer.LocalAddr = &net.TCPAddr{IP: ip}
	case ip != nil:
		forwarded = "X-Forwarded-For: " + from + "\r\n"
	}
	tcp, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c := &connection{tcp: tcp, in: bufio.NewReaderSize(tcp, 1<<10)}
	c.release = context.AfterFunc(ctx, func() { _ = tcp.Close() })
	if err := c.handshake(address, path, subprotocol, forwarded); err != nil {
		c.cut()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return c, nil
}

// browserHeaders are the other headers of a desktop browser: most people use one, and a
// server has to read all of them.
const browserHeaders = "Pragma: no-cache\r\nCache-Control: no-cache\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9,de;q=0.8\r\n" +
	"Cookie: theme=dark; sid=0123456789abcdef0123456789abcdef\r\n" +
	"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"

// handshake requests the upgrade. It does not verify the accept key, which tests do.
func (c *connection) handshake(address, path, subprotocol, forwarded string) error {
	var key [16]byte
	_, _ = rand.Read(key[:]) // never fails
	request := "GET " + path + " HTTP/1.1\r\nHost: " + address +
		"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
		base64.StdEncoding.EncodeToString(key[:]) + "\r\nOrigin: http://" + address + "\r\n" + forwarded + browserHeaders
	if subprotocol != "" {
		request += "Sec-WebSocket-Protocol: " + subprotocol + "\r\n"
	}
	if _, err := io.WriteString(c.tcp, request+"\r\n"); err != nil {
		return err
	}
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return err
	}
	_ = response.Body.Close() // the response to an upgrade has no body
	if response.StatusCode != http.StatusSwitchingProtocols {
		return errors.New(response.Status)
	}
	return nil
}

// next returns the next text, which is valid until the next call, and answers pings. The
// error is of type closed if the server closed the connection.
func (c *connection) next() ([]byte, error) {
	for {
		op, err := c.readFrame()
		if err != nil {
			return nil, err
		}
		switch op {
		case opText:
			c.frames++
			return c.payload, nil
		case opPing:
			if err := c.write(opPong, c.payload); err != nil {
				return nil, err
			}
		case opClose:
			if len(c.payload) < 2 {
				return nil, closed(1005)
			}
			return nil, closed(binary.BigEndian.Uint16(c.payload))
		}
	}
}

// readFrame reads a frame into payload. Fragments are an error: no measured server sends
// any.
func (c *connection) readFrame() (op byte, err error) {
	var head [10]byte
	if _, err := io.ReadFull(c.in, head[:2]); err != nil {
		return 0, err
	}
	op, size, length := head[0]&0xF, uint64(head[1]&0x7F), 2
	switch size {
	case 126:
		length = 4
	case 127:
		length = 10
	}
	if _, err := io.ReadFull(c.in, head[2:length]); err != nil {
		return 0, err
	}
	switch size {
	case 126:
		size = uint64(binary.BigEndian.Uint16(head[2:]))
	case 127:
		size = binary.BigEndian.Uint64(head[2:])
	}
	if head[0]&0xF0 != 0x80 || head[1]&0x80 != 0 || size > maxFrame {
		return 0, fmt.Errorf("a frame of %d bytes that begins with %x", size, head[:2])
	}
	if uint64(cap(c.payload)) < size {
		c.payload = make([]byte, size)
	}
	c.payload = c.payload[:size]
	c.bytes += int64(length) + int64(size) //nolint:gosec // checked above
	_, err = io.ReadFull(c.in, c.payload)
	return op, err
}

// say sends a text.
func (c *connection) say(text []byte) error { return c.write(opText, text) }

// write writes a frame.
func (c *connection) write(op byte, payload []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = appendFrame(c.out[:0], op, payload)
	_, err := c.tcp.Write(c.out)
	return err
}

// appendFrame appends a frame, masked with a key of zeros: the server unmasks it as
// usual, and this side saves the work.
func appendFrame(b []byte, op byte, payload []byte) []byte {
	b = append(b, 0x80|op)
	if n := len(payload); n < 126 {
		b = append(b, 0x80|byte(n)) //nolint:gosec // below 126
	} else {
		b = append(b, 0x80|126)
		b = binary.BigEndian.AppendUint16(b, uint16(n)) //nolint:gosec // commands are shorter than 64 kB
	}
	b = append(b, 0, 0, 0, 0)
	return append(b, payload...)
}

// goodbye sends a close frame; next returns closed(1000) when the server has answered.
func (c *connection) goodbye() error { return c.write(opClose, []byte{1000 >> 8, 1000 & 0xFF}) }

// leave sends a close frame and reads to the end.
func (c *connection) leave() error {
	defer c.cut()
	if err := c.goodbye(); err != nil {
		return err
	}
	for {
		_, err := c.next()
		if errors.Is(err, closed(1000)) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("leave: %w", err)
		}
	}
}

// cut ends the TCP connection.
func (c *connection) cut() {
	c.release()
	_ = c.tcp.Close()
}
