package main

import (
	"sync"

	"github.com/gofiber/contrib/websocket"
)

// chat holds the members of all rooms.
type chat struct {
	mu    sync.Mutex
	rooms map[string]map[*websocket.Conn]bool
}

// serve runs one connection.
func (c *chat) serve(conn *websocket.Conn) {
	name, room := conn.Params("name"), conn.Query("room", "lobby")
	c.enter(conn, name, room)
	defer c.leave(conn, room)
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			return
		}
		c.say(room, []byte(name+": "+string(text)))
	}
}

func (c *chat) enter(conn *websocket.Conn, name, room string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rooms[room] == nil {
		c.rooms[room] = map[*websocket.Conn]bool{}
	}
	c.rooms[room][conn] = true
	// A connection that cannot be written to is broken, and the next read fails.
	_ = conn.WriteMessage(websocket.TextMessage, []byte(name+" connected to chat"))
}

// leave runs before the handler returns, because the connection is reused afterwards.
func (c *chat) leave(conn *websocket.Conn, room string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.rooms[room], conn)
	if len(c.rooms[room]) == 0 {
		delete(c.rooms, room)
	}
}

// say writes to everybody in a room, one after the other.
func (c *chat) say(room string, text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.rooms[room] {
		if err := conn.WriteMessage(websocket.TextMessage, text); err != nil {
			_ = conn.Close() // its read fails now, and it leaves
			delete(c.rooms[room], conn)
		}
	}
}
