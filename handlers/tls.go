package handlers

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// reasonPlainOnTLS answers a request without TLS.
const reasonPlainOnTLS = "This port speaks HTTPS: open the address with https://.\n"

var plainOnTLS = fmt.Appendf(nil, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: %d\r\n\r\n%s",
	len(reasonPlainOnTLS), reasonPlainOnTLS)

// tlsPort is a port that speaks TLS, and answers plain HTTP with what to do.
type tlsPort struct {
	net.Listener
	config *tls.Config
}

// Accept implements net.Listener. The handshake happens at the first read.
func (p tlsPort) Accept() (net.Conn, error) {
	conn, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &tlsConn{tls.Server(conn, p.config)}, nil
}

type tlsConn struct{ *tls.Conn }

// Handshake is called by fasthttp before the first request, with a read deadline. Input that
// does not begin like TLS is answered in plain HTTP; crypto/tls alone would send an alert.
func (c *tlsConn) Handshake() error {
	err := c.Conn.Handshake()
	var header tls.RecordHeaderError
	if errors.As(err, &header) && header.Conn != nil {
		_ = header.Conn.SetDeadline(time.Now().Add(refusalTimeout)) // if the connection is gone, the write fails
		if _, failed := header.Conn.Write(plainOnTLS); failed == nil {
			discardUnread(header.Conn)
		}
		_ = header.Conn.Close()
	}
	return err
}
