package ws

import (
	"io"
	"net"
	"time"
)

// maxAfterClose bounds the bytes that are read and discarded after the server's close frame:
// closing with unread bytes would reset the connection and lose the close frame.
const maxAfterClose = 4 << 20

// Conn is a WebSocket after its handshake. One goroutine reads; any may write.
type Conn struct {
	Writer
	Reader
}

// Init begins to read and write a connection that an HTTP server handed over. The server may
// have read ahead, which hijacked returns; inner is the connection inside of it. A message has
// at most limit bytes.
func (c *Conn) Init(inner, hijacked net.Conn, limit int, handler Handler, metrics Metrics) error {
	c.Writer.init(inner, metrics)
	if tcp, ok := inner.(*net.TCPConn); ok {
		if raw := rawConn(tcp); raw != nil {
			c.Reader.init(inner, raw, limit, handler)
			return c.readEarlyInput(hijacked)
		}
	}
	c.Reader.init(hijacked, nil, limit, handler)
	return nil
}

// CloseGracefully ends the connection with a closing handshake: behind the queued frames it
// sends a close frame with the reason, or answers the peer's, which answered states. Without
// either, it closes the connection as after an error. Once both close frames are sent, it closes
// TCP immediately (RFC 6455 §7.1.1): some peers wait for that, and would delay a stop. A peer
// that has not read and answered everything by then is reset after wait.
func (c *Conn) CloseGracefully(reason Close, answered bool, wait time.Duration) {
	if reason != (Close{}) || answered { // also for a close frame without a code
		c.Close(reason)
	}
	deadline := time.Now().Add(wait)
	if _, sent := c.SentClose(); !sent || !c.waitFlushed(wait) {
		if tcp, ok := c.Writer.conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // reset: the peer does not read the rest
		}
	} else if !answered || len(c.unread) > 0 { // read what follows a close frame, see maxAfterClose
		c.awaitPeerClose(deadline)
	}
	c.CloseNow()
	c.release()
}

// awaitPeerClose half-closes the connection and reads until the peer's close frame arrives or
// it closes as well. Input that is not valid frames is discarded.
func (c *Conn) awaitPeerClose(deadline time.Time) {
	conn := c.Writer.conn
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // on failure, the read below ends as well
	}
	if conn.SetReadDeadline(deadline) != nil {
		return
	}
	if came, rest := c.awaitCloseFrame(maxAfterClose); !came {
		_, _ = io.CopyN(io.Discard, conn, int64(rest)) // until the peer closes or the deadline expires
	}
}
