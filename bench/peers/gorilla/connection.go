package main

import (
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// All but maxMessageSize are the example's.
const (
	// writeWait is how long a write may take.
	writeWait = 10 * time.Second
	// pongWait is how long a silent connection counts as alive.
	pongWait = 60 * time.Second
	// pingPeriod is shorter than pongWait, so that a pong comes in time.
	pingPeriod = pongWait * 9 / 10
	// maxMessageSize is more than anybody writes; the example's 512 is not.
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

// serve opens a connection, which lives in two goroutines of its own, so that
// nothing of the request is kept.
func (h *hub) serve(w http.ResponseWriter, r *http.Request) {
	room := r.FormValue("room")
	if room == "" {
		room = "lobby"
	}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	c := &connection{ws: ws, name: r.PathValue("name"), room: room, send: make(chan []byte, queueLength)}
	h.register <- c
	go c.write()
	go c.read(h)
}

// read hands to the hub what the connection says.
func (c *connection) read(h *hub) {
	defer func() {
		h.unregister <- c
		_ = c.ws.Close() // the writer may have closed it
	}()
	c.ws.SetReadLimit(maxMessageSize)
	_ = c.alive("") // if it is closed, reading tells
	c.ws.SetPongHandler(c.alive)
	for {
		_, text, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		h.broadcast <- message{room: c.room, text: []byte(c.name + ": " + string(text))}
	}
}

// alive puts off the time at which the connection counts as dead.
func (c *connection) alive(string) error { return c.ws.SetReadDeadline(time.Now().Add(pongWait)) }

// write writes what the hub has sent, and pings.
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
				_ = c.ws.WriteMessage(websocket.CloseMessage, nil) // it is over anyway
				return
			}
			if c.writeGathered(text) != nil {
				return // reading tells
			}
		case <-ticker.C:
			_ = c.ws.SetWriteDeadline(time.Now().Add(writeWait)) // never fails
			if c.ws.WriteMessage(websocket.PingMessage, nil) != nil {
				return // reading tells
			}
		}
	}
}

// writeGathered writes a text and those that have gathered behind it. Each goes
// out by itself: gorilla flushes at the end of every message.
func (c *connection) writeGathered(text []byte) error {
	gathered := len(c.send)
	err := c.ws.WriteMessage(websocket.TextMessage, text)
	for ; gathered > 0 && err == nil; gathered-- {
		err = c.ws.WriteMessage(websocket.TextMessage, <-c.send)
	}
	return err
}
