package main

// hub holds the members of all rooms. Only run accesses the rooms.
type hub struct {
	rooms      map[string]map[*connection]bool
	register   chan *connection
	unregister chan *connection
	broadcast  chan message
}

// message is a text for everybody in a room.
type message struct {
	room string
	text []byte
}

func newHub() *hub {
	return &hub{
		rooms:      map[string]map[*connection]bool{},
		register:   make(chan *connection),
		unregister: make(chan *connection),
		broadcast:  make(chan message),
	}
}

func (h *hub) run() {
	for {
		select {
		case c := <-h.register:
			if h.rooms[c.room] == nil {
				h.rooms[c.room] = map[*connection]bool{}
			}
			h.rooms[c.room][c] = true
			c.send <- []byte(c.name + " connected to chat") // the first message, so there is space
		case c := <-h.unregister:
			if h.rooms[c.room][c] {
				h.drop(c)
			}
		case m := <-h.broadcast:
			for c := range h.rooms[m.room] {
				select {
				case c.send <- m.text:
				default: // too far behind
					h.drop(c)
				}
			}
		}
	}
}

// drop removes a member: its writer closes the connection after writing what is in the
// channel. Only the hub sends on the channel, so it may close it.
func (h *hub) drop(c *connection) {
	close(c.send)
	delete(h.rooms[c.room], c)
	if len(h.rooms[c.room]) == 0 {
		delete(h.rooms, c.room)
	}
}
