package main

import (
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// All but maxMessageSize are the example's.
const (
	// writeWait is the time limit of a write.
	writeWait = 10 * time.Second
	// pongWait is how long a silent connection counts as alive.
	pongWait = 60 * time.Second
	// pingPeriod is shorter than pongWait, so that a pong arrives in time.
	pingPeriod = pongWait * 9 / 10
	// maxMessageSize is larger than any message; the example's 512 is not.
	maxMessageSize = 64 << 10
	// queueLength is how many messages a connection may be behind.
	queueLength = 256
)

var upgrader = websocket.Upgrader{
	ReadBufferSize:  1024,
	WriteBufferSize: 1024,
	CheckOrigin:     func(*http.Request) bool { return true }, // it has no secrets
}

// connection is one open WebSocket.
type connection struct {
	ws   *websocket.Conn
	name string
	room string
	send chan []byte
}

// serve opens a connection and starts its two goroutines, so that it keeps nothing of
// the request.
func (h *hub) serve(w http.ResponseWriter, r *http.Request) {
	room := r.FormValue("room")
	if room == "" {
		room = "lobby"
	}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has responded
	}
	c := &connection{ws: ws, name: r.PathValue("name"), room: room, send: make(chan []byte, queueLength)}
	h.register <- c
	go c.write()
	go c.read(h)
}

// read passes the connection's messages to the hub.
func (c *connection) read(h *hub) {
	defer func() {
		h.unregister <- c
		_ = c.ws.Close() // the writer may have closed it
	}()
	c.ws.SetReadLimit(maxMessageSize)
	_ = c.alive("") // if it is closed, the next read fails
	c.ws.SetPongHandler(c.alive)
	for {
		_, text, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		h.broadcast <- message{room: c.room, text: []byte(c.name + ": " + string(text))}
	}
}

// alive extends the time after which the connection counts as dead.
func (c *connection) alive(string) error { return c.ws.SetReadDeadline(time.Now().Add(pongWait)) }

// write writes the hub's messages, and pings.
func (c *connection) write() {
	ticker := time.NewTicker(pingPeriod)
	defer func() {
		ticker.Stop()
		_ = c.ws.Close() // the reader may have closed it
	}()
	for {
		select {
		case text, open := <-c.send:
			_ = c.ws.SetWriteDeadline(time.Now().Add(writeWait)) // never fails
			if !open {
				_ = c.ws.WriteMessage(websocket.CloseMessage, nil) // the connection ends anyway
				return
			}
			if c.writeGathered(text) != nil {
				return // the next read fails
			}
		case <-ticker.C:
			_ = c.ws.SetWriteDeadline(time.Now().Add(writeWait)) // never fails
			if c.ws.WriteMessage(websocket.PingMessage, nil) != nil {
				return // the next read fails
			}
		}
	}
}

// writeGathered writes a text and those queued behind it. Each is flushed separately,
// because gorilla flushes at the end of every message.
func (c *connection) writeGathered(text []byte) error {
	gathered := len(c.send)
	err := c.ws.WriteMessage(websocket.TextMessage, text)
	for ; gathered > 0 && err == nil; gathered-- {
		err = c.ws.WriteMessage(websocket.TextMessage, <-c.send)
	}
	return err
}
