package client

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

const (
	// dialWait bounds the handshake.
	dialWait = 30 * time.Second
	// writeWait bounds the time for sending one command, and for the closing handshake.
	writeWait = 10 * time.Second
)

// connection runs one connection, from the handshake to its end. It reports whether the
// server welcomed it.
func (c *Client) connection(ctx context.Context) (welcomed bool, err error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return false, err
	}
	defer conn.CloseNow() //nolint:errcheck // it may be closed
	c.begin()
	reading, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	frames, ended := make(chan frame), make(chan error, 1)
	go func() { ended <- c.read(reading, conn, frames) }()
	err = c.speak(ctx, conn, frames, ended)
	c.mu.Lock()
	welcomed = c.epoch != ""
	c.mu.Unlock()
	if ctx.Err() != nil {
		c.disconnect(conn, frames)
	}
	return welcomed, err
}

func (c *Client) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialWait)
	defer cancel()
	conn, response, err := websocket.Dial(ctx, c.url, &websocket.DialOptions{
		HTTPClient: c.options.HTTPClient, HTTPHeader: c.header, Subprotocols: []string{Subprotocol},
	})
	if response != nil && response.StatusCode != http.StatusSwitchingProtocols {
		reason, _ := io.ReadAll(response.Body) // the part that the library keeps
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return nil, &RefusedError{response.StatusCode, strings.TrimSpace(string(reason)), time.Duration(seconds) * time.Second}
	}
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(LargeFrameBytes)
	return conn, nil
}

// begin resets the state of the previous connection.
func (c *Client) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.connected, c.epoch, c.left = true, "", nil
	for _, r := range c.rooms {
		r.cut()
	}
}

// disconnect closes with a close frame, which frees the name at once.
func (c *Client) disconnect(conn *websocket.Conn, frames <-chan frame) {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = conn.Close(websocket.StatusNormalClosure, "") // it may have ended already
	}()
	for {
		select {
		case <-closed:
			return
		case <-frames: // too late to handle them
		}
	}
}

// read passes on the server's events. A connection without data for Silence, not even a
// pong, is lost.
func (c *Client) read(ctx context.Context, conn *websocket.Conn, frames chan<- frame) error {
	for {
		silence, cancel := context.WithTimeout(ctx, c.options.Silence)
		_, text, err := conn.Read(silence)
		cancel()
		if err != nil {
			return ofClose(err)
		}
		f, err := parse(text)
		if err != nil {
			return err
		}
		select {
		case frames <- f:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ofClose returns err as a *CloseError if the server closed the connection.
func ofClose(err error) error {
	if closed := (websocket.CloseError{}); errors.As(err, &closed) {
		return &CloseError{CloseCode(closed.Code), closed.Reason}
	}
	return err
}

// speak handles events and sends what is due, until the connection or ctx ends.
func (c *Client) speak(ctx context.Context, conn *websocket.Conn, frames <-chan frame, ended <-chan error) error {
	ping := time.NewTicker(c.options.PingEvery)
	defer ping.Stop()
	for {
		var due []command
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return err
		case f := <-frames:
			c.take(f)
		case <-c.wake:
		case <-ping.C:
			due = append(due, command{Cmd: "ping"})
		}
		for _, command := range append(due, c.due()...) {
			if err := write(ctx, conn, command); err != nil {
				return cmp.Or(last(ended), err)
			}
		}
	}
}

// last returns why reading ended, if it has: the server's reason is more useful than a
// failed write.
func last(ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-time.After(time.Second):
		return nil
	}
}

func write(ctx context.Context, conn *websocket.Conn, command command) error {
	// An interrupted write would end the connection without a close frame.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeWait)
	defer cancel()
	return wsjson.Write(ctx, conn, command)
}

// due returns the commands to send now: for each room its join, and the first
// request of its outbox. Only one per room is in flight, because a refused one could
// otherwise be stored after a later one.
func (c *Client) due() (commands []command) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch == "" {
		return nil // no welcome yet
	}
	for _, name := range c.left {
		commands = append(commands, command{Cmd: "leave", Room: name})
	}
	c.left = nil
	for _, r := range c.rooms {
		if (!r.live || r.behind) && !r.asked && c.mayAskLocked(r) {
			r.asked, r.behind = true, false
			commands = append(commands, r.join())
		}
		if q := r.next(c.limits.TextBytes); q != nil && r.live {
			r.sent = true
			commands = append(commands, q.command)
		}
	}
	return commands
}

// take handles one event from the server.
func (c *Client) take(f frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[f.Room]
	switch f.Event {
	case "welcome":
		c.epoch, c.limits = f.Epoch, f.Limits
		c.emitLocked(Connected{f.User, f.Limits})
	case "error":
		c.refusedLocked(f)
	case "pong":
		for name, rev := range f.Revs {
			if r := c.rooms[name]; r != nil && r.live && !r.asked && rev > r.at.Rev {
				r.behind = true // an event was lost
			}
		}
	case "ack", "versions", "thread":
		if r != nil {
			r.answer(f)
		}
	case "room", "changes", "message":
		if r != nil {
			c.applyLocked(r, f)
		}
	case "presence", "typing":
		if r != nil && !r.behind && !c.fullLocked(r) {
			c.emitLocked(passing(f))
		}
	}
}

// passing returns the event for a frame that may be lost without harm: the next page
// repeats who is present.
func passing(f frame) Event {
	if f.Event == "typing" {
		return Typing{f.Room, f.From}
	}
	return Presence{f.Room, f.Members, f.Joined, f.Left, f.Online}
}
